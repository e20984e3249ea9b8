/** What is refused before anything opens the file. */
import { realpath } from 'node:fs/promises';
import { MangaError } from '../errors/manga-error.ts';
import type { Candidate, Claim } from './claims.ts';
import { type Folders, isInside } from './folders.ts';
import { isGone, show } from './io-error.ts';

/**
 * Why a candidate, still in the inbox, is refused by what it is. Links are refused wherever they lead: out of the inbox
 * for safety, into it because the file itself is taken anyway. They are never opened.
 */
export async function refusalOf(candidate: Candidate, folders: Folders): Promise<MangaError | undefined> {
  const { relativePath, stamp, path } = candidate;
  const name = show(relativePath);
  if (stamp.isFile) {
    if (stamp.size > 0) return undefined;
    return new MangaError('BAD_INPUT', `${name} is empty (0 bytes).`, 'Copy the picture again.');
  }
  let target: string;
  try {
    target = await realpath(path);
  } catch (error) {
    const leads = isGone(error) ? 'leads nowhere' : 'cannot be resolved';
    return new MangaError('BAD_INPUT', `${name} is a link that ${leads}.`, 'Drop the picture itself.');
  }
  if (target === path)
    return new MangaError('BAD_INPUT', `${name} is not a file but a device or pipe.`, 'Drop a picture.');
  if (isInside(target, folders.inbox))
    return new MangaError(
      'BAD_INPUT',
      `${name} is a link to another file in the inbox.`,
      'Drop a copy to have it drawn twice.',
    );
  return new MangaError(
    'BAD_INPUT',
    `${name} is a link that leads out of the inbox.`,
    'Links are not followed: drop the picture itself.',
  );
}

/** Whether a claim has been handed out too often in vain. */
export function wearinessOf(claim: Claim, maxAttempts: number): MangaError | undefined {
  if (claim.attempt <= maxAttempts) return undefined;
  return new MangaError(
    'INTERNAL',
    `The program stopped ${claim.attempt - 1} times while ${show(claim.relativePath)} was worked on.`,
    'The file may be what stops it: look at the log, try it on the command line, or drop it again.',
  );
}
