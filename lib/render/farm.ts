/** Draws many photos in worker threads, each once: drawings are cached on disk. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { fromWire, MangaError } from '../errors/manga-error.ts';
import { sibling } from '../sibling.ts';
import { RENDERER_VERSION } from './draw.ts';
import { type DrawnPhoto, unpackDrawnPhoto } from './drawn-photo.ts';
import type { DrawingStyle } from './style.ts';
import type { DrawReply, DrawTask } from './worker.ts';

export type { DrawnPhoto } from './drawn-photo.ts';

export interface FarmProgress {
  readonly done: number;
  readonly total: number;
  readonly file: string;
  readonly cached: boolean;
  /** Set when the photo could not be drawn and is skipped. */
  readonly error?: MangaError;
}

export interface FarmOptions {
  /** Folder of the cache; made when missing. */
  readonly cacheDir: string;
  /** Pixels. */
  readonly longSide: number;
  readonly styles: readonly DrawingStyle[];
  readonly threads: number;
  /** Aborting rejects CANCELLED as soon as the photos in hand are drawn (about a second). */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: FarmProgress) => void;
}

export interface SkippedPhoto {
  readonly file: string;
  readonly error: MangaError;
}

/** The photos drawn, by file name, and those that could not be. */
export type DrawnFolder = DrawnPhoto[] & { readonly skipped: readonly SkippedPhoto[] };

const photoName = /\.(jpe?g|png|webp|tiff?|gif|avif)$/i;

/**
 * @param photos a folder (its pictures, not those of folders in it) or a list of files
 * @returns sorted by path; broken photos are left out and listed in `skipped`
 * @throws MangaError IO when the folder or the cache cannot be used, CANCELLED
 */
export async function drawFolder(photos: string | readonly string[], options: FarmOptions): Promise<DrawnFolder> {
  const files = typeof photos === 'string' ? await listPhotos(photos) : [...photos];
  files.sort();
  await useFolder(options.cacheDir);
  const results: (DrawnPhoto | SkippedPhoto)[] = new Array(files.length);
  let next = 0;
  let done = 0;
  const lane = async () => {
    const thread = new DrawingThread();
    try {
      while (next < files.length && !options.signal?.aborted) {
        const index = next++;
        const file = files[index];
        const { result, cached } = await drawCached(file, options, thread);
        results[index] = result;
        const error = 'error' in result ? result.error : undefined;
        options.onProgress?.({ done: ++done, total: files.length, file, cached, error });
      }
    } finally {
      await thread.close();
    }
  };
  const lanes = Array.from({ length: Math.max(1, Math.min(options.threads, files.length)) }, lane);
  // All lanes must have closed their threads before the first failure is reported.
  const failed = (await Promise.allSettled(lanes)).find((l) => l.status === 'rejected');
  if (failed) throw failed.reason;
  if (options.signal?.aborted) throw new MangaError('CANCELLED', 'Drawing the photos was cancelled.');
  const drawn = results.filter((r): r is DrawnPhoto => !('error' in r));
  return Object.assign(drawn, { skipped: results.filter((r): r is SkippedPhoto => 'error' in r) });
}

async function listPhotos(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => photoName.test(name)).map((name) => join(folder, name));
  } catch (cause) {
    throw new MangaError('IO', `Cannot read the photo folder ${folder}: ${reasonOf(cause)}.`, 'Check the path.', {
      cause,
    });
  }
}

async function useFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const hint = 'Choose a cache folder that can be written.';
    throw new MangaError('IO', `Cannot make the cache folder ${folder}: ${reasonOf(cause)}.`, hint, { cause });
  }
}

async function drawCached(
  file: string,
  options: FarmOptions,
  thread: DrawingThread,
): Promise<{ result: DrawnPhoto | SkippedPhoto; cached: boolean }> {
  const { cacheDir, longSide, styles } = options;
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (cause) {
    const error = new MangaError('IO', `Cannot read ${file}: ${reasonOf(cause)}.`, 'Check the file.', { cause });
    return { result: { file, error }, cached: false };
  }
  const recipe = JSON.stringify([RENDERER_VERSION, longSide, styles]);
  const key = createHash('sha256').update(recipe).update('\0').update(content).digest('hex').slice(0, 40);
  const cacheFile = join(cacheDir, `${key}.mmd`);
  const found = await readFile(cacheFile).then(unpackDrawnPhoto, () => null);
  if (found) return { result: { file, ...found }, cached: true };

  const reply = await thread.draw({ content, longSide, styles });
  if ('error' in reply) return { result: { file, error: fromWire(reply.error) }, cached: false };
  await writeAtomically(cacheFile, reply.packed);
  const drawn = await unpackDrawnPhoto(reply.packed);
  return { result: { file, ...drawn! }, cached: false };
}

/** A reader never sees half a file: written beside, then renamed. */
async function writeAtomically(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${Math.random().toString(36).slice(2)}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    const hint = 'Free some space or choose another cache folder.';
    throw new MangaError('IO', `Cannot write the drawing cache ${path}: ${reasonOf(cause)}.`, hint, { cause });
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** One worker thread, started at the first task (a run of cache hits needs none) and again after a crash. */
class DrawingThread {
  #worker: Worker | null = null;

  #start(): Worker {
    const worker = new Worker(sibling('./worker', import.meta.url));
    // A thread that dies, at work or idle, is forgotten; without a listener its error would end this process.
    const forget = () => {
      if (this.#worker === worker) this.#worker = null;
    };
    return worker.on('error', forget).on('exit', forget);
  }

  /** One task at a time. A crash of the thread becomes that photo's error. */
  draw(task: DrawTask): Promise<DrawReply> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve) => {
      const settle = (reply: DrawReply) => {
        worker.off('message', settle).off('error', crashed).off('exit', ended);
        resolve(reply);
      };
      const crashed = (error: unknown) =>
        settle({ error: { code: 'INTERNAL', message: `The drawing thread failed: ${reasonOf(error)}` } });
      const ended = (code: number) => crashed(new Error(`it ended with code ${code}`));
      worker.on('message', settle).on('error', crashed).on('exit', ended);
      worker.postMessage(task);
    });
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }
}
