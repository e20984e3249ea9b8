/** Grey pages and what a camera sees of them. */
import { MangaError } from '../errors/manga-error.ts';
import { decodePicture } from '../media/decode.ts';
import type { View } from './camera.ts';

/** Shorter side below which there is no page to see, pixels. */
const SMALLEST_PAGE = 32;

/** Grey bytes, row-major, 255 paper. */
export interface Grey {
  readonly width: number;
  readonly height: number;
  readonly grey: Uint8Array;
}

/** A page, and the same at half the size: wide views are taken from that. */
export interface Raster extends Grey {
  readonly half: Grey;
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

/** Means over 2x2 pixels; an odd last row or column is left out. */
function halve({ width, height, grey }: Grey): Grey {
  const half = { width: Math.max(1, width >> 1), height: Math.max(1, height >> 1) };
  const right = width > 1 ? 1 : 0;
  const down = height > 1 ? width : 0;
  const out = new Uint8Array(half.width * half.height);
  for (let y = 0, i = 0; y < half.height; y++) {
    for (let p = 2 * y * width, end = i + half.width; i < end; p += 2, i++) {
      out[i] = (grey[p]! + grey[p + right]! + grey[p + down]! + grey[p + down + right]! + 2) >> 2;
    }
  }
  return { ...half, grey: out };
}

export function rasterOf(page: Grey): Raster {
  return { ...page, half: halve(page) };
}

/** @param longSide larger pages are shrunk to it @throws MangaError as decodePicture, BAD_INPUT for a tiny picture */
export async function decodeRaster(file: string, longSide: number): Promise<Raster> {
  const { width, height, data } = await decodePicture({ path: file }, { maxSide: longSide });
  if (Math.min(width, height) < SMALLEST_PAGE) {
    throw new MangaError('BAD_INPUT', `The page has only ${width} x ${height} pixels.`, 'Scan it larger.');
  }
  return rasterOf({ width, height, grey: greyOf(data) });
}

/**
 * The page at the size from which some views are best taken, and the views there. All of a sequence come from one size:
 * it must not change its sharpness on the way.
 */
export function levelFor(raster: Raster, views: readonly View[], side: number): { grey: Grey; views: View[] } {
  if (views.some((view) => view.side < 2 * side)) return { grey: raster, views: [...views] };
  const halved = views.map((view) => ({ ...view, x: view.x / 2, y: view.y / 2, side: view.side / 2 }));
  return { grey: raster.half, views: halved };
}

/**
 * What a view shows: means over k*k bilinear samples a pixel, k the reduction rounded up, so that nothing aliases that
 * the page does not bring itself. Beyond the page its edge goes on.
 * @param view in pixels of the page, which must be at least 2x2
 * @param out [S,S] in 0..1
 */
export function sampleView({ width, height, grey }: Grey, view: View, side: number, out: Float32Array): void {
  const step = view.side / side;
  const k = Math.min(MAX_SUPERSAMPLING, Math.max(1, Math.ceil(step - 1e-6)));
  const cos = (Math.cos(view.angle) * step) / k;
  const sin = (Math.sin(view.angle) * step) / k;
  const middle = (side * k - 1) / 2;
  const scale = 1 / (255 * k * k);
  // The last pixel's right and lower neighbours would lie outside.
  const maxX = width - 1 - 1e-6;
  const maxY = height - 1 - 1e-6;
  for (let v = 0, i = 0; v < side; v++) {
    for (let u = 0; u < side; u++, i++) {
      let sum = 0;
      for (let b = v * k - middle, endB = b + k; b < endB; b++) {
        let x = view.x - 0.5 - sin * b + cos * (u * k - middle);
        let y = view.y - 0.5 + cos * b + sin * (u * k - middle);
        for (let a = 0; a < k; a++, x += cos, y += sin) {
          const inX = Math.min(Math.max(x, 0), maxX);
          const inY = Math.min(Math.max(y, 0), maxY);
          const left = inX | 0;
          const top = inY | 0;
          const p = top * width + left;
          const shareX = inX - left;
          const upper = grey[p]! + (grey[p + 1]! - grey[p]!) * shareX;
          const lower = grey[p + width]! + (grey[p + width + 1]! - grey[p + width]!) * shareX;
          sum += upper + (lower - upper) * (inY - top);
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
