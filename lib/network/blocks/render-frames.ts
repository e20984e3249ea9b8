import type { Program } from '../../engines/engine.ts';
import type { NetworkConfig } from '../config.ts';
import type { Medium } from '../media.ts';
import type { Ops } from '../ops.ts';
import { LAYERS } from './canonical-decoder.ts';
import type { WeightOf } from './layers.ts';
import { colourTone } from './print-colour.ts';
import { LINE_INK, pencilTone } from './print-pencil.ts';
import { FLAT_TONE, screenDots, sumTones } from './print-screentone.ts';

/*
 * Per frame: layers -> printing plates. No weights. For each output pixel
 *   q     = camera(pixel) + parallax * disparity + dolly * disparity * q + sum of weight_k * basis_k    (all sampled at camera(pixel))
 *   line  = coverage of ink where the line field, sampled at q, is over the threshold
 *   tone  = what the medium prints for the other three fields, sampled at q: dots, strokes or flat colour (print-*.ts)
 * Dots and strokes lie in canvas coordinates q, so they move with what they shade and nothing boils. Edges are as soft as one
 * output pixel (`gain`), so plates are anti-aliased at any size; while training they are softer.
 * q is in Ops.warp's coordinates of the padded layers (-1..1); the host folds all scales into the scalars (motion/frame-scalars.ts).
 */

/** Columns of `scalars`: q = (xx·px + xy·py + x0, yx·px + yy·py + y0), then parallax, screen and gains. */
export const SCALARS = [
  ...['xx', 'xy', 'x0', 'yx', 'yy', 'y0'],
  ...['parallaxX', 'parallaxY', 'dolly'],
  ...['screenUX', 'screenUY', 'screenU0', 'screenVX', 'screenVY', 'screenV0'],
  ...['edgeGain', 'lineThreshold', 'screenGain'],
] as const;
export type Scalar = (typeof SCALARS)[number];

/** The coarse grid on which the flow is evaluated, in output pixels. */
export const FLOW_STEP = 4;

interface Plates<T extends object> {
  readonly line: T;
  readonly tone: T;
  readonly coords: T;
}

/** How the fields are printed: in the checkpoint's medium, or `flat`, screentone too fine for its dots to be seen. */
export type PrintAs = Medium | 'flat';

/**
 * @param layers [B,H,W,4] @param fields [B,h,w,1+2K] or null for a camera without flow
 * @param scalars [B*T,18] in the order of SCALARS @param weights [B*T,2K] x and y weight of each basis
 * @param grid px [1,1,w,1], py [1,h,1,1] output pixels from the frame's centre; coarse: the same at FLOW_STEP
 * @param frames T @param print how the layers become ink
 * @returns darkness of line and tone, 0..1, and where each pixel was sampled; what is seen is 1 - {@link inked}
 */
export function renderPlates<T extends object>(
  ops: Ops<T>,
  layers: T,
  fields: T | null,
  scalars: T,
  weights: T | null,
  grid: { px: T; py: T; coarseX: T; coarseY: T },
  frames: number,
  flowBases: number,
  print: PrintAs,
): Plates<T> {
  const scalar = (name: Scalar) => ops.perImage(ops.column(scalars, SCALARS.indexOf(name)));
  const camera = (x: T, y: T, axis: 'x' | 'y') =>
    ops.add(ops.mul(scalar(`${axis}x`), x), ops.add(ops.mul(scalar(`${axis}y`), y), scalar(`${axis}0`)));
  const sample = (image: T, x: T, y: T, channels: number): T[] => {
    const coords = ops.concat([ops.stackFrames(x, frames), ops.stackFrames(y, frames)]);
    const sampled = ops.warp(image, coords);
    return Array.from({ length: channels }, (_, c) => ops.unstackFrames(ops.channels(sampled, c, 1), frames));
  };

  let qx = camera(grid.px, grid.py, 'x');
  let qy = camera(grid.px, grid.py, 'y');
  if (fields && weights) {
    const coarseX = camera(grid.coarseX, grid.coarseY, 'x');
    const coarseY = camera(grid.coarseX, grid.coarseY, 'y');
    const [disparity, ...bases] = sample(fields, coarseX, coarseY, 1 + 2 * flowBases);
    const flow = (axis: 0 | 1, at: T, parallax: Scalar) => {
      let sum = ops.mul(disparity!, ops.add(scalar(parallax), ops.mul(scalar('dolly'), at)));
      for (let k = 0; k < flowBases; k++) {
        const weight = ops.perImage(ops.column(weights, 2 * k + axis));
        sum = ops.add(sum, ops.mul(weight, bases[2 * k + axis]!));
      }
      return sum;
    };
    // Both components in one enlargement: it is done a channel a thread.
    const enlarged = ops.enlarge(ops.concat([flow(0, coarseX, 'parallaxX'), flow(1, coarseY, 'parallaxY')]), FLOW_STEP);
    qx = ops.add(qx, ops.channels(enlarged, 0, 1));
    qy = ops.add(qy, ops.channels(enlarged, 1, 1));
  }

  const [lineField, ...toneFields] = sample(layers, qx, qy, LAYERS);
  const coverage = (field: T, threshold: T | null) => {
    const over = threshold ? ops.sub(field, threshold) : ops.affine(field, 1, -0.5);
    return ops.clip(ops.affine(ops.mul(over, scalar('edgeGain')), 1, 0.5), 0, 1);
  };
  const line = coverage(lineField!, scalar('lineThreshold'));
  const coords = ops.concat([ops.stackFrames(qx, frames), ops.stackFrames(qy, frames)]);
  if (print === 'colour') return { line, tone: colourTone(ops, toneFields), coords };
  const tones = toneFields.map((field) => coverage(field, null));
  if (print === 'flat') return { line, tone: sumTones(ops, tones, FLAT_TONE), coords };
  const u = ops.add(ops.mul(scalar('screenUX'), qx), ops.add(ops.mul(scalar('screenUY'), qy), scalar('screenU0')));
  const v = ops.add(ops.mul(scalar('screenVX'), qx), ops.add(ops.mul(scalar('screenVY'), qy), scalar('screenV0')));
  const gain = scalar('screenGain');
  if (print === 'pencil')
    return { line: ops.affine(line, LINE_INK, 0), tone: pencilTone(ops, tones, u, v, gain), coords };
  return { line, tone: screenDots(ops, tones, u, v, gain), coords };
}

