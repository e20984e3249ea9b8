/** Which photos are drawn, and where their clips go. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { MangaError } from '../lib/errors/manga-error.ts';
import { ioError } from '../lib/media/io-error.ts';
import { printableName } from '../lib/media/printable.ts';
import { FORMATS, type OutputSettings } from '../lib/settings/settings.ts';

type Format = OutputSettings['format'];

export interface Job {
  /** As given, or the folder as given with the photo's name. */
  readonly input: string;
  /** The clip, or for png the folder of frames. */
  readonly output: string;
}

/** An input that gives no photo. */
export interface Misfit {
  readonly input: string;
  readonly error: MangaError;
}

export interface Plan {
  readonly jobs: readonly (Job | Misfit)[];
  readonly format: Format;
}

const pictureExtension = /\.(jpe?g|png|webp|gif|tiff?|avif|heic)$/i;

async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch {
    return false;
  }
}

async function photosIn(folder: string): Promise<(string | Misfit)[]> {
  try {
    const names = (await readdir(folder)).filter((name) => pictureExtension.test(name) && !name.startsWith('.'));
    if (names.length > 0) return names.sort().map((name) => path.join(folder, name));
  } catch (error) {
    return [{ input: folder, error: ioError('Cannot read the folder', folder, error) }];
  }
  const hint = 'Looked for jpg, png, webp, gif, tiff, avif and heic, not in folders below.';
  return [{ input: folder, error: new MangaError('BAD_INPUT', `${printableName(folder)} holds no pictures.`, hint) }];
}

/** Names are compared without case: some file systems do. */
const key = (file: string): string => path.resolve(file).toLowerCase();

/**
 * @param inputs photos and folders (their pictures by extension, sorted, not those of folders below)
 * @param out the clip for a single photo when it ends in the format, else a folder. With png and a single photo, frames
 * go right into that folder. Clips are called as their photos; names that are taken in this run, or belong to a photo,
 * get -2, -3.
 * @param asked undefined: as `out` ends when there is a single photo, else mp4
 */
export async function planJobs(inputs: readonly string[], out: string, asked?: Format): Promise<Plan> {
  const found: (string | Misfit)[] = [];
  for (const input of inputs) {
    if (await isFolder(input)) found.push(...(await photosIn(input)));
    else found.push(input);
  }
  const single = found.length === 1;
  const ending = path.extname(out).slice(1).toLowerCase();
  const isFile = single && !/[/\\]$/.test(out) && !(await isFolder(out));
  const format = asked ?? (isFile ? FORMATS.find((name) => name === ending && name !== 'png') : undefined) ?? 'mp4';

  const taken = new Set(found.filter((entry) => typeof entry === 'string').map(key));
  const jobs = found.map((entry): Job | Misfit => {
    if (typeof entry !== 'string') return entry;
    if (single && format === 'png') return { input: entry, output: out };
    if (isFile && ending === format) return { input: entry, output: out };
    const name = path.basename(entry, path.extname(entry));
    const extension = format === 'png' ? '' : `.${format}`;
    for (let n = 1; ; n++) {
      const output = path.join(out, `${name}${n > 1 ? `-${n}` : ''}${extension}`);
      if (taken.has(key(output))) continue;
      taken.add(key(output));
      return { input: entry, output };
    }
  });
  return { jobs, format };
}
