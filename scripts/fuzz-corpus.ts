/**
 * Broken and hostile picture files, any number of them from a seed: damaged pictures of every kind that is decoded,
 * files made by hand to lie, files that are no pictures, and some that only look odd and must be decoded.
 *
 *     node scripts/fuzz-corpus.ts FOLDER [--count 1000] [--seed 1]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Random } from '../lib/random.ts';
import { CRAFTED } from './fuzz/crafted.ts';
import type { Crafted } from './fuzz/crafted-type.ts';
import { DAMAGES, DEADLY } from './fuzz/damage.ts';
import { type Sample, samples } from './fuzz/pictures.ts';
import { STRANGERS } from './fuzz/strangers.ts';

export interface FuzzFile {
  /** Unique in its corpus; ends as a picture does. */
  readonly name: string;
  readonly bytes: Buffer;
  /** True: must be decoded. False: must be refused. Undefined: either, but quickly and in good order. */
  readonly good: boolean | undefined;
}

/** Made by hand: every one is there before the rest of the corpus is filled with damaged pictures. */
const HAND_MADE: readonly Crafted[] = [...CRAFTED, ...STRANGERS];
const damages = Object.entries(DAMAGES).map(([name, damage]) => ({ name, damage, good: undefined }));
const deadly = Object.entries(DEADLY).map(([name, damage]) => ({ name, damage, good: false }));

function damaged(
  index: number,
  pictures: readonly Sample[],
  random: Random,
): Omit<FuzzFile, 'name'> & { label: string; extension: string } {
  const sample = pictures[index % pictures.length]!;
  const round = Math.floor(index / pictures.length);
  // The first round leaves each picture whole; then every kind of damage meets every picture.
  if (round === 0) return { label: sample.kind, extension: sample.extension, bytes: sample.bytes, good: true };
  const list = round % 12 === 11 ? deadly : damages;
  const { name, damage, good } = list[(index + round) % list.length]!;
  const bytes = damage(sample.bytes, random, random.pick(pictures).bytes);
  return { label: `${sample.kind}-${name}`, extension: sample.extension, bytes, good };
}

/** @param count at least 100, so that each kind is in it. Same seed and count, same files. */
export async function* fuzzCorpus(seed: number, count: number): AsyncGenerator<FuzzFile> {
  const pictures = await samples(seed);
  const sample = (kind: string): Sample => pictures.find((each) => each.kind === kind)!;
  for (let index = 0; index < count; index++) {
    const random = new Random(seed * 1_000_003 + index);
    const crafted = HAND_MADE[index];
    const { label, extension, bytes, good } = crafted
      ? { ...crafted, label: crafted.kind, bytes: crafted.make(random, sample), good: crafted.good }
      : damaged(index - HAND_MADE.length, pictures, random);
    yield { name: `fuzz-${seed}-${String(index).padStart(5, '0')}-${label}.${extension}`, bytes, good };
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { count: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  if (!folder) throw new Error('node scripts/fuzz-corpus.ts FOLDER [--count 1000] [--seed 1]');
  await mkdir(folder, { recursive: true });
  let files = 0;
  let bytes = 0;
  for await (const file of fuzzCorpus(Number(values.seed), Number(values.count))) {
    await writeFile(join(folder, file.name), file.bytes);
    files++;
    bytes += file.bytes.length;
  }
  console.log(`${files} files, ${(bytes / 1e6).toFixed(1)} MB, in ${resolve(folder)}`);
}

if (import.meta.main) await main();
