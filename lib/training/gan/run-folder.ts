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

/** A state that was read. */
export interface LoadedRun extends RunState {
  /** Newer states that could not be read, for people; absent: there was none. */
  readonly passedOver?: string;
}

/**
 * @param step default: the newest that can be read
 * @throws MangaError MODEL_MISSING when there is none, BAD_INPUT when none can be read
 */
export async function loadRun(out: string, step?: number): Promise<LoadedRun> {
  const steps = step === undefined ? (await savedSteps(out)).reverse() : [step];
  const damaged: string[] = [];
  for (const at of steps) {
    try {
      const { tensors, metadata } = readSafetensors(await readFile(fileOf(out, at)));
      const state = { tensors, progress: JSON.parse(metadata.progress ?? '{}') as RunState['progress'] };
      if (damaged.length === 0) return state;
      return { ...state, passedOver: `${damaged.join(' ')} Training went on from step ${at}.` };
    } catch (error) {
      damaged.push(`The state of step ${at} cannot be read: ${(error as Error).message}`);
    }
  }
  if (damaged.length === 0) {
    throw new MangaError(
      'MODEL_MISSING',
      `There is nothing to resume in ${join(out, CHECKPOINTS)}.`,
      'Give the folder that an earlier run wrote to, or start without resume.',
    );
  }
  const hint = "Start another run from its checkpoint ('Begin with', --from), or anew.";
  throw new MangaError('BAD_INPUT', damaged.join(' '), hint);
}

/** Makes room on a full disk: removes all states but the newest. @returns whether there were others */
export async function dropOlder(out: string): Promise<boolean> {
  const older = (await savedSteps(out)).slice(0, -1);
  for (const step of older) await rm(fileOf(out, step), { force: true });
  return older.length > 0;
}

/**
 * Whether a state fits the networks that are to go on with it.
 * @param fresh the state of those networks before
 * @throws MangaError BAD_SETTING naming what does not fit
 */
export function checkFits(saved: RunState, fresh: RunState): void {
  const plays = [...saved.tensors.keys()].some((name) => name.startsWith('discriminator/'));
  for (const [name, { shape }] of fresh.tensors) {
    // A discriminator that the run had none of begins anew; moments that are missing are 0.
    if (name.includes('adam/') || (name.startsWith('discriminator/') && !plays)) continue;
    const found = saved.tensors.get(name)?.shape;
    if (found?.join() === shape.join()) continue;
    const was = found ? `is [${found}] there, but [${shape}]` : 'is not there, but';
    throw new MangaError(
      'BAD_SETTING',
      `The run that is to go on had other networks: ${name} ${was} by these settings.`,
      "Set channels and depth of the manga-discriminator, sizes and 'Begin with' as they were; or start another run.",
    );
  }
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
