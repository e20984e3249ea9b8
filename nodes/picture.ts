import { basename, extname } from 'node:path';
import { MangaError } from '../lib/errors/manga-error.ts';
import { isHandle, type PictureSource } from '../lib/session/types.ts';
import { describe } from './message.ts';
import { userPath } from './paths.ts';
import type { Red } from './red.ts';

/** The image object that the rosepetal image nodes pass: interleaved pixels, 8 bits a channel. */
interface ImageObject {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly colorSpace?: string;
}

function isImageObject(value: unknown): value is ImageObject {
  if (typeof value !== 'object' || value === null) return false;
  const image = value as Partial<Record<keyof ImageObject, unknown>>;
  return (
    image.data instanceof Uint8Array &&
    typeof image.width === 'number' &&
    typeof image.height === 'number' &&
    typeof image.channels === 'number'
  );
}

function fromDataUrl(url: string): Uint8Array {
  const comma = url.indexOf(',');
  const bytes = url.slice(0, comma).endsWith(';base64')
    ? Buffer.from(url.slice(comma + 1), 'base64')
    : Buffer.from(decodeURIComponent(url.slice(comma + 1)), 'latin1');
  if (comma < 0 || bytes.length === 0) throw new MangaError('BAD_INPUT', 'The data URL holds no data.');
  return bytes;
}

/**
 * A picture from what a message may carry: path, Buffer, data URL or image object.
 * @param what where the value comes from, for errors: 'msg.payload'
 * @throws MangaError BAD_INPUT, or BAD_WIRING when the picture is a handle already
 */
export function pictureSource(RED: Red, value: unknown, what: string): PictureSource {
  if (typeof value === 'string' && value !== '') {
    return value.startsWith('data:') ? { bytes: fromDataUrl(value) } : { path: userPath(RED, value) };
  }
  if (value instanceof Uint8Array) return { bytes: value };
  if (isImageObject(value)) {
    if (value.colorSpace?.toUpperCase().startsWith('BGR')) {
      throw new MangaError(
        'BAD_INPUT',
        `${what} has its colours in the order ${value.colorSpace}.`,
        'Convert it to RGB.',
      );
    }
    return { image: { data: value.data, width: value.width, height: value.height, channels: value.channels } };
  }
  if (isHandle(value)) {
    throw new MangaError(
      'BAD_WIRING',
      `${what} is ${describe(value)}.`,
      'This node wants the picture itself: wire its source here.',
    );
  }
  throw new MangaError(
    'BAD_INPUT',
    `${what} is ${describe(value)}, not a picture.`,
    'Send a path, a Buffer with the file, a data URL, or an image object {data, width, height, channels}.',
  );
}

/** File name of a source, if it has one. */
export function nameOf(source: PictureSource): string | undefined {
  return 'path' in source ? basename(source.path) : undefined;
}

/** The name without folder and extension, for the clip. */
export function stem(name: string): string {
  const base = basename(name);
  return base.slice(0, base.length - extname(base).length) || base;
}
