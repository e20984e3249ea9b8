import { copyFile, mkdir, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { WEIGHTS_FILE } from '../../checkpoint/checkpoint.ts';
import { MangaError } from '../../errors/manga-error.ts';
import { ioError, isErrno } from '../../media/io-error.ts';
import type { TrainerSettings } from '../../plan/types.ts';
import { CARD_FILE } from '../model-card.ts';
import { CHECKPOINTS, loadRun, SAMPLES, savedSteps } from './run-folder.ts';

/** What a run leaves in its folder. */
const MADE = [
  [CHECKPOINTS, rename],
  [SAMPLES, rename],
  [WEIGHTS_FILE, copyFile],
  [CARD_FILE, copyFile],
] as const;

/** What decides whether a run may begin in its folder. */
export type Beginning = Pick<TrainerSettings, 'out' | 'resume' | 'anew'>;

/**
 * A run begins in a folder that holds no unfinished one, goes on there, or is told to begin anew.
 * @throws MangaError BAD_SETTING
 */
export async function checkBeginning({ out, resume, anew }: Beginning): Promise<void> {
  if (anew || goesOn(out, resume)) return;
  const newest = (await savedSteps(out)).at(-1);
  if (newest === undefined) return;
  const steps = await stepsOf(out, newest);
  if (newest >= steps) return;
  throw new MangaError(
    'BAD_SETTING',
    `${out} holds a run that is not finished: step ${newest}${Number.isFinite(steps) ? ` of ${steps}` : ''}.`,
    "Go on with it ('resume', or --resume DIR), choose another folder, or set 'start anew' (--anew), which moves it aside first.",
  );
}

/**
 * Moves an earlier run's states and samples out of the folder that the run begins in, and copies the checkpoint: sessions
 * draw with it until the first new one is there. Nothing is moved for a run that goes on in its own folder.
 * @returns the folder they are in now, `out-1` or the first number that is free; null: there was none
 * @throws MangaError IO
 */
export async function setAside({ out, resume }: Beginning): Promise<string | null> {
  if (goesOn(out, resume)) return null;
  if ((await savedSteps(out)).length === 0 && !(await exists(join(out, WEIGHTS_FILE)))) return null;
  try {
    const aside = await newFolder(out);
    for (const [name, move] of MADE) {
      if (await exists(join(out, name))) await move(join(out, name), join(aside, name));
    }
    return aside;
  } catch (error) {
    throw ioError('Cannot move the earlier run aside from', out, error);
  }
}

const goesOn = (out: string, resume: string | undefined): boolean =>
  resume !== undefined && resolve(resume) === resolve(out);

/** The length of the run that wrote a state; Infinity where it cannot be told. */
async function stepsOf(out: string, step: number): Promise<number> {
  const state = await loadRun(out, step).catch(() => null);
  return Number(state?.progress.steps ?? Infinity);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function newFolder(out: string): Promise<string> {
  for (let number = 1; ; number++) {
    const folder = `${resolve(out)}-${number}`;
    try {
      await mkdir(folder);
      return folder;
    } catch (error) {
      if (!(isErrno(error) && error.code === 'EEXIST')) throw error;
    }
  }
}
