/** Pictures and comparisons for the tests of training data. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { DataSource, TrainingBatch } from '../../lib/data/types.ts';
import { Random, type RandomState } from '../../lib/random.ts';

/** A folder of small photos: soft colour blobs. @returns the folder */
export async function makePhotos(folder: string, sizes: readonly (readonly [number, number])[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const random = new Random(3);
  for (const [i, [width, height]] of sizes.entries()) {
    const blobs = Array.from({ length: 6 }, () => {
      const colour = `rgb(${random.int(256)},${random.int(256)},${random.int(256)})`;
      return `<circle cx="${random.int(width)}" cy="${random.int(height)}" r="${20 + random.int(50)}" fill="${colour}"/>`;
    });
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${blobs.join('')}</svg>`;
    const file = join(folder, `photo-${i}.png`);
    await sharp(Buffer.from(svg)).flatten({ background: '#88aacc' }).toFile(file);
  }
  return folder;
}

/** A page with black stripes in its upper half, blank paper below. */
export async function makePage(file: string, width: number, height: number, period = 12): Promise<void> {
  const grey = new Uint8Array(width * height).fill(255);
  for (let y = 0; y < height / 2; y++) {
    for (let x = 0; x < width; x++) if ((x + y) % period < period / 2) grey[y * width + x] = 0;
  }
  await sharp(grey, { raw: { width, height, channels: 1 } }).toFile(file);
}

export function digest({ photo, page, position, layers, fields, real }: TrainingBatch): string {
  const hash = createHash('sha256');
  for (const array of [photo, page, position, layers, fields, real]) {
    hash.update(array ? new Uint8Array(array.buffer, array.byteOffset, array.byteLength) : 'null');
  }
  return hash.digest('hex');
}

/** The next batches' digests, and the random state after them. */
export async function take(
  source: DataSource,
  from: RandomState,
  count: number,
): Promise<{ digests: string[]; random: RandomState }> {
  const digests: string[] = [];
  let random = from;
  for (let i = 0; i < count; i++) {
    const next = await source.next(random);
    digests.push(digest(next.batch));
    random = next.random;
  }
  return { digests, random };
}

export function range(values: Float32Array): { low: number; high: number } {
  return values.reduce(({ low, high }, v) => ({ low: Math.min(low, v), high: Math.max(high, v) }), {
    low: Number.POSITIVE_INFINITY,
    high: Number.NEGATIVE_INFINITY,
  });
}
