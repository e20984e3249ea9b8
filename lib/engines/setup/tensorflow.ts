import { MangaError } from '../../errors/manga-error.ts';
import { mendingCommand } from '../mending.ts';
import { probe } from '../probe.ts';
import { compileBinding, installBinding } from './binding.ts';
import { findTfjsNode } from './installed-package.ts';
import { cacheLibrary, defaultCacheDirectory } from './library-cache.ts';
import type { ProgressLine } from './progress.ts';
import { libraryFor } from './wheels.ts';

export interface SetupOptions {
  /** Take the library that computes on NVIDIA GPUs (3.3 GB to download; it runs on the CPU where there is none). */
  readonly cuda: boolean;
  /** Folder of this package's caches. Default: $MOTION_MANGA_CACHE, else motion-manga in the user's cache folder. */
  readonly cacheDir?: string;
  /** Receives lines for people. */
  readonly onProgress?: ProgressLine;
  /** Fetch and compile anew, whatever the cache holds: mends a damaged one. */
  readonly force?: boolean;
}

export interface SetupResult {
  /** What runs now, for people: library, version, device. */
  readonly description: string;
  /** Where the library lies. It must stay there. */
  readonly library: string;
  /** Nothing had to be downloaded. */
  readonly reused: boolean;
}

/**
 * Makes the installed @tensorflow/tfjs-node-gpu (or tfjs-node) work: libtensorflow from the Python package index, checked
 * against a checksum and unpacked in a cache outside node_modules, and the package's own binding compiled against it.
 * Needs Linux with glibc, python3 with pip, and g++. May be called again at any time: what is done is not done twice.
 * @throws MangaError ENGINE_MISSING when a part is missing, saying what to install; IO when download, cache or compiler fail
 */
export async function setupTensorflow(options: SetupOptions): Promise<SetupResult> {
  const { cuda, cacheDir = defaultCacheDirectory(), onProgress = () => {}, force = false } = options;
  const library = libraryFor({ cuda });
  const tfjs = findTfjsNode();
  if (!tfjs) {
    const message = 'TensorFlow.js for Node is not installed.';
    throw new MangaError('ENGINE_MISSING', message, mendingCommand('tensorflow-package'));
  }
  const { directory, reused } = await cacheLibrary(library, { cacheDirectory: cacheDir, force, onProgress });
  onProgress(`${reused ? 'Found' : 'Unpacked'} TensorFlow in ${directory}.`);
  const compiled = await compileBinding(tfjs, directory, { cacheDirectory: cacheDir, force, onProgress });
  if (await installBinding(tfjs, compiled)) onProgress(`Linked it to ${tfjs.directory}.`);
  const found = await probe('tensorflow');
  if (!found.works) {
    const message = `TensorFlow is set up but does not run: ${found.missing}`;
    throw new MangaError('ENGINE_MISSING', message, mendingCommand('tensorflow-again'));
  }
  onProgress(`${found.version} works on ${found.device}.`);
  if (cuda && found.device === 'CPU') onProgress('No NVIDIA GPU with a driver was found: it computes on the CPU.');
  return { description: `${found.version} on ${found.device}`, library: directory, reused };
}
