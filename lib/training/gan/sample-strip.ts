import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';

/** Pixels between frames and round them; the monitor's film cuts frames out by it (dashboard/ui/monitor/monitor.css). */
const GAP = 4;
const GREY = 138;

/** One row of the strip: pictures of the same size, [count,side,side] bytes. */
export type StripRow = readonly Uint8Array[];

/** Writes rows of square grey pictures as one PNG. @throws whatever writing throws */
export async function writeStrip(path: string, rows: readonly StripRow[], side: number): Promise<void> {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = columns * (side + GAP) + GAP;
  const height = rows.length * (side + GAP) + GAP;
  const sheet = new Uint8Array(width * height).fill(GREY);
  rows.forEach((row, r) => {
    row.forEach((picture, c) => {
      for (let y = 0; y < side; y++) {
        const at = (GAP + r * (side + GAP) + y) * width + GAP + c * (side + GAP);
        sheet.set(picture.subarray(y * side, (y + 1) * side), at);
      }
    });
  });
  await mkdir(dirname(path), { recursive: true });
  await sharp(sheet, { raw: { width, height, channels: 1 } })
    .png()
    .toFile(path);
}

/**
 * @param values sequences one after the other, 1 = paper, each of `size` numbers
 * @returns index of the sequence with the most ink
 */
export function mostInk(values: Float32Array, size: number): number {
  const paper = Array.from({ length: values.length / size }, (_, index) =>
    values.subarray(index * size, (index + 1) * size).reduce((sum, value) => sum + value, 0),
  );
  return paper.indexOf(Math.min(...paper));
}

/** The frames of one sequence as bytes. @param values [B*T,side,side,1], 1 = paper */
export function framesAt(values: Float32Array, index: number, frames: number, side: number): Uint8Array[] {
  const size = side * side;
  return Array.from({ length: frames }, (_, t) => {
    const first = (index * frames + t) * size;
    return Uint8Array.from(values.subarray(first, first + size), (v) => 255 * Math.min(Math.max(v, 0), 1));
  });
}
