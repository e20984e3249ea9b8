/** Reads the header of a picture, nothing more: a few milliseconds, no pixels. */
import { open } from 'node:fs/promises';
import sharp, { type Metadata } from 'sharp';
import { MangaError } from '../errors/manga-error.ts';
import { MAX_BYTES, MAX_PIXELS } from '../media/decode.ts';
import { ioError, isGone, isPassing } from './io-error.ts';
import { stampOf } from './stamp.ts';
import type { Probe } from './types.ts';

export interface PictureLimits {
  /** Width times height. Default: what is decoded later. */
  readonly maxPixels?: number;
  /** Bytes of the file. Default: what is read later. */
  readonly maxBytes?: number;
}

const FORMATS = new Set(['jpeg', 'png', 'webp', 'gif', 'tiff', 'heif']);
const SAVE_ANEW = 'Save it anew as JPEG or PNG and drop that.';

function bad(message: string, hint: string, cause?: unknown): MangaError {
  return new MangaError('BAD_INPUT', message, hint, { cause });
}

async function checkReadable(path: string): Promise<void> {
  try {
    await (await open(path, 'r')).close();
  } catch (error) {
    if (isPassing(error) || isGone(error)) throw error;
    throw ioError('read', path, error);
  }
}

async function checkHeader(path: string, maxPixels: number): Promise<void> {
  let header: Metadata;
  try {
    header = await sharp(path, { limitInputPixels: maxPixels }).metadata();
  } catch (error) {
    if (isPassing(error) || isGone(error)) throw error;
    const reason = error instanceof Error ? error.message.replaceAll('\n', ' ').trim() : String(error);
    if (/exceeds pixel limit/.test(reason))
      throw bad(
        `The picture has more than ${Math.floor(maxPixels / 1e6)} million pixels.`,
        'Make it smaller and drop it again.',
        error,
      );
    throw bad(`This is not a picture that can be read (${reason}).`, SAVE_ANEW, error);
  }
  if (!FORMATS.has(header.format)) throw bad(`Pictures of the format ${header.format} are not taken.`, SAVE_ANEW);
  if (header.format === 'heif' && header.compression === 'hevc')
    throw bad(
      'This is a HEIC picture as phones make them; it cannot be decoded here.',
      'Set the phone to "most compatible", or save the picture as JPEG.',
    );
}

/**
 * @returns a probe that rejects what can never be drawn: BAD_INPUT with the reason, IO if the file may not be read.
 * It does not see damage behind the header; the decoder will.
 */
export function pictureProbe({ maxPixels = MAX_PIXELS, maxBytes = MAX_BYTES }: PictureLimits = {}): Probe {
  return async (path) => {
    const stamp = await stampOf(path);
    if (stamp && stamp.size > maxBytes)
      throw bad(
        `The file has ${Math.round(stamp.size / 1e6)} MB; at most ${Math.round(maxBytes / 1e6)} are taken.`,
        'Save a smaller copy and drop that.',
      );
    await checkReadable(path);
    await checkHeader(path, maxPixels);
    return undefined;
  };
}
