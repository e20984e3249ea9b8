import { SCALARS, type Scalar } from '../../network/blocks/render-frames.ts';
import { printColour } from './colour.ts';
import { Coordinates } from './coordinates.ts';
import { printToned } from './toned.ts';
import type { Plates, RasterDrawing, RasterFrame } from './types.ts';

/**
 * Renders one frame: network/blocks/render-frames.ts as a plain loop over pixels, for clips. The same formulas, tested to
 * agree. Two to four times as fast as the graph on a processor, and the same bytes whatever the engine.
 * @param scalars the frame's row of SCALARS @param weights the frame's flow weights, [2K]
 * @param plates buffers to fill: `grey`, or `line` and `tone` and perhaps `colour`
 */
export function rasterise(
  drawing: RasterDrawing,
  frame: RasterFrame,
  scalars: Float32Array,
  weights: Float32Array,
  plates: Plates,
): void {
  // By name once a frame: in the loop a look-up for every pixel would cost more than the printing.
  const named = Object.fromEntries(SCALARS.map((name, i) => [name, scalars[i]!])) as Record<Scalar, number>;
  const scalar = (name: Scalar) => named[name];
  const coordinates = new Coordinates(drawing, frame, scalar, weights);
  const print = (drawing.medium === 'colour' ? printColour : printToned)(drawing, scalar, plates);
  for (let row = 0; row < frame.height; row++) {
    coordinates.row(row);
    print(coordinates, row * frame.width);
  }
}
