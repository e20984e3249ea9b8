import type { Pixels } from '../pipeline/types.ts';

/** A video's pictures: where they come from, and how many there are. */
export interface FrameSource {
  readonly frames: number;
  readonly fps: number;
  /** The file, when it has sound. */
  readonly sound?: string;
  /**
   * The pictures in order, each of the same size, from the first. Ending the iteration frees everything.
   * @throws MangaError BAD_INPUT when they end too early
   */
  open(): AsyncGenerator<Pixels, void>;
}

/** 'N': the long side. 'WxH': covered, what is too much is cut off. */
export interface FrameSize {
  readonly long?: number;
  readonly box?: { readonly width: number; readonly height: number };
}

export function frameSizeOf(size: string): FrameSize {
  const [width, height] = size.split('x').map(Number) as [number, number?];
  return height === undefined ? { long: width } : { box: { width, height } };
}
