/**
 * What the session process does with pictures, free of handles, arenas and processes. `Pipeline` (pipeline.ts)
 * implements it on an engine and a checkpoint; SessionCore wraps it with arenas.
 */
import type { TensorData } from '../engines/engine.ts';
import type { StillView } from '../motion/still-view.ts';
import type { Medium } from '../network/media.ts';
import type { CameraMove, ClipSettings, DrawSettings } from '../settings/settings.ts';
import type { Contrast } from './page-print/print-like.ts';

/** A decoded picture: interleaved 8-bit RGB, upright, sRGB. `data.length === width * height * 3`. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Something that holds engine or host memory until disposed. `dispose` may be called twice. */
export interface Resource {
  readonly byteLength: number;
  dispose(): void;
}

/** Output of the encoder: features at 1/2, 1/4, 1/8 of the drawing size. */
export interface Content extends Resource {
  /** Shape of the coarsest features [1, h/8, w/8, C]. */
  readonly shape: readonly number[];
  readCoarsest(): Promise<TensorData>;
  /** The photo as the network saw it: cropped, at the drawing size. */
  readonly picture: Pixels;
}

/** Output of the style encoder. */
export interface Style extends Resource {
  readonly shape: readonly number[];
  read(): Promise<TensorData>;
}

/** A sequence whose layers are drawn and whose frames are rendered on demand. */
export interface FrameSequence extends Resource {
  /** [T, H, W, C], C 1 (grey) or 3 (RGB). Height and width are even. */
  readonly shape: readonly [number, number, number, number];
  readonly fps: number;
  /**
   * Renders frames first..first+count-1. Same sequence, same bytes, however it is chunked.
   * @param signal ends what takes long, with CANCELLED
   * @returns count*H*W*C bytes
   */
  render(first: number, count: number, signal?: AbortSignal): Promise<Uint8Array>;
  /** The frame that shows the picture as it stood, where the frames are of one. */
  readonly still?: StillView;
  /** The first frame follows the last without a jump. */
  readonly loops?: boolean;
  /** A file whose sound belongs to the frames, from their beginning. */
  readonly sound?: string;
}

/** A picture's layers in host memory. */
export interface DrawnLayers {
  /** Size of the layers: that of the picture, enlarged to the right and below to multiples of the network's stride. */
  readonly width: number;
  readonly height: number;
  /** [height,width,4]: see network/media.ts. */
  readonly layers: Float32Array;
  /** Of the style page. */
  readonly contrast?: Contrast;
}

/** What the network made of a picture, in host memory. Maps reach over the picture to the right and below, where it was padded. */
export interface Inspection {
  readonly medium: Medium;
  /** The picture's size in the layers. */
  readonly drawn: { readonly width: number; readonly height: number };
  /** [1,H,W,4]: see network/media.ts. */
  readonly layers: TensorData;
  /** [1,H/4,W/4,1+2K]: disparity (0 far .. 1 near), then x and y of each flow basis. */
  readonly fields: TensorData;
  /** [1,H/2,W/2,C], [1,H/4,W/4,C], [1,H/8,W/8,C] of the encoder. */
  readonly features: Readonly<Record<'half' | 'quarter' | 'eighth', TensorData>>;
}

export interface PictureToClip {
  /** What it draws with. */
  readonly medium: Medium;
  encode(picture: Pixels, settings: DrawSettings): Promise<Content>;
  /**
   * @param pages one page, or two to blend: pictures, or styles encoded before
   * @param blend share of the second, 0..1, default .5
   */
  encodeStyle(pages: readonly (Pixels | Style)[], blend?: number): Promise<Style>;
  decode(
    content: Content,
    settings: ClipSettings,
    style?: Style,
    camera?: readonly CameraMove[],
  ): Promise<FrameSequence>;
  /** @param styleStrength how far it follows the style, 0..1 */
  inspect(content: Content, style?: Style, styleStrength?: number): Promise<Inspection>;
  /** Draws a picture at its own size, without motion: a video's frame. @param styleStrength how far it follows the style, 0..1 */
  drawLayers(picture: Pixels, style?: Style, styleStrength?: number): Promise<DrawnLayers>;
  /** Bytes `encode`+`decode` will hold for a picture of this size: to refuse before allocating. */
  estimateBytes(width: number, height: number, settings: DrawSettings): number;
}
