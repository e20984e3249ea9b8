import type { Scalar } from '../../network/blocks/render-frames.ts';
import type { Medium } from '../../network/media.ts';
import type { Contrast } from '../page-print/print-like.ts';
import type { Coordinates } from './coordinates.ts';
import type { Mask } from './mask.ts';

/** Layers of a drawing as the engine gave them, and what is known of them beforehand. */
export interface RasterDrawing {
  readonly medium: Medium;
  readonly width: number;
  readonly height: number;
  /** [height,width,4]: see network/media.ts. */
  readonly layers: Float32Array;
  readonly mask: Mask;
  /** [height/4,width/4,1+2K], or null when the camera alone moves. */
  readonly fields: Float32Array | null;
  /** [height,width,3] bytes, for inks that keep the photo's colours. */
  readonly colours: Uint8Array | null;
  /** [height/4,width/4,2] of the frame, rounded up: what is added to a place to look up its dots, in warp coordinates. */
  readonly screen?: Float32Array;
  /** Of a style page; without one ink is black and paper white. */
  readonly contrast?: Contrast;
}

export interface RasterFrame {
  readonly width: number;
  readonly height: number;
}

/** Plates of one frame: darkness of line and tone, 0..255, and colours. With `grey` alone: 255 paper, 0 ink. */
export interface Plates {
  readonly grey: Uint8Array | null;
  readonly line: Uint8Array | null;
  readonly tone: Uint8Array | null;
  readonly colour: Uint8Array | null;
}

/** Prints one row of pixels, whose coordinates are filled, from index `out` of the plates on. */
export type RowPrinter = (coordinates: Coordinates, out: number) => void;

/** Gets a printer ready for one frame. */
export type Printer = (drawing: RasterDrawing, scalar: (name: Scalar) => number, plates: Plates) => RowPrinter;
