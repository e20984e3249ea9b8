import { drawEffects } from '../effects/frame-effects.ts';
import type { FrameMotion, Geometry } from '../motion/frame-scalars.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { platesFor, printPlates } from './ink.ts';
import { applyContrast } from './page-print/print-like.ts';
import { rasterise } from './raster/rasterise.ts';
import type { RasterDrawing } from './raster/types.ts';

/** All that a frame of a clip is made of: plain data, the same in every thread. */
export interface FrameScene {
  readonly drawing: RasterDrawing;
  readonly settings: ClipSettings;
  readonly geometry: Geometry;
  readonly motions: readonly FrameMotion[];
  /** [motions, SCALARS] */
  readonly scalars: Float32Array;
  /** [motions, 2K] */
  readonly weights: Float32Array;
}

/** @param t which of the motions @returns the frame's bytes, [H,W,C] */
export function renderFrame(scene: FrameScene, t: number): Uint8Array {
  const { drawing, settings, geometry, motions } = scene;
  const { width, height } = geometry.frame;
  const plates = platesFor(settings.ink, drawing.medium, width, height);
  const row = (table: Float32Array) => {
    const length = table.length / motions.length;
    return table.subarray(t * length, (t + 1) * length);
  };
  rasterise(drawing, { width, height }, row(scene.scalars), row(scene.weights), plates);
  drawEffects(plates, motions[t]!, t, geometry, settings);
  const bytes = printPlates(plates, settings.ink, drawing.medium);
  return drawing.contrast ? applyContrast(bytes, drawing.contrast) : bytes;
}
