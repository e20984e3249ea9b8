/** Where a job's photo is now, for those who want to see it larger than its thumbnail. */
import { lstat, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobRecord } from '../ledger/types.ts';
import { type Folders, isInside } from './folders.ts';

/**
 * The original as it was filed away: no link leads elsewhere, and one left in the inbox is still the same file.
 * @returns undefined while it waits or is worked on, and when it was deleted or moved by others
 */
export async function originalOf(record: JobRecord, folders: Folders): Promise<string | undefined> {
  const { state, filed, left } = record;
  const failed = state === 'failed' || state === 'cancelled';
  if (!failed && state !== 'done' && state !== 'skipped') return undefined;
  const folder = filed === undefined ? folders.inbox : failed ? folders.failed : folders.done;
  const name = filed ?? left?.[0];
  if (!name) return undefined;
  const path = join(folder, name);
  try {
    if (!isInside(path, folder) || (await realpath(path)) !== path) return undefined;
    const stats = await lstat(path);
    if (!stats.isFile()) return undefined;
    return filed !== undefined || (left?.[1] === stats.size && left[2] === stats.mtimeMs) ? path : undefined;
  } catch {
    return undefined;
  }
}
