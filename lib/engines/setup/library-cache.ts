/** The unpacked libtensorflow, kept outside node_modules: `npm ci` empties that, and 850 MB are not fetched twice. */
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { MangaError } from '../../errors/manga-error.ts';
import { mendingCommand } from '../mending.ts';
import { withLock } from './lock.ts';
import type { ProgressLine } from './progress.ts';
import { fetchWheel, hashFile, type UnpackedFile, unpackWheel } from './wheel-files.ts';
import type { Library, Wheel } from './wheels.ts';

const MANIFEST = 'manifest.json';

interface CachedFile extends UnpackedFile {
  readonly modified: number;
}

interface Manifest {
  /** Checksums of the wheels: the library's identity. */
  readonly wheels: readonly string[];
  readonly files: readonly CachedFile[];
}

export interface CacheOptions {
  /** The folder of all caches of this package. */
  readonly cacheDirectory: string;
  /** Fetch anew whatever is there. */
  readonly force: boolean;
  readonly onProgress: ProgressLine;
}

/** $MOTION_MANGA_CACHE, else motion-manga in the user's cache folder (XDG Base Directory Specification). */
export function defaultCacheDirectory(): string {
  if (process.env.MOTION_MANGA_CACHE) return process.env.MOTION_MANGA_CACHE;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'motion-manga');
}

/**
 * Makes sure that the library lies unpacked in the cache.
 * @returns its folder and whether it was there already
 * @throws MangaError IO: failed download, wrong checksum, damaged cache (mended by `force`), no space
 */
export async function cacheLibrary(
  library: Library,
  options: CacheOptions,
): Promise<{ directory: string; reused: boolean }> {
  const directory = join(options.cacheDirectory, library.name);
  const announce = () => options.onProgress('Another set-up is running; waiting for it.');
  return withLock(directory, announce, async () => {
    try {
      await mkdir(options.cacheDirectory, { recursive: true });
      const manifest = options.force ? null : await readManifest(directory);
      if (manifest && sameWheels(manifest, library)) {
        await verify(directory, manifest);
        return { directory, reused: true };
      }
      await fetchInto(directory, library, options);
      return { directory, reused: false };
    } catch (error) {
      if (error instanceof MangaError) throw error;
      const message = `Cannot use the cache ${options.cacheDirectory}: ${(error as Error).message}.`;
      throw new MangaError('IO', message, 'Free some space or set MOTION_MANGA_CACHE to another folder.', {
        cause: error,
      });
    }
  });
}

async function fetchInto(directory: string, library: Library, options: CacheOptions): Promise<void> {
  // One name a library: what a killed set-up left goes now, under the lock.
  const unfinished = `${directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished);
  try {
    const content = join(unfinished, 'content');
    await mkdir(content);
    const files: UnpackedFile[] = [];
    for (const [index, wheel] of library.wheels.entries()) {
      files.push(...(await fetchAndUnpack(wheel, join(unfinished, `${index}`), content, options.onProgress)));
    }
    const cached: CachedFile[] = [];
    for (const file of files) cached.push({ ...file, modified: (await stat(join(content, file.path))).mtimeMs });
    const manifest: Manifest = { wheels: library.wheels.map((wheel) => wheel.sha256), files: cached };
    await writeFile(join(content, MANIFEST), JSON.stringify(manifest, null, 1));
    await rename(directory, join(unfinished, 'old')).catch(ignoreAbsent);
    await rename(content, directory);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function fetchAndUnpack(wheel: Wheel, folder: string, content: string, onProgress: ProgressLine) {
  await mkdir(folder);
  const archive = await fetchWheel(wheel, folder, onProgress);
  const files = await unpackWheel(wheel, archive, content, onProgress);
  await rm(folder, { recursive: true });
  return files;
}

/** Sizes always; contents only of files whose date changed since, to stay under a second. */
async function verify(directory: string, manifest: Manifest): Promise<void> {
  for (const file of manifest.files) {
    const path = join(directory, file.path);
    const found = await stat(path).catch(ignoreAbsent);
    if (!found) throw damaged(path, 'is missing');
    if (found.size !== file.bytes) throw damaged(path, `has ${found.size} bytes instead of ${file.bytes}`);
    if (found.mtimeMs !== file.modified && (await hashFile(path)) !== file.sha256) {
      throw damaged(path, 'does not have the checksum it was unpacked with');
    }
  }
}

function damaged(path: string, how: string): MangaError {
  return new MangaError('IO', `The cached TensorFlow is damaged: ${path} ${how}.`, mendingCommand('tensorflow-again'));
}

async function readManifest(directory: string): Promise<Manifest | null> {
  const text = await readFile(join(directory, MANIFEST), 'utf8').catch(ignoreAbsent);
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    throw damaged(join(directory, MANIFEST), 'is not JSON');
  }
}

function sameWheels(manifest: Manifest, library: Library): boolean {
  return manifest.wheels.join() === library.wheels.map((wheel) => wheel.sha256).join();
}

function ignoreAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
