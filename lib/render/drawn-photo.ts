/** A drawn photo and its compact form on disk. */

import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import type { MotionTargets } from './depth.ts';
import type { Drawing } from './draw.ts';

export interface DrawnPhoto {
  /** Path of the photo. */
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** Interleaved sRGB, width*height*3 bytes. */
  readonly rgb: Uint8Array;
  /** One a style, in the order asked for. */
  readonly drawings: readonly Drawing[];
  readonly targets: MotionTargets;
}

const magic = 0x31444d4d;
const headerWords = 4;

/**
 * Layout, then gzip: four little-endian uint32 (magic "MMD1", width, height, number of drawings), rgb as differences
 * to the left neighbour (halves the gzip), line and tone of each drawing, disparity, subject; then the colours of each
 * drawing, if they have them.
 */
export async function packDrawnPhoto(photo: Omit<DrawnPhoto, 'file'>): Promise<Buffer> {
  const { width, height, rgb, drawings, targets } = photo;
  const header = Buffer.alloc(4 * headerWords);
  [magic, width, height, drawings.length].forEach((word, i) => {
    header.writeUInt32LE(word, 4 * i);
  });
  const differences = rgb.slice();
  for (let i = rgb.length - 1; i >= 3; i--) differences[i] = rgb[i] - rgb[i - 3];
  const layers = drawings.flatMap((d) => [d.line, d.tone]);
  const colours = drawings.flatMap((d) => d.colours ?? []);
  const all = Buffer.concat([header, differences, ...layers, targets.disparity, targets.subject, ...colours]);
  return promisify(gzip)(all, { level: constants.Z_BEST_SPEED });
}

/** @returns null when the bytes are not a whole packed photo (a cache file cut short, or of another program) */
export async function unpackDrawnPhoto(packed: Uint8Array): Promise<Omit<DrawnPhoto, 'file'> | null> {
  let bytes: Buffer;
  try {
    bytes = await promisify(gunzip)(packed);
  } catch {
    return null;
  }
  if (bytes.length < 4 * headerWords || bytes.readUInt32LE(0) !== magic) return null;
  const [width, height, count] = [1, 2, 3].map((i) => bytes.readUInt32LE(4 * i));
  const pixels = width * height;
  const small = { width: Math.ceil(width / 4), height: Math.ceil(height / 4) };
  const plain = 4 * headerWords + pixels * (3 + 2 * count) + 2 * small.width * small.height;
  const coloured = bytes.length === plain + 3 * pixels * count;
  if (bytes.length !== plain && !coloured) return null;
  let offset = 4 * headerWords;
  const take = (length: number) => {
    const part = new Uint8Array(bytes.subarray(offset, offset + length));
    offset += length;
    return part;
  };
  const rgb = take(3 * pixels);
  for (let i = 3; i < rgb.length; i++) rgb[i] += rgb[i - 3];
  const drawings = Array.from({ length: count }, () => ({ width, height, line: take(pixels), tone: take(pixels) }));
  const disparity = take(small.width * small.height);
  const targets = { ...small, disparity, subject: take(small.width * small.height) };
  const painted = drawings.map((d) => (coloured ? { ...d, colours: take(3 * pixels) } : d));
  return { width, height, rgb, drawings: painted, targets };
}
