import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import sharp from 'sharp';

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
