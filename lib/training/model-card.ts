import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../checkpoint/write-file.ts';

export const CARD_FILE = 'README.md';

/** What training tells of a checkpoint, for whoever draws with it. */
export interface ModelCard {
  readonly name: string;
  /** Of the data; '': nobody stated it. */
  readonly licence: string;
  /** What was done, as rows of a table. */
  readonly rows: readonly (readonly [what: string, value: string])[];
}

const OURS = '<!-- Written with each checkpoint. Remove this line to keep what you change. -->';

/** Writes the card beside a checkpoint, unless a person's text is there. @throws MangaError IO */
export async function writeModelCard(folder: string, card: ModelCard): Promise<void> {
  const path = join(folder, CARD_FILE);
  const before = await readFile(path, 'utf8').catch(() => null);
  if (before !== null && !before.startsWith(OURS)) return;
  await writeFileAtomically(path, Buffer.from(cardText(card)));
}

function cardText({ name, licence, rows }: ModelCard): string {
  const cell = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').trim();
  const table = [...rows, ['licence of the data', licence || 'not stated'] as const];
  return `${OURS}
# ${name}

A generator of Motion Manga: \`motion-manga stylize --model FOLDER photo.jpg\`, or the folder as model of a manga-session.

| | |
| --- | --- |
${table.map(([what, value]) => `| ${cell(what)} | ${cell(value)} |`).join('\n')}
${licence ? '' : '\nNobody has stated what the data may be used for. Do so before this model is passed on: **licence** in the trainer, or `--licence`.\n'}`;
}
