/** PNGs for people to look at what a handle holds. */
import sharp, { type ResizeOptions } from 'sharp';
import type { TensorData } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import type { Pixels } from '../pipeline/types.ts';

/** Interleaved 8-bit grey (1 channel) or RGB (3). */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** What was read of a handle as one picture. @param read uint8 [1,H,W,C] of an image or a frame, or float32 features [1,h,w,C] */
export function rasterOf(read: TensorData): Raster {
  if (read.dtype !== 'uint8') return mosaic(read);
  const [, height, width, channels] = read.shape as [1, number, number, 1 | 3];
  return { width, height, channels, data: read.data as Uint8Array };
}

/** How a picture is made to fit. @throws MangaError BAD_SETTING */
function within(maxSide: number): ResizeOptions {
  if (!Number.isInteger(maxSide) || maxSide < 1 || maxSide > 4096)
    throw new MangaError('BAD_SETTING', `A preview has 1 to 4096 pixels a side, not ${maxSide}.`);
  return { width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true };
}

/** @param picture interleaved 8-bit RGB @returns a JPEG with sides of at most `maxSide` pixels */
export async function toJpeg({ data, width, height }: Pixels, maxSide: number): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .resize(within(maxSide))
    .jpeg({ quality: 92, chromaSubsampling: '4:4:4' })
    .toBuffer();
}

/** @returns a PNG with sides of at most `maxSide` pixels; smaller rasters keep their size */
export async function toPng(raster: Raster, maxSide: number): Promise<Uint8Array> {
  const { data, width, height, channels } = raster;
  const resized = sharp(data, { raw: { width, height, channels } }).resize(within(maxSide));
  return (channels === 1 ? resized.toColourspace('b-w') : resized).png().toBuffer();
}

/**
 * The first feature maps side by side, each stretched to 0..255 by its own minimum and maximum; a constant map is black.
 * @param features float32 [1,h,w,C]
 * @returns at most 16 maps in rows of 4 (fewer columns if there are fewer maps)
 */
export function mosaic(features: TensorData, most = 16): Raster {
  const [, h, w, channels] = features.shape as [number, number, number, number];
  const maps = Math.min(channels, most);
  const columns = Math.ceil(Math.sqrt(maps));
  const width = columns * w;
  const height = Math.ceil(maps / columns) * h;
  const data = new Uint8Array(width * height);
  for (let map = 0; map < maps; map++) {
    let low = Infinity;
    let high = -Infinity;
    for (let i = map; i < features.data.length; i += channels) {
      low = Math.min(low, features.data[i]!);
      high = Math.max(high, features.data[i]!);
    }
    const scale = high > low ? 255 / (high - low) : 0;
    const left = (map % columns) * w;
    const top = Math.floor(map / columns) * h;
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        data[(top + y) * width + left + x] = Math.round((features.data[(y * w + x) * channels + map]! - low) * scale);
  }
  return { width, height, channels: 1, data };
}
