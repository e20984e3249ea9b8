/** Grey pages and what a camera sees of them. */
import { decodePicture } from '../media/decode.ts';
import type { Pixels } from '../pipeline/types.ts';
import type { View } from './camera.ts';

/** A grey page, one byte a pixel, 255 paper. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
}

/** Finest supersampling: a view more than this many times larger than the frame is sampled with gaps. */
const MAX_SUPERSAMPLING = 16;

/** Brightness after BT.601. @returns one byte a pixel */
export function greyOf(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) {
    grey[i] = (77 * rgb[at]! + 150 * rgb[at + 1]! + 29 * rgb[at + 2]!) >> 8;
  }
  return grey;
}

/** @param longSide larger pages are shrunk to it @throws MangaError as decodePicture */
export async function decodeRaster(file: string, longSide: number): Promise<Raster> {
  const { width, height, data }: Pixels = await decodePicture({ path: file }, { maxSide: longSide });
  return { width, height, grey: greyOf(data) };
}

/**
 * What a view shows: means over k*k bilinear samples a pixel, k the reduction rounded up, so that nothing aliases that
 * the page does not bring itself. Beyond the page its edge goes on.
 * @param view in pixels of the raster
 * @param out [S,S] in 0..1
 */
export function sampleView(raster: Raster, view: View, side: number, out: Float32Array): void {
  const { width, height, grey } = raster;
  const step = view.side / side;
  const k = Math.min(MAX_SUPERSAMPLING, Math.max(1, Math.ceil(step - 1e-6)));
  const cos = (Math.cos(view.angle) * step) / k;
  const sin = (Math.sin(view.angle) * step) / k;
  const middle = (side * k - 1) / 2;
  const scale = 1 / (255 * k * k);
  const maxX = width - 1;
  const maxY = height - 1;
  for (let v = 0, i = 0; v < side; v++) {
    for (let u = 0; u < side; u++, i++) {
      let sum = 0;
      for (let b = v * k - middle, endB = b + k; b < endB; b++) {
        const rowX = view.x - 0.5 - sin * b;
        const rowY = view.y - 0.5 + cos * b;
        for (let a = u * k - middle, endA = a + k; a < endA; a++) {
          const x = Math.min(Math.max(rowX + cos * a, 0), maxX);
          const y = Math.min(Math.max(rowY + sin * a, 0), maxY);
          const left = Math.floor(x);
          const top = Math.floor(y);
          const p = top * width + left;
          const right = left < maxX ? 1 : 0;
          const down = top < maxY ? width : 0;
          const upper = grey[p]! + (grey[p + right]! - grey[p]!) * (x - left);
          const lower = grey[p + down]! + (grey[p + down + right]! - grey[p + down]!) * (x - left);
          sum += upper + (lower - upper) * (y - top);
        }
      }
      out[i] = sum * scale;
    }
  }
}

/** Standard deviation. */
export function deviation(values: Float32Array | Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (const v of values) {
    sum += v;
    squares += v * v;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
}
