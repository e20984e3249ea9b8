/** What becomes of a claimed file when its job is over. Each function may be called again after it threw. */
import { unlink } from 'node:fs/promises';
import { relative } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import type { Claim } from './claims.ts';
import type { Folders } from './folders.ts';
import { ioError, show } from './io-error.ts';
import type { LeftFiles } from './left-files.ts';
import { copyFileAtomically, exists, moveInto, reserveName, writeAtomically } from './move.ts';
import type { Settings } from './options.ts';
import { REPORT_ENDING, reportText } from './report.ts';
import { stampOf } from './stamp.ts';
import type { FailureReport } from './types.ts';

export interface EndingPlaces {
  readonly folders: Folders;
  readonly left: LeftFiles;
}

/** Notes a file of the inbox before it gets its name there: once it has, an event may come for it at any moment. */
async function note(path: string, target: string, { folders, left }: EndingPlaces): Promise<void> {
  const stamp = await stampOf(path);
  if (stamp) await left.add(relative(folders.inbox, target), stamp);
}

async function putBack(claim: Claim, places: EndingPlaces): Promise<void> {
  await moveInto(claim.path, places.folders.inbox, claim.relativePath, (target) => note(claim.path, target, places));
}

/** Moves the original to done and a copy back, in this order: should copying fail, the original is safe and filed. */
async function copyToDone(claim: Claim, places: EndingPlaces): Promise<MangaError | undefined> {
  const { folders } = places;
  const filed = await moveInto(claim.path, folders.done, claim.relativePath);
  let target: string | undefined;
  try {
    target = await reserveName(folders.inbox, claim.relativePath);
    const name = target;
    await copyFileAtomically(filed, name, (temporary) => note(temporary, name, places));
    return undefined;
  } catch (error) {
    if (target) await unlink(target).catch(() => undefined);
    return ioError('put a copy back to', claim.sourcePath, error);
  }
}

/** @returns the outputs that do not exist */
async function missing(outputs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(outputs.map(exists));
  return outputs.filter((_, index) => !found[index]);
}

/**
 * Disposes of the original of a job that succeeded.
 * @returns something to tell the user although all is well in the end
 */
export async function endDone(
  claim: Claim,
  outputs: readonly string[],
  action: Settings['doneAction'],
  places: EndingPlaces,
): Promise<MangaError | undefined> {
  const { folders } = places;
  if (!(await exists(claim.path))) {
    if (action === 'delete') return undefined;
    return new MangaError(
      'IO',
      `The original of ${show(claim.relativePath)} vanished while it was worked on.`,
      `Nothing but the hot folder should touch ${show(folders.work)}.`,
    );
  }
  if (action === 'leave') await putBack(claim, places);
  if (action === 'copy') return copyToDone(claim, places);
  if (action === 'move') await moveInto(claim.path, folders.done, claim.relativePath);
  if (action === 'delete') {
    const lost = await missing(outputs);
    if (outputs.length > 0 && lost.length === 0) {
      await unlink(claim.path);
      return undefined;
    }
    await moveInto(claim.path, folders.done, claim.relativePath);
    const what = lost.length ? `its output ${show(lost[0]!)} does not exist` : 'no output was named';
    return new MangaError(
      'IO',
      `${show(claim.relativePath)} was not deleted but moved to ${show(folders.done)}: ${what}.`,
      'Complete the job with the paths of the clips written.',
    );
  }
  return undefined;
}

/**
 * Moves the original of a job that failed, its report beside it.
 * @returns where the file is now; undefined if it had vanished (the report is there all the same)
 */
export async function endFailed(claim: Claim, report: FailureReport, folders: Folders): Promise<string | undefined> {
  const writeReport = (target: string) => writeAtomically(target + REPORT_ENDING, reportText(report));
  if (await exists(claim.path))
    return moveInto(claim.path, folders.failed, claim.relativePath, writeReport, REPORT_ENDING.length);
  const target = await reserveName(folders.failed, claim.relativePath, REPORT_ENDING.length);
  await writeReport(target);
  await unlink(target);
  return undefined;
}
