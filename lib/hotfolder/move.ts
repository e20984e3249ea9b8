/** Moving files so that nothing is overwritten and nothing is lost, whatever moment the power fails. */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, lstat, mkdir, open, readlink, realpath, rename, symlink, unlink, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isInside } from './folders.ts';
import { errnoOf, isGone } from './io-error.ts';
import { numberedName } from './names.ts';

/** Writes file or folder contents through to the disk. Not every file system can for folders. */
async function sync(path: string, flags: 'r' | 'r+'): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP', 'EISDIR'].includes(errnoOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== 'win32') await sync(folder, 'r');
}

/** Copies, keeps the times, and returns when the copy is on the disk. A link is copied as a link. */
async function copyThrough(from: string, to: string): Promise<void> {
  await unlink(to).catch(() => undefined);
  const stats = await lstat(from);
  if (stats.isSymbolicLink()) return symlink(await readlink(from), to);
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await utimes(to, stats.atime, stats.mtime);
  await sync(to, 'r+');
}

/** Always the same for a target: what a crash left is replaced at the next try, not joined by another. */
function temporaryName(target: string): string {
  const name = createHash('sha256').update(basename(target)).digest('hex').slice(0, 16);
  return join(dirname(target), `.motion-manga-${name}.part`);
}

/**
 * Copies by way of a temporary name: `to` is never seen half written. `to` is replaced.
 * @param prepare called with the temporary path when the copy is complete, before it gets its name
 */
export async function copyFileAtomically(
  from: string,
  to: string,
  prepare?: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = temporaryName(to);
  try {
    await copyThrough(from, temporary);
    await prepare?.(temporary);
    await rename(temporary, to);
    await syncFolder(dirname(to));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Renames; across devices copies, syncs and unlinks. `to` is replaced. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    await copyFileAtomically(from, to);
    await unlink(from);
  }
}

/** Writes a small file: temporary name, sync, rename. Replaces an older one. */
export async function writeAtomically(path: string, text: string | Uint8Array): Promise<void> {
  const temporary = temporaryName(path);
  try {
    // Never written through: it may be a link somebody put there.
    await unlink(temporary).catch(() => undefined);
    const handle = await open(temporary, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/**
 * The subfolder of `folder` for `relativePath`, made. One that is a link out of `folder` is not followed: then `folder`.
 */
async function subfolder(folder: string, relativePath: string): Promise<string> {
  const target = join(folder, dirname(relativePath));
  await mkdir(target, { recursive: true });
  return isInside(await realpath(target), await realpath(folder)) ? target : folder;
}

/** Creates an empty file. O_EXCL is the one way that works on all file systems, also on those that ignore case. */
async function create(path: string): Promise<boolean> {
  try {
    await (await open(path, 'wx')).close();
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

export interface Reservation {
  readonly folder: string;
  readonly relativePath: string;
  /** Bytes of the name to keep free for an ending. */
  readonly reserve?: number;
  /** The path that `intend` was told in an earlier try, which a crash or an error ended. */
  readonly intended?: string;
  /** Told of the path before anything is there. */
  intend(path: string): Promise<void>;
}

/**
 * Reserves a free name in a folder by an empty file, which the caller replaces. Because the name is told before the file
 * is made, one that a crash left behind is found again and used. Subfolders are made.
 * @returns the absolute path
 */
export async function reserveName({ folder, relativePath, reserve, intended, intend }: Reservation): Promise<string> {
  if (intended !== undefined) {
    await mkdir(dirname(intended), { recursive: true });
    const stats = await lstat(intended).catch(() => undefined);
    if (stats ? stats.isFile() && stats.size === 0 : await create(intended)) return intended;
  }
  const target = await subfolder(folder, relativePath);
  for (let n = 1; ; n++) {
    const path = join(target, numberedName(basename(relativePath), n, reserve));
    if (await exists(path)) continue;
    await intend(path);
    if (await create(path)) return path;
  }
}

/**
 * Moves a file to a free name in `folder`. Either it is there afterwards, or it is where it was and the error is thrown.
 */
export async function moveInto(from: string, folder: string, relativePath: string): Promise<string> {
  const target = await reserveName({ folder, relativePath, intend: async () => {} });
  try {
    await moveFile(from, target);
    return target;
  } catch (error) {
    if (await exists(from)) await unlink(target).catch(() => undefined);
    throw error;
  }
}

/** Whether there is something at `path`, be it a dangling link. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}
