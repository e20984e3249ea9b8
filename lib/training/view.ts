import type * as core from '@tensorflow/tfjs-core';
import { type Geometry, type Look, pixelGrid } from '../motion/frame-scalars.ts';
import { FLOW_STEP } from '../network/blocks/render-frames.ts';

type Tf = Omit<typeof core, 'default'>;

/** Share of a crop's side that the frame shows: the rest is room for the camera. */
const FRAME_SHARE = 0.8;

/** How training prints frames: lines as drawn, dots a little coarser than in clips, so that soft edges leave them apart. */
export const LOOK: Look = { lineWeight: 1, screenPeriod: 5, screenAngle: 45 };

/** How a camera sees a square training crop: frames of `inner` pixels a side on a canvas of the whole crop. @param side of the crop */
export function viewOf(side: number): { readonly inner: number; readonly geometry: Geometry } {
  const inner = FLOW_STEP * Math.round((side * FRAME_SHARE) / FLOW_STEP);
  const whole = { width: side, height: side };
  return { inner, geometry: { frame: { width: inner, height: inner }, canvas: whole, drawn: whole, padded: whole } };
}

/** Pixel coordinates of a square frame as renderPlates takes them. The caller disposes them. @param inner side of the frame */
export function gridTensors(tf: Tf, inner: number) {
  const axis = pixelGrid(inner, FLOW_STEP);
  const cells = inner / FLOW_STEP;
  return {
    px: tf.tensor(axis.fine, [1, 1, inner, 1]),
    py: tf.tensor(axis.fine, [1, inner, 1, 1]),
    coarseX: tf.tensor(axis.coarse, [1, 1, cells, 1]),
    coarseY: tf.tensor(axis.coarse, [1, cells, 1, 1]),
  };
}
