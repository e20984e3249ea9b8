/**
 * Pictures in: any photo file, bytes or raw image to upright 8-bit sRGB.
 *
 * Only the formats of sniff.ts reach a decoder. Size is checked from the header before a pixel is decoded. Damaged data
 * is refused at sharp's level 'error', which includes truncation; mere warnings (odd metadata, stray bytes between JPEG
 * markers, as cameras write them) are let through.
 */
import sharp, { type Sharp } from 'sharp';
import { MangaError } from '../errors/manga-error.ts';
import type { Pixels } from '../pipeline/types.ts';
import type { PictureSource } from '../session/types.ts';
import { throwIfAborted } from './abort.ts';
import { MAX_BYTES, MAX_PIXELS } from './limits.ts';
import { printableName } from './printable.ts';
import { checkByteCount, readPictureFile } from './read-source.ts';
import { isCutOff, type OtherFormat, sniffPicture } from './sniff.ts';
import { withReason } from './with-reason.ts';

// libvips would keep decoded pictures of earlier photos: they never come again, and memory must stay flat.
sharp.cache(false);

export { MAX_BYTES, MAX_PIXELS };

export interface PictureLimits {
  /** Width times height of the file's picture. Default 100 million. */
  readonly maxPixels?: number;
  /** Size of the file. Default 256 MB (10^6 bytes). */
  readonly maxBytes?: number;
  /** Long side of the result; larger pictures are shrunk while they are loaded. Default 4096. */
  readonly maxSide?: number;
}

/** A picture nobody waits for this long is given up (seconds). */
const decodeSeconds = 60;

const advice: Readonly<Record<OtherFormat, string>> = {
  svg: 'Vector drawings are not decoded: export it as PNG first.',
  heic: 'HEIC photos cannot be decoded here: save it as JPEG (iPhone: Settings, Camera, Formats, Most Compatible).',
  bmp: 'BMP cannot be decoded here: save it as PNG or JPEG.',
  jxl: 'JPEG XL cannot be decoded here: save it as PNG or JPEG.',
  jp2: 'JPEG 2000 cannot be decoded here: save it as PNG or JPEG.',
  pdf: 'It is a PDF: export the page as PNG or JPEG.',
  video: 'It is a video or sound file: take a still from it and save that as PNG or JPEG.',
  'raw photo': 'It is a raw camera file: develop it to JPEG or TIFF.',
  text: 'It holds text, whatever its name says: use a JPEG, PNG, WebP, GIF, TIFF or AVIF file.',
  unknown: 'Use a JPEG, PNG, WebP, GIF, TIFF or AVIF file.',
};

function cutOff(name: string, cause?: unknown): MangaError {
  const message = `${name} is cut off: the end of the picture is missing.`;
  return new MangaError('BAD_INPUT', message, 'Copy it again.', { cause });
}

function damaged(name: string, error: unknown): MangaError {
  const text = error instanceof Error ? error.message : String(error);
  if (
    /premature|truncat|unexpected end|end of (file|stream|image)|not enough|read (error|gave|fail)|bad seek/i.test(text)
  ) {
    return cutOff(name, error);
  }
  if (/timeout/i.test(text)) {
    return new MangaError('TIMEOUT', `${name} took longer than ${decodeSeconds} s to decode.`, 'Make it smaller.', {
      cause: error,
    });
  }
  const detail = text.split('\n')[0]!.replace(/^Input (file|buffer) /, '');
  return new MangaError(
    'BAD_INPUT',
    `${name} is damaged or of a kind that cannot be decoded (${detail}).`,
    'Open it in a picture program and save it again as PNG or JPEG.',
    { cause: error },
  );
}

function checkPixelCount(name: string, width: number, height: number, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new MangaError(
    'BAD_INPUT',
    `${name} has too many pixels: ${width}x${height}, the limit is ${Math.floor(maxPixels / 1e6)} megapixels.`,
    'Make it smaller first.',
  );
}

/** Bytes of an encoded picture to a sharp instance, its header checked. */
async function openEncoded(name: string, bytes: Uint8Array, maxPixels: number): Promise<Sharp> {
  const sniffed = sniffPicture(bytes);
  if (!sniffed.picture) throw new MangaError('BAD_INPUT', `${name} is not a picture.`, advice[sniffed.format]);
  if (isCutOff(bytes, sniffed.format)) throw cutOff(name);
  try {
    const header = { limitInputPixels: false, failOn: 'none' } as const;
    const { width, height } = await withReason(() => sharp(bytes, header).metadata());
    checkPixelCount(name, width, height, maxPixels);
  } catch (error) {
    throw error instanceof MangaError ? error : damaged(name, error);
  }
  return sharp(bytes, { limitInputPixels: maxPixels, failOn: 'error', autoOrient: true });
}

type RawImage = Extract<PictureSource, { image: unknown }>['image'];

function openRaw(name: string, image: RawImage, maxPixels: number): Sharp {
  const { data, width, height, channels } = image;
  const whole = (value: number): boolean => Number.isInteger(value) && value > 0;
  if (!whole(width) || !whole(height) || !whole(channels) || channels > 4 || !(data instanceof Uint8Array)) {
    throw new MangaError(
      'BAD_INPUT',
      `${name} is not usable: width ${width}, height ${height}, channels ${channels}.`,
      'It needs data (8-bit bytes, interleaved), width, height, and 1 to 4 channels.',
    );
  }
  checkPixelCount(name, width, height, maxPixels);
  if (data.length !== width * height * channels) {
    throw new MangaError(
      'BAD_INPUT',
      `${name} has ${data.length} bytes, but ${width}x${height} with ${channels} channels is ${width * height * channels}.`,
      'Use 8-bit data without padding between the rows.',
    );
  }
  return sharp(data, { raw: { width, height, channels: channels as 1 | 2 | 3 | 4 }, limitInputPixels: maxPixels });
}

/**
 * Decodes a picture: upright (EXIF), sRGB (from CMYK, 16-bit, grey, palette, any ICC profile), transparency on white, the
 * first frame of an animation, shrunk so that its long side is at most maxSide (never enlarged).
 * @throws MangaError BAD_INPUT (empty, no picture, cut off, damaged, too large: named with the limit), IO (missing,
 * unreadable), TIMEOUT, CANCELLED. Each names the file, the cause and the remedy.
 */
export async function decodePicture(
  source: PictureSource,
  limits: PictureLimits = {},
  signal?: AbortSignal,
): Promise<Pixels> {
  const { maxPixels = MAX_PIXELS, maxBytes = MAX_BYTES, maxSide = 4096 } = limits;
  throwIfAborted(signal);
  let name: string;
  let opened: Sharp;
  if ('path' in source) {
    name = printableName(source.path);
    opened = await openEncoded(name, await readPictureFile(source.path, maxBytes), maxPixels);
  } else if ('bytes' in source) {
    name = source.name === undefined ? 'The picture' : printableName(source.name);
    checkByteCount(name, source.bytes.length, maxBytes);
    opened = await openEncoded(name, source.bytes, maxPixels);
  } else {
    name = 'The image object';
    opened = openRaw(name, source.image, maxPixels);
  }
  throwIfAborted(signal);
  try {
    const upright = opened
      .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .timeout({ seconds: decodeSeconds })
      .raw({ depth: 'uchar' });
    const { data, info } = await withReason(() => upright.clone().toBuffer({ resolveWithObject: true }));
    throwIfAborted(signal);
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { width: info.width, height: info.height, data: pixels };
  } catch (error) {
    throw error instanceof MangaError ? error : damaged(name, error);
  }
}
