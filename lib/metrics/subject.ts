import type { Size } from '../motion/geometry.ts';
import type { FrameBlock } from './frames.ts';
import type { Picture } from './picture.ts';
import type { Correspond } from './temporal.ts';

/** A photo to be drawn. */
export interface Photo {
  /** File name without extension: what a peer's folder is called. */
  readonly name: string;
  readonly file: string;
}

export interface Clip {
  /** 'zoom', 'pan', 'shake', or a motion of the settings. */
  readonly move: string;
  readonly frames: FrameBlock;
  /** Where points move: exact under a known camera, else null for estimated optical flow. */
  readonly correspond: Correspond | null;
}

/** Something that draws photos: the generator, another program's pictures, or nothing at all (the photo itself). */
export interface Subject {
  readonly name: string;
  /** False of the photo itself, which stands beside the others for orientation. */
  readonly drawn: boolean;
  /** The middle {@link CROP}² of the photo drawn {@link DRAWN_WIDTH} pixels wide; null when there is none. */
  drawing(photo: Photo): Promise<Picture | null>;
  /** The photo drawn to fill a panel of a page; null when there is no drawing. */
  panel(photo: Photo, size: Size): Promise<Picture | null>;
  /** One clip a move; none where there are none. */
  clips(photo: Photo): Promise<Clip[]>;
  /** A few frames each of the same photo under different seeds; empty when it has no seeds. */
  seeds(photo: Photo): Promise<FrameBlock[]>;
}

/** Side of the crops that set distance and content distance look at. */
export const CROP = 256;
/** Width of the drawing that they are cut from. */
export const DRAWN_WIDTH = 512;

/** Size at which a photo is drawn for its crop: 512 wide, more only where the crop would not fit. */
export function drawnSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.max(DRAWN_WIDTH / width, CROP / height);
  return { width: Math.round(width * scale), height: Math.round(height * scale) };
}
