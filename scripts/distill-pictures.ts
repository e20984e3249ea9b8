/** Pictures and random crops for distill-perceptual.ts. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Random } from '../lib/random.ts';

export interface Picture {
  readonly file: string;
  readonly width: number;
  readonly height: number;
  /** RGB bytes, row-major. */
  readonly data: Uint8Array;
}

/** Pictures are shrunk to this short side: crops then show things, not grain. */
const SHORT_SIDE = 288;
/** Largest crop, in crop sides. */
const WIDEST = 3;
const GREY_SHARE = 0.4;

/** Every picture of the folders, sorted by path. */
export async function readPictures(folders: readonly string[]): Promise<Picture[]> {
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /\.(jpe?g|png|webp)$/i.test(name))
      .map((name) => join(folder, name)),
  );
  const pictures: Picture[] = [];
  for (const file of files.sort()) {
    const { data, info } = await sharp(file)
      .resize(SHORT_SIDE, SHORT_SIDE, { fit: 'outside', withoutEnlargement: true })
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new Error(`${file} did not become RGB`);
    pictures.push({ file, width: info.width, height: info.height, data });
  }
  return pictures;
}

interface Window {
  readonly picture: Picture;
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  readonly flip: boolean;
}

/** Bilinear samples of a window, RGB 0..1, [side,side,3]. */
function sample({ picture, x, y, scale, flip }: Window, side: number): Float32Array {
  const { width, height, data } = picture;
  const out = new Float32Array(side * side * 3);
  const clamp = (value: number, high: number) => Math.min(Math.max(value, 0), high);
  for (let row = 0; row < side; row++) {
    const sy = clamp(y + row * scale, height - 1);
    const y0 = Math.floor(sy);
    const y1 = Math.min(y0 + 1, height - 1);
    for (let column = 0; column < side; column++) {
      const sx = clamp(x + (flip ? side - 1 - column : column) * scale, width - 1);
      const x0 = Math.floor(sx);
      const x1 = Math.min(x0 + 1, width - 1);
      for (let c = 0; c < 3; c++) {
        const at = (yy: number, xx: number) => data[(yy * width + xx) * 3 + c]!;
        const top = at(y0, x0) + (at(y0, x1) - at(y0, x0)) * (sx - x0);
        const bottom = at(y1, x0) + (at(y1, x1) - at(y1, x0)) * (sx - x0);
        out[(row * side + column) * 3 + c] = (top + (bottom - top) * (sy - y0)) / 255;
      }
    }
  }
  return out;
}

function grey(image: Float32Array): void {
  for (let i = 0; i < image.length; i += 3) {
    const value = 0.299 * image[i]! + 0.587 * image[i + 1]! + 0.114 * image[i + 2]!;
    image.fill(value, i, i + 3);
  }
}

/** Contrast, brightness, noise: what a drawing of the same thing may differ by. */
function disturb(image: Float32Array, random: Random): void {
  const gain = 1 + random.uniform(-0.4, 0.4);
  const offset = random.uniform(-0.15, 0.15);
  const noise = random.uniform() < 0.5 ? random.uniform(0, 0.12) : 0;
  for (let i = 0; i < image.length; i++) {
    const value = (image[i]! - 0.5) * gain + 0.5 + offset + (noise > 0 ? noise * random.normal() : 0);
    image[i] = Math.min(Math.max(value, 0), 1);
  }
}

/**
 * `count` crops, then a disturbed and slightly moved version of each.
 * @returns [2*count,side,side,3] RGB 0..1
 */
export function cropPairs(pictures: readonly Picture[], random: Random, count: number, side: number): Float32Array {
  const size = side * side * 3;
  const batch = new Float32Array(2 * count * size);
  for (let i = 0; i < count; i++) {
    const picture = random.pick(pictures);
    const widest = Math.min(WIDEST, Math.min(picture.width, picture.height) / side);
    const scale = random.uniform(Math.min(0.8, widest), widest);
    const place = (length: number) => random.uniform(0, Math.max(0, length - side * scale));
    const window = { picture, scale, x: place(picture.width), y: place(picture.height), flip: random.int(2) === 1 };
    const shift = random.uniform(0, 8) * scale;
    const angle = random.uniform(0, 2 * Math.PI);
    const moved = { ...window, x: window.x + shift * Math.cos(angle), y: window.y + shift * Math.sin(angle) };
    const pair = [sample(window, side), sample(moved, side)];
    if (random.uniform() < GREY_SHARE) pair.forEach(grey);
    disturb(pair[1]!, random);
    batch.set(pair[0]!, i * size);
    batch.set(pair[1]!, (count + i) * size);
  }
  return batch;
}
