/**
 * What becomes of a claimed file when its job is over. Each function may be called again after it threw or the program was
 * killed in its midst: it then goes on where it stopped.
 */
import { unlink } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import type { JobRecord, Ledger } from '../ledger/types.ts';
import type { Claim } from './claims.ts';
import type { Folders } from './folders.ts';
import { ioError, show } from './io-error.ts';
import { copyFileAtomically, exists, moveFile, type Reservation, reserveName, writeAtomically } from './move.ts';
import type { Settings } from './options.ts';
import { READABLE_ENDING, REPORT_ENDING, readableText, reportText } from './report.ts';
import { stampOf } from './stamp.ts';
import type { FailureReport } from './types.ts';

export interface EndingPlaces {
  readonly folders: Folders;
  readonly ledger: Ledger;
  /** For the original in the done folder; its `intend` commits the job's record. */
  readonly reservation: Reservation;
}

/** The record of an original that stays in the inbox. It is on the disk before the file has its name there: once it has, an event may come for it at any moment. */
async function leftIn(inbox: string, path: string, target: string): Promise<JobRecord['left']> {
  const stamp = await stampOf(path);
  return stamp && [relative(inbox, target), stamp.size, stamp.mtimeMs, stamp.ino];
}

/** Reserves a name in the inbox that `finish` takes. */
async function backTo(
  inbox: string,
  claim: Claim,
  intend: (path: string) => Promise<void>,
  intended?: string,
): Promise<string> {
  return reserveName({ folder: inbox, relativePath: claim.relativePath, intended, intend });
}

async function putBack(claim: Claim, record: JobRecord, { folders, ledger }: EndingPlaces): Promise<void> {
  const { inbox } = folders;
  const known = ledger.get(claim.id);
  const intended = known?.state === record.state && known.left ? join(inbox, known.left[0]) : undefined;
  const intend = async (path: string) => ledger.commit({ ...record, left: await leftIn(inbox, claim.path, path) });
  await moveFile(claim.path, await backTo(inbox, claim, intend, intended));
}

/** Moves the original to done and a copy back, in this order: should copying fail, the original is safe and filed. */
async function copyToDone(claim: Claim, record: JobRecord, places: EndingPlaces): Promise<MangaError | undefined> {
  const { folders, ledger } = places;
  const filed = await moveToDone(claim, places);
  let target: string | undefined;
  try {
    target = await backTo(folders.inbox, claim, async () => {});
    const name = target;
    await copyFileAtomically(filed, name, async (temporary) => {
      const left = await leftIn(folders.inbox, temporary, name);
      await ledger.commit({ ...record, filed: relative(folders.done, filed), left });
    });
    return undefined;
  } catch (error) {
    if (target) await unlink(target).catch(() => undefined);
    return ioError('put a copy back to', claim.sourcePath, error);
  }
}

async function moveToDone(claim: Claim, { reservation }: EndingPlaces): Promise<string> {
  const target = await reserveName(reservation);
  await moveFile(claim.path, target);
  return target;
}

/** @returns the outputs that do not exist */
async function missing(outputs: readonly string[]): Promise<string[]> {
  const found = await Promise.all(outputs.map(exists));
  return outputs.filter((_, index) => !found[index]);
}

/**
 * Commits the record of a job that succeeded, or needed no work, and disposes of its original.
 * @returns something to tell the user although all is well in the end
 */
export async function disposeDone(
  claim: Claim,
  record: JobRecord,
  action: Settings['doneAction'],
  places: EndingPlaces,
): Promise<MangaError | undefined> {
  const { folders, ledger } = places;
  if (!(await exists(claim.path))) {
    await ledger.commit({ ...record, filed: ledger.get(claim.id)?.filed });
    if (action === 'delete') return undefined;
    return new MangaError(
      'IO',
      `The original of ${show(claim.relativePath)} vanished while it was worked on.`,
      `Nothing but the hot folder should touch ${show(folders.work)}.`,
    );
  }
  if (action === 'leave') {
    await putBack(claim, record, places);
    return undefined;
  }
  if (action === 'copy') return copyToDone(claim, record, places);
  if (action === 'move') {
    await moveToDone(claim, places);
    return undefined;
  }
  const { outputs = [] } = record;
  const lost = await missing(outputs);
  if (outputs.length > 0 && lost.length === 0) {
    await ledger.commit(record);
    await unlink(claim.path);
    return undefined;
  }
  await moveToDone(claim, places);
  const what = lost.length ? `its output ${show(lost[0]!)} does not exist` : 'no output was named';
  return new MangaError(
    'IO',
    `${show(claim.relativePath)} was not deleted but moved to ${show(folders.done)}: ${what}.`,
    'Complete the job with the paths of the clips written.',
  );
}

/**
 * Commits the record of a job that failed (by the reservation) and moves its original, its reports beside it.
 * @returns where the file is now; undefined if it had vanished (the reports are there all the same)
 */
export async function disposeFailed(
  claim: Claim,
  report: FailureReport,
  reservation: Reservation,
): Promise<string | undefined> {
  const target = await reserveName({ ...reservation, reserve: REPORT_ENDING.length });
  await writeAtomically(target + READABLE_ENDING, readableText(report));
  await writeAtomically(target + REPORT_ENDING, reportText(report));
  if (await exists(claim.path)) {
    await moveFile(claim.path, target);
    return target;
  }
  await unlink(target);
  return undefined;
}
