import { gaussianBlur } from '../render/gaussian.ts';
import type { FrameMotion, Geometry } from './frame-scalars.ts';
import type { CanvasPoint } from './geometry.ts';

/**
 * Largest slope of the displacement, pixels a pixel: at 1 the picture would fold; at .5 it is nowhere stretched or pressed by
 * more than a half, and nothing is torn.
 */
const SLOPE = 0.5;
/** Blurs in field pixels (a quarter of the drawn ones), tried in turn until the slope is kept. */
const BLURS = [1.5, 2.5, 4, 6, 9] as const;
/** Towards the picture's edges, over this share of its sides, sway and breath go to nothing. */
const MARGIN = 0.09;
/** The network is unsure of the outermost cells of its fields: they repeat the ones before them. */
const UNSURE = 3;
/** Depths that can be the one that stays; compose.ts leaves room for how far the rest then moves. */
const STILL_DEPTH = { low: 0.3, high: 0.7 } as const;
/** The farthest that any depth can be from the one that stays. */
export const DEPTH_REACH = 0.7;

/** The largest value of some quantity over a clip. */
const largest = (motions: readonly FrameMotion[], of: (motion: FrameMotion) => number) =>
  motions.reduce((most, motion) => Math.max(most, Math.abs(of(motion))), 0);

function slopeOf(plane: Float32Array, width: number, height: number): number {
  let steepest = 0;
  for (let y = 0; y + 1 < height; y++) {
    for (let i = y * width; i < y * width + width - 1; i++) {
      const across = plane[i + 1]! - plane[i]!;
      const down = plane[i + width]! - plane[i]!;
      steepest = Math.max(steepest, across * across + down * down);
    }
  }
  return Math.sqrt(steepest);
}

/** Smooths a field until, moved as far as the clip moves it, it keeps the slope; what the blurs cannot do, scale does. */
function smooth(plane: Float32Array, width: number, height: number, reach: number): Float32Array {
  let smoothed = plane;
  let slope = 0;
  for (const sigma of BLURS) {
    smoothed = gaussianBlur(plane, width, height, sigma);
    slope = slopeOf(smoothed, width, height) * reach;
    if (slope <= SLOPE) return smoothed;
  }
  return smoothed.map((v) => (v * SLOPE) / slope);
}

/** 0 at the edges of what was drawn, 1 inside. */
function edgeWindow(width: number, height: number, { drawn, padded }: Geometry): Float32Array {
  const ramp = (i: number, side: number, share: number) => {
    const end = (side - 1) * share;
    const t = Math.min(Math.max(Math.min(i, end - i) / (MARGIN * end), 0), 1);
    return t * t * (3 - 2 * t);
  };
  const across = Array.from({ length: width }, (_, x) => ramp(x, width, drawn.width / padded.width));
  const down = Array.from({ length: height }, (_, y) => ramp(y, height, drawn.height / padded.height));
  const window = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) window[i] = across[x]! * down[y]!;
  return window;
}

/**
 * Learned disparity and flow bases made fit for a clip: smooth enough for how far it moves them, and depth counted from the
 * focal point, so that this is what stays while the rest moves about it.
 * @param fields [height,width,1+2K] with height and width a quarter of the padded drawing's
 */
export function steadyFields(
  fields: Float32Array,
  motions: readonly FrameMotion[],
  geometry: Geometry,
  focal: CanvasPoint,
): Float32Array {
  const { padded, drawn } = geometry;
  const width = padded.width / 4;
  const height = padded.height / 4;
  const channels = fields.length / (width * height);
  const long = Math.max(drawn.width, drawn.height) / 4;
  const steady = new Float32Array(fields.length);
  const plane = (c: number) => {
    const values = new Float32Array(width * height);
    for (let i = 0, at = c; i < values.length; i++, at += channels) values[i] = fields[at]!;
    return values;
  };
  const put = (c: number, values: Float32Array) => {
    for (let i = 0; i < values.length; i++) steady[i * channels + c] = values[i]!;
  };

  const shift = largest(motions, (m) => Math.hypot(m.parallaxX, m.parallaxY));
  const reach = shift + largest(motions, (m) => m.dolly / 2);
  const columns = (drawn.width / padded.width) * width;
  const rows = (drawn.height / padded.height) * height;
  const inside = (i: number, side: number) => Math.round(Math.min(Math.max(i, UNSURE), Math.max(side - 1 - UNSURE, 0)));
  const disparity = plane(0).map((_, i, all) => {
    const at = inside(Math.floor(i / width), rows) * width + inside(i % width, columns);
    return Math.min(Math.max(all[at]!, 0), 1);
  });
  const depth = smooth(disparity, width, height, reach * long);
  const x = inside((focal.x + 0.5) * columns, columns);
  const y = inside((focal.y + 0.5) * rows, rows);
  const still = Math.min(Math.max(depth[y * width + x]!, STILL_DEPTH.low), STILL_DEPTH.high);
  // Disparity .5 is what stands still (frame-scalars.ts).
  put(
    0,
    depth.map((v) => v + 0.5 - still),
  );

  const window = edgeWindow(width, height, geometry);
  for (let c = 1; c < channels; c++) {
    const weight = largest(motions, (m) => m.weights[(c - 1) >> 1]!);
    if (weight === 0) continue;
    const basis = smooth(plane(c), width, height, weight * long);
    put(
      c,
      basis.map((v, i) => v * window[i]!),
    );
  }
  return steady;
}
