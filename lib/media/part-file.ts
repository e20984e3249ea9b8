/**
 * Outputs appear whole or not at all: they are written beside their target under `.<name>.<random>.part`, flushed to the
 * disk, then renamed.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { ioError, isErrno } from './io-error.ts';
import { printableName } from './printable.ts';

export interface Part {
  /** Where to write: a path that does not exist yet (file) or an empty folder. */
  readonly path: string;
  /** Flushes and moves to the target. @returns bytes on disk. @throws MangaError IO */
  publish(): Promise<number>;
  /** Removes what was written, if it was not published. Never throws. */
  discard(): Promise<void>;
}

/** Longest name that a part file takes over from its target; file systems allow 255 bytes a name. */
const maxNameBytes = 200;

/** Parts older than this were left by a process that was killed. */
const abandonedMilliseconds = 3_600_000;

const PART = /^[0-9a-f]{8}\.part$/;

/** Parts that lay in a folder when it was last looked at. Not at each clip: a folder of 20,000 takes long to read. */
const looks = new Map<string, { readonly at: number; readonly parts: readonly string[] }>();

async function partsIn(folder: string): Promise<readonly string[]> {
  const known = looks.get(folder);
  if (known && performance.now() - known.at < abandonedMilliseconds) return known.parts;
  const parts = (await readdir(folder)).filter((entry) => entry.endsWith('.part'));
  looks.set(folder, { at: performance.now(), parts });
  return parts;
}

/** @returns a new path for the target's part, after removing what killed processes left of the same target */
async function newPart(folder: string, target: string): Promise<string> {
  let name = path.basename(target);
  while (Buffer.byteLength(name) > maxNameBytes) name = Array.from(name).slice(0, -1).join('');
  const prefix = `.${name}.`;
  for (const entry of await partsIn(folder)) {
    if (!entry.startsWith(prefix) || !PART.test(entry.slice(prefix.length))) continue;
    const left = path.join(folder, entry);
    const changed = await stat(left).then(
      (stats) => stats.mtimeMs,
      () => Infinity,
    );
    if (Date.now() - changed > abandonedMilliseconds) await discard(left);
  }
  return path.join(folder, `${prefix}${randomBytes(4).toString('hex')}.part`);
}

async function flush(file: string): Promise<number> {
  await using handle = await open(file, 'r+');
  await handle.sync();
  return (await handle.stat()).size;
}

async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    if (isErrno(error) && error.code === 'ENOENT') return false;
    throw error;
  }
}

const discard = (file: string): Promise<void> => rm(file, { recursive: true, force: true }).catch(() => {});

/** @throws MangaError IO when the folder cannot be made, or the target is a folder */
export async function openPartFile(target: string): Promise<Part> {
  let part: string;
  try {
    await mkdir(path.dirname(target), { recursive: true });
    if (await isFolder(target)) {
      const hint = 'Give the path of a file, or remove the folder.';
      throw new MangaError('IO', `Cannot write ${printableName(target)}: it is a folder.`, hint);
    }
    part = await newPart(path.dirname(target), target);
  } catch (error) {
    throw ioError('Cannot write', target, error);
  }
  return {
    path: part,
    async publish() {
      try {
        const bytes = await flush(part);
        await rename(part, target);
        return bytes;
      } catch (error) {
        throw ioError('Cannot write', target, error);
      }
    },
    discard: () => discard(part),
  };
}

/**
 * A folder of frames. If the target exists, its frames (frame-NNNN.png) are replaced and other files stay.
 * @throws MangaError IO when the folder cannot be made
 */
export async function openPartFolder(target: string): Promise<Part> {
  let part: string;
  try {
    // An existing target may be the root of another disk: its part folder goes inside, where renaming works.
    const parent = (await isFolder(target)) ? target : path.dirname(target);
    await mkdir(parent, { recursive: true });
    part = await newPart(parent, target);
    await mkdir(part);
  } catch (error) {
    throw ioError('Cannot make the folder', target, error);
  }
  return {
    path: part,
    async publish() {
      try {
        const names = await readdir(part);
        const sizes = await Promise.all(names.map((name) => flush(path.join(part, name))));
        await moveFrames(part, target, new Set(names));
        return sizes.reduce((sum, size) => sum + size, 0);
      } catch (error) {
        throw ioError('Cannot write the folder', target, error);
      }
    },
    discard: () => discard(part),
  };
}

async function moveFrames(part: string, target: string, names: ReadonlySet<string>): Promise<void> {
  if (!(await isFolder(target))) return rename(part, target);
  for (const name of names) await rename(path.join(part, name), path.join(target, name));
  // Frames of an earlier, longer clip would be taken for the end of this one.
  const stale = (await readdir(target)).filter((name) => /^frame-\d{4,}\.png$/.test(name) && !names.has(name));
  for (const name of stale) await rm(path.join(target, name), { force: true });
  await rm(part, { recursive: true, force: true });
}
