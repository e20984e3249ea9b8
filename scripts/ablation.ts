/**
 * What each loss buys: trains a recipe from the same checkpoint with losses left out, measures every result, prints a table.
 *
 *   node scripts/ablation.ts --recipe models/ink/training.json --from PAIRED --photos PHOTOS --pages PAGES --steps 300
 *       --held-out PHOTOS --sk5 PHOTOS --manga PAGES --features tiny-darknet.onnx --out FOLDER [--only VARIANT]...
 *
 * PAIRED: a checkpoint of `motion-manga train --photos`. HELD-OUT and MANGA are measured with and not trained on. A variant that
 * was trained or measured before, in the same folder, is left as it is.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Evaluation } from '../lib/metrics/evaluate.ts';

const LOSSES = ['adversarial', 'content', 'style', 'temporal'] as const;
type Loss = (typeof LOSSES)[number];

/** Which losses count, beside those of the paired drawing. */
const VARIANTS: Readonly<Record<string, { readonly losses: readonly Loss[]; readonly logits?: 'patches' }>> = {
  'paired only': { losses: [] },
  '+ temporal': { losses: ['temporal'] },
  '+ temporal + adversarial': { losses: ['temporal', 'adversarial'] },
  'all four': { losses: LOSSES },
  'all, verdict on patches': { losses: LOSSES, logits: 'patches' },
  'without adversarial': { losses: LOSSES.filter((loss) => loss !== 'adversarial') },
  'without content': { losses: LOSSES.filter((loss) => loss !== 'content') },
  'without style': { losses: LOSSES.filter((loss) => loss !== 'style') },
  'without temporal': { losses: LOSSES.filter((loss) => loss !== 'temporal') },
};

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    recipe: text,
    from: text,
    photos: text,
    pages: text,
    steps: { ...text, default: '300' },
    'held-out': text,
    sk5: text,
    manga: text,
    features: text,
    out: text,
    only: { ...text, multiple: true },
  },
});
const wanted = ['recipe', 'from', 'photos', 'pages', 'held-out', 'sk5', 'manga', 'features', 'out'] as const;
const missing = wanted.filter((name) => values[name] === undefined);
if (missing.length > 0) {
  console.error(`Missing: --${missing.join(', --')}. See the top of scripts/ablation.ts.`);
  process.exit(2);
}
const given = values as Record<(typeof wanted)[number], string> & { steps: string; only?: string[] };
const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url));

/** @returns what it wrote to stdout @throws Error when the command fails */
function command(...args: string[]): string {
  const { status, stdout } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`motion-manga ${args[0]} ended with ${status}.`);
  return stdout;
}

interface FlowNode {
  readonly type: string;
  weight?: string;
  logits?: string;
}

function train(name: string, folder: string): void {
  const { losses, logits } = VARIANTS[name]!;
  const flow = JSON.parse(readFileSync(given.recipe, 'utf8')) as FlowNode[];
  for (const loss of LOSSES) {
    const node = flow.find(({ type }) => type === `manga-loss-${loss}`);
    if (node && !losses.includes(loss)) node.weight = '0';
  }
  const judge = flow.find(({ type }) => type === 'manga-discriminator');
  if (judge && logits) judge.logits = logits;
  const file = `${folder}.flow.json`;
  writeFileSync(file, JSON.stringify(flow));
  const { from, photos, pages, steps } = given;
  command('train', file, '--from', from, '--photos', photos, '--pages', pages, '--steps', steps, '--out', folder);
  writeFileSync(join(folder, 'trained'), '');
}

/** @param results path of its figures, without an ending */
function measure(checkpoint: string, results: string): Record<'still' | 'near', Evaluation> {
  const file = `${results}.measured.json`;
  if (!existsSync(file)) {
    const common = ['--model', checkpoint, '--features', given.features, '--seeds', '0', '--json'];
    const still = JSON.parse(command('evaluate', '--photos', given.sk5, '--camera', ...common));
    const near = JSON.parse(
      command('evaluate', '--photos', given['held-out'], '--pages', given.manga, '--frames', '2', ...common),
    );
    writeFileSync(file, JSON.stringify({ still, near }));
  }
  return JSON.parse(readFileSync(file, 'utf8'));
}

const digits = (value: number | null | undefined, count: number) => value?.toFixed(count) ?? 'none';

mkdirSync(given.out, { recursive: true });
console.log('| | set distance | KID | content distance | E_warp(1) | RMSE(1) | RMSE(10) | nE | contrast |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
const rows = { 'where it starts': given.from, ...Object.fromEntries(Object.keys(VARIANTS).map((name) => [name, ''])) };
for (const [name, checkpoint] of Object.entries(rows)) {
  if (given.only && !given.only.includes(name)) continue;
  const folder = join(given.out, name.replace(/\W+/g, '-'));
  if (!checkpoint && !existsSync(join(folder, 'trained'))) train(name, folder);
  const { still, near } = measure(checkpoint || folder, folder);
  const { temporal } = still.subjects[0]!;
  const { setDistance, contentDistance, kernelDistance } = near.subjects[0]!;
  const cells = [
    digits(setDistance, 3),
    digits(kernelDistance?.mean, 3),
    digits(contentDistance, 4),
    digits(temporal?.eWarp1, 5),
    digits(temporal?.rmse1, 4),
    digits(temporal?.rmse10, 4),
    digits(temporal?.nE, 4),
    digits(temporal?.contrast, 3),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}
