import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors, writeSafetensors } from '../../checkpoint/safetensors.ts';
import { writeFileAtomically } from '../../checkpoint/write-file.ts';
import type { TensorData } from '../../engines/engine.ts';
import { MangaError } from '../../errors/manga-error.ts';

/** Everything a run needs to go on as if never stopped. */
export interface RunState {
  readonly tensors: ReadonlyMap<string, TensorData>;
  /** Plain JSON: step, steps and seconds of the run, generators of random numbers, optimisers' counts. */
  readonly progress: Readonly<Record<string, unknown>>;
}

/** In a run's folder: the states to go on from, and strips of pictures. */
export const CHECKPOINTS = 'checkpoints';
export const SAMPLES = 'samples';

const NAME = /^step-(\d{8})\.safetensors$/;
const HALF_WRITTEN = /^step-\d{8}\.safetensors\.[0-9a-f]+\.tmp$/;

function fileOf(out: string, step: number): string {
  return join(out, CHECKPOINTS, `step-${String(step).padStart(8, '0')}.safetensors`);
}

/** The strip of pictures of a step. */
export function samplePath(out: string, step: number): string {
  return join(out, SAMPLES, `step-${String(step).padStart(8, '0')}.png`);
}

/** Steps whose state lies in the run's folder, oldest first. */
export async function savedSteps(out: string): Promise<number[]> {
  const names = await readdir(join(out, CHECKPOINTS)).catch(() => []);
  return names
    .flatMap((name) => NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Writes the state atomically into `out/checkpoints/`, then removes all but the newest `keep`, states of later steps (a
 * roll-back gave them up: the next resume would take them for the newest), and what a killed process left half written.
 * @throws MangaError IO
 */
export async function saveRun(out: string, step: number, state: RunState, keep: number): Promise<string> {
  const path = fileOf(out, step);
  await writeFileAtomically(path, writeSafetensors(state.tensors, { progress: JSON.stringify(state.progress) }));
  const steps = await savedSteps(out);
  const kept = new Set(steps.filter((saved) => saved <= step).slice(-keep));
  for (const old of steps) if (!kept.has(old)) await rm(fileOf(out, old), { force: true });
  for (const name of await readdir(join(out, CHECKPOINTS))) {
    if (HALF_WRITTEN.test(name)) await rm(join(out, CHECKPOINTS, name), { force: true });
  }
  return path;
}

/**
 * @param step default: the newest
 * @throws MangaError MODEL_MISSING when there is none, BAD_INPUT when it is damaged
 */
export async function loadRun(out: string, step?: number): Promise<RunState> {
  const at = step ?? (await savedSteps(out)).at(-1);
  if (at === undefined) {
    throw new MangaError(
      'MODEL_MISSING',
      `There is nothing to resume in ${join(out, CHECKPOINTS)}.`,
      'Give the folder that an earlier run wrote to, or start without resume.',
    );
  }
  const { tensors, metadata } = readSafetensors(await readFile(fileOf(out, at)));
  return { tensors, progress: JSON.parse(metadata.progress ?? '{}') };
}

/** The entries whose names start with `prefix`, without it. */
export function within(tensors: ReadonlyMap<string, TensorData>, prefix: string): Map<string, TensorData> {
  return new Map(
    [...tensors].flatMap(([name, data]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), data] as const] : [],
    ),
  );
}

/** The entries with `prefix` before their names. */
export function under(prefix: string, tensors: ReadonlyMap<string, TensorData>): Map<string, TensorData> {
  return new Map([...tensors].map(([name, data]) => [prefix + name, data]));
}
