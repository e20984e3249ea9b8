import sharp, { type Sharp } from 'sharp';
import { decodePicture } from '../media/decode.ts';

/** Pixels in host memory, interleaved, 0..255. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: RGB */
  readonly channels: 1 | 3;
  /** [height, width, channels] */
  readonly data: Uint8Array;
}

/** A rectangle in pixels. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Decodes a file: upright, sRGB. @throws MangaError as decodePicture */
export async function readPicture(path: string): Promise<Picture> {
  return { ...(await decodePicture({ path })), channels: 3 };
}

function open({ width, height, channels, data }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
}

/** Cuts a box out and resizes it (Lanczos; a reduction averages). */
export async function cropTo(picture: Picture, box: Box, width: number, height = width): Promise<Picture> {
  const sized = open(picture).extract(box).resize(width, height, { fit: 'fill', kernel: 'lanczos3' });
  const { data, info } = await sized.raw().toBuffer({ resolveWithObject: true });
  return { width, height, channels: info.channels as 1 | 3, data };
}

/** Resizes a picture so that it just covers a size, and cuts the middle out. */
export async function coverWith(
  picture: Picture,
  { width, height }: { width: number; height: number },
): Promise<Picture> {
  const { data, info } = await open(picture)
    .resize(width, height, { fit: 'cover', kernel: 'lanczos3' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width, height, channels: info.channels as 1 | 3, data };
}

/** Luma of BT.601, as Pillow and OpenCV compute it; grey stays what it is. */
export function toGrey(picture: Picture): Picture {
  if (picture.channels === 1) return picture;
  const { width, height, data } = picture;
  const grey = new Uint8Array(width * height);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = Math.round(0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!);
  }
  return { width, height, channels: 1, data: grey };
}

/** The largest square in the middle. */
export function centreSquare({ width, height }: { width: number; height: number }): Box {
  const side = Math.min(width, height);
  return { left: Math.floor((width - side) / 2), top: Math.floor((height - side) / 2), width: side, height: side };
}
