/** Many small pictures, each different, put into a folder at once by another process. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';

/** A JPEG of 16x12 pixels with a comment of its own. */
export async function manyPictures(folder: string, count: number): Promise<void> {
  const image = sharp({ create: { width: 16, height: 12, channels: 3, background: { r: 200, g: 90, b: 40 } } });
  const jpeg = await image.jpeg().toBuffer();
  mkdirSync(folder, { recursive: true });
  for (let n = 0; n < count; n++) {
    const comment = Buffer.alloc(12);
    comment.set([0xff, 0xfe, 0, 10]);
    comment.write(String(n).padStart(8, '0'), 4);
    const bytes = Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
    writeFileSync(path.join(folder, `picture-${String(n).padStart(5, '0')}.jpg`), bytes);
  }
}

/** Renames all of `from`'s files into `to`, on one disk, in a process of its own: a fraction of a second. */
export async function dropAtOnce(from: string, to: string): Promise<void> {
  await promisify(execFile)('find', [from, '-name', '*.jpg', '-exec', 'mv', '-t', to, '{}', '+']);
}