/** Both plates on one sheet, 0 paper .. 1 ink: the darker of the two; over colours and strokes a line is added. */
export function inked<T extends object>(ops: Ops<T>, { line, tone }: { line: T; tone: T }, print: PrintAs): T {
  if (print === 'screentone' || print === 'flat') return ops.max(line, tone);
  return ops.affine(ops.mul(ops.affine(line, -1, 1), ops.affine(tone, -1, 1)), -1, 1);
}

export interface RenderVariant {
  /** Frames a run. */
  readonly frames: number;
  /** Parallax, dolly and flow bases; without, the camera only. */
  readonly flow: boolean;
  /** 'grey': one image, line and tone together. 'plates': both apart. 'colour': plates and the photo's colours. */
  readonly output: 'grey' | 'plates' | 'colour';
}

/**
 * Inputs `layers` [1,H,W,4], `fields` [1,h,w,1+2K], `scalars` [T,18], `weights` [T,2K], `px` [1,1,w,1], `py` [1,h,1,1], `coarseX`
 * [1,1,w/4,1], `coarseY` [1,h/4,1,1] (w, h multiples of 4); for colour `colours` [1,H,W,3] in 0..1.
 * Outputs as uint8: `grey` [T,h,w,1] (255 paper), or `line` and `tone` [T,h,w,1] (255 ink), and `colour` [1,T*h,w,3].
 */
export function renderProgram(config: NetworkConfig, variant: RenderVariant): Program {
  const { frames, flow, output } = variant;
  const flowInputs: Program['inputs'] = flow
    ? { fields: [1, 'fh', 'fw', 1 + 2 * config.flowBases], weights: [frames, 2 * config.flowBases] }
    : {};
  const grids: Program['inputs'] = { px: [1, 1, 'w', 1], py: [1, 'h', 1, 1] };
  const coarse: Program['inputs'] = flow ? { coarseX: [1, 1, 'cw', 1], coarseY: [1, 'ch', 1, 1] } : {};
  const colours: Program['inputs'] = output === 'colour' ? { colours: [1, 'H', 'W', 3] } : {};
  return {
    name: `render-${frames}-${flow ? 'flow' : 'camera'}-${output}-${config.flowBases}-${config.medium}`,
    inputs: {
      layers: [1, 'H', 'W', LAYERS],
      scalars: [frames, SCALARS.length],
      ...grids,
      ...flowInputs,
      ...coarse,
      ...colours,
    },
    outputs: output === 'grey' ? ['grey'] : output === 'plates' ? ['line', 'tone'] : ['line', 'tone', 'colour'],
    build<T extends object>(ops: Ops<T>, _weight: WeightOf<T>, inputs: Readonly<Record<string, T>>): Record<string, T> {
      const { px, py, coarseX, coarseY } = inputs;
      const grid = { px: px!, py: py!, coarseX: coarseX!, coarseY: coarseY! };
      const plates = renderPlates(
        ops,
        inputs.layers!,
        inputs.fields ?? null,
        inputs.scalars!,
        inputs.weights ?? null,
        grid,
        frames,
        config.flowBases,
        config.medium,
      );
      if (output === 'grey') return { grey: ops.toBytes(ops.affine(inked(ops, plates, config.medium), -1, 1)) };
      const bytes = { line: ops.toBytes(plates.line), tone: ops.toBytes(plates.tone) };
      if (output === 'plates') return bytes;
      return { ...bytes, colour: ops.toBytes(ops.warp(inputs.colours!, plates.coords)) };
    },
  };
}
