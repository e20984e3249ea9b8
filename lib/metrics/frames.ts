import { MangaError } from '../errors/manga-error.ts';
import type { Picture } from './picture.ts';

/** A sequence in host memory, 0..255. */
export interface FrameBlock {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** 1: grey, 3: RGB */
  readonly channels: 1 | 3;
  /** [count, height, width, channels] */
  readonly data: Uint8Array;
}

/** The t-th frame, sharing memory with the block. */
export function frameOf({ width, height, channels, data }: FrameBlock, t: number): Picture {
  const size = width * height * channels;
  return { width, height, channels, data: data.subarray(t * size, (t + 1) * size) };
}

/** @throws MangaError BAD_INPUT when the pictures differ in size or channels */
export function joinFrames(pictures: readonly Picture[]): FrameBlock {
  const { width, height, channels } = pictures[0]!;
  const size = width * height * channels;
  const data = new Uint8Array(pictures.length * size);
  for (const [t, picture] of pictures.entries()) {
    if (picture.width !== width || picture.height !== height || picture.channels !== channels) {
      throw new MangaError(
        'BAD_INPUT',
        `Frame ${t + 1} has ${picture.width}x${picture.height} pixels, the first one ${width}x${height}.`,
        'The frames of a clip must be of one size.',
      );
    }
    data.set(picture.data, t * size);
  }
  return { count: pictures.length, width, height, channels, data };
}
