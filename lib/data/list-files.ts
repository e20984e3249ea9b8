import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { MangaError } from '../errors/manga-error.ts';
import { ioError } from '../media/io-error.ts';
import { sniffPicture } from '../media/sniff.ts';
import { withReason } from '../media/with-reason.ts';
import type { SkipList } from './skipped.ts';

const PICTURE_NAME = /\.(jpe?g|png|webp|tiff?|gif|avif)$/i;
/** Enough for the signatures of sniff.ts. */
const HEAD_BYTES = 512;
/** Files looked at side by side. */
const LANES = 8;

/** A picture whose header was read; size in pixels, upright. */
export interface PictureFile {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/** Sorted paths of a folder's files whose names match. @throws MangaError IO when the folder cannot be read */
export async function listFolder(folder: string, name: RegExp): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((entry) => name.test(entry));
    return names.sort().map((entry) => join(folder, entry));
  } catch (error) {
    throw ioError('Cannot read the folder', folder, error);
  }
}

/**
 * The pictures of some folders (not of folders in them), in the order of folders and names. Files that are none by their
 * first bytes are skipped; whether the rest can be decoded shows when they are.
 * @param what 'photos', 'pages': for messages
 * @throws MangaError IO for a folder that cannot be read, BAD_INPUT when there is no picture
 */
export async function listPictures(
  folders: readonly string[],
  what: string,
  skipped: SkipList,
  signal?: AbortSignal,
): Promise<PictureFile[]> {
  const files = (await Promise.all(folders.map((folder) => listFolder(folder, PICTURE_NAME)))).flat();
  const found: (PictureFile | null)[] = new Array(files.length).fill(null);
  const reasons: unknown[] = new Array(files.length);
  let next = 0;
  const lane = async () => {
    while (next < files.length && !signal?.aborted) {
      const i = next++;
      try {
        found[i] = await readHeader(files[i]!);
      } catch (error) {
        reasons[i] = error;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  files.forEach((file, i) => {
    if (reasons[i] !== undefined) skipped.add(file, reasons[i]);
  });
  const pictures = found.filter((picture) => picture !== null);
  if (pictures.length === 0 && !signal?.aborted) {
    const why = files.length === 0 ? 'There is no picture' : `None of the ${files.length} pictures can be read`;
    throw new MangaError(
      'BAD_INPUT',
      `${why} in ${folders.join(', ')}, where the ${what} should be.`,
      `Put JPEG, PNG, WebP, GIF, TIFF or AVIF files straight into the folder, or set another folder of ${what}.`,
    );
  }
  return pictures;
}

async function readHeader(file: string): Promise<PictureFile> {
  const head = new Uint8Array(HEAD_BYTES);
  // Non-blocking: opening a named pipe would wait for a writer for ever.
  await using handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  if (!(await handle.stat()).isFile()) throw new Error('It is not a file.');
  const { bytesRead } = await handle.read(head);
  const sniffed = sniffPicture(head.subarray(0, bytesRead));
  if (!sniffed.picture)
    throw new Error(bytesRead === 0 ? 'It is empty.' : 'It is not a picture, whatever its name says.');
  const { width, height, autoOrient } = await withReason(() => sharp(file, { limitInputPixels: false }).metadata());
  return { file, width: autoOrient?.width ?? width, height: autoOrient?.height ?? height };
}
