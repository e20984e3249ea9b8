/** Puts files into a folder as cameras, cables and people do. */
import { open, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../lib/random.ts';
import type { Drop } from './plan.ts';

export interface Places {
  readonly inbox: string;
  /** On the same disk, not watched. */
  readonly staging: string;
}

/** A writer never rests longer than this, far less than the folder waits. */
const LONGEST_REST_MS = 200;

async function slowly(path: string, bytes: Buffer, random: Random): Promise<void> {
  await using file = await open(path, 'w');
  const pieces = 3 + random.int(6);
  for (let piece = 0; piece < pieces; piece++) {
    const [from, to] = [piece, piece + 1].map((n) => Math.round((n * bytes.length) / pieces));
    await file.write(bytes.subarray(from, to));
    await sleep(random.int(LONGEST_REST_MS));
  }
}

async function whole(drop: Drop, { inbox, staging }: Places, time?: Date): Promise<string> {
  const beside = join(staging, drop.token);
  const path = join(inbox, drop.name);
  await writeFile(beside, drop.bytes);
  if (time) await utimes(beside, time, time);
  await rename(beside, path);
  return path;
}

/** Whether the file was still where it was dropped: the hot folder may have taken it meanwhile, which is fine. */
async function unlessTaken(work: Promise<unknown>): Promise<void> {
  await work.catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** @throws file system errors: the file is then not in the folder, or will be reported */
export async function put(drop: Drop, places: Places, random: Random, settleMs: number): Promise<void> {
  const path = join(places.inbox, drop.name);
  switch (drop.manner) {
    case 'slow':
      return slowly(path, drop.bytes, random);
    case 'renamed': {
      const first = join(places.inbox, `${drop.token}-before.jpg`);
      await writeFile(first, drop.bytes);
      await sleep(random.int(1.5 * settleMs));
      return unlessTaken(rename(first, path));
    }
    case 'touched': {
      await whole(drop, places);
      await sleep(random.int(1.5 * settleMs));
      return unlessTaken(utimes(path, new Date(), new Date()));
    }
    case 'from-the-past':
      await whole(drop, places, new Date(random.int(2) ? 0 : '1999-12-31'));
      return;
    case 'from-the-future':
      await whole(drop, places, new Date(random.int(2) ? '2038-01-19T03:14:08Z' : Date.now() + 3_600_000));
      return;
    default:
      await whole(drop, places);
  }
}
