import { gaussianBlur } from '../render/gaussian.ts';
import type { FrameMotion, Geometry } from './frame-scalars.ts';
import { type Planes, type Pull, raiseToSlope, steepest, summedSlope } from './gentle-slope.ts';
import type { CanvasPoint, Size } from './geometry.ts';
import { levelUprights } from './upright.ts';

/**
 * Largest slope of the displacement, pixels a pixel, of all that moves together: at 1 the picture would fold; at .5 no place is
 * stretched or pressed by more than a half in any direction, no area to less than .42 of it, and nothing is torn.
 */
const SLOPE = 0.5;
/** What is aimed at: between cells the slope is a little steeper than from cell to cell. */
const AIM = 0.96 * SLOPE;
/** All fields are smoothed more and more, until together they keep the slope; what that cannot do, scale does. */
const ROUNDS = 6;
/** Blurs in cells, tried in turn until a basis keeps its slope. */
const BLURS = [1.5, 2.5, 4, 6, 9] as const;
/** Noise and corners of depth, cells. */
const GRAIN = 1.2;
/** Motions of a clip that are looked at: neighbours are alike. */
const LOOKED_AT = 32;
/** Fields are made on a grid of at most so many cells a side, and enlarged: they are smooth. */
const GRID = 112;
/** Towards the picture's edges, over this share of its sides, sway and breath go to nothing. */
const MARGIN = 0.09;
/** The network is unsure of the outermost cells of its fields: they repeat the ones before them. */
const UNSURE = 3;
/** Depths that can be the one that stays. */
const STILL_DEPTH = { low: 0.3, high: 0.7 } as const;
/** The farthest that any depth is from the one that stays: compose.ts leaves room for how far it then moves. */
export const DEPTH_REACH = 0.55;
/** Depth, but for the nearest and farthest cells, reaches at least so far, and is stretched for it by no more than so much. */
const CONTRAST = { range: 0.85, tails: 0.03, most: 2.2 } as const;

/** Smooths a basis until, moved as far as the clip moves it, it keeps the slope; what the blurs cannot do, scale does. */
function smooth(plane: Float32Array, size: Size, reach: number, allowed: number): Float32Array {
  let smoothed = plane;
  let slope = 0;
  for (const sigma of BLURS) {
    smoothed = gaussianBlur(plane, size.width, size.height, sigma);
    slope = steepest(smoothed, size) * reach;
    if (slope <= allowed) return smoothed;
  }
  return smoothed.map((v) => (v * allowed) / slope);
}

/** 0 at the edges of what was drawn, 1 inside. */
function edgeWindow({ width, height }: Size, inside: Size): Float32Array {
  const ramp = (i: number, side: number) => {
    const t = Math.min(Math.max(Math.min(i, side - 1 - i) / (MARGIN * (side - 1)), 0), 1);
    return t * t * (3 - 2 * t);
  };
  const across = Array.from({ length: width }, (_, x) => ramp(x, inside.width));
  const down = Array.from({ length: height }, (_, y) => ramp(y, inside.height));
  const window = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) for (let x = 0; x < width; x++, i++) window[i] = across[x]! * down[y]!;
  return window;
}

/** One channel of the fields, means over blocks of `factor` cells, the last of them perhaps smaller. */
function shrink(fields: Float32Array, channels: number, c: number, from: Size, to: Size, factor: number): Float32Array {
  const plane = new Float32Array(to.width * to.height);
  const count = new Float32Array(plane.length);
  for (let y = 0, at = c; y < from.height; y++) {
    const row = Math.floor(y / factor) * to.width;
    for (let x = 0; x < from.width; x++, at += channels) {
      const i = row + Math.floor(x / factor);
      plane[i]! += fields[at]!;
      count[i]! += 1;
    }
  }
  return plane.map((v, i) => v / count[i]!);
}

/** Writes a plane into a channel of the fields, bilinear between the centres of its blocks. */
function enlarge(
  plane: Float32Array,
  from: Size,
  into: Float32Array,
  channels: number,
  c: number,
  to: Size,
  factor: number,
) {
  const axis = (side: number, last: number) =>
    Array.from({ length: side }, (_, i) => {
      const at = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), last);
      const cell = Math.min(Math.floor(at), Math.max(last - 1, 0));
      return [cell, at - cell] as const;
    });
  const columns = axis(to.width, from.width - 1);
  const right = from.width > 1 ? 1 : 0;
  const below = from.height > 1 ? from.width : 0;
  let out = c;
  for (const [y, fy] of axis(to.height, from.height - 1)) {
    for (const [x, fx] of columns) {
      const i = y * from.width + x;
      const top = plane[i]! + fx * (plane[i + right]! - plane[i]!);
      const bottom = plane[i + below]! + fx * (plane[i + below + right]! - plane[i + below]!);
      into[out] = top + fy * (bottom - top);
      out += channels;
    }
  }
}

/** Some motions of a clip, evenly spread, and those that go farthest in anything; in cells. @param long of the drawing, in cells */
function pullsOf(motions: readonly FrameMotion[], long: number): Pull[] {
  const parts = (m: FrameMotion) => [m.parallaxX, m.parallaxY, m.dolly, ...m.weights];
  const every = Math.max(1, Math.ceil(motions.length / LOOKED_AT));
  const chosen = new Set(motions.filter((_, t) => t % every === 0));
  parts(motions[0]!).forEach((_, k) => {
    chosen.add(motions.reduce((a, b) => (Math.abs(parts(b)[k]!) > Math.abs(parts(a)[k]!) ? b : a)));
  });
  return Array.from(chosen, ({ parallaxX, parallaxY, dolly, weights }) => {
    // As against the depth that stays, which a dolly scales by so much (frame-scalars.ts).
    const cells = long / (1 + dolly / 2);
    return {
      parallaxX: parallaxX * cells,
      parallaxY: parallaxY * cells,
      dolly: dolly / (1 + dolly / 2),
      weights: weights.map((weight) => weight * cells),
    };
  });
}

const largest = (pulls: readonly Pull[], of: (pull: Pull) => number) =>
  Math.max(0, ...pulls.map((p) => Math.abs(of(p))));

/** Made even, depth has lost range: things lie less far behind each other. Stretched again. */
function stretch(depth: Float32Array): Float32Array {
  const sorted = depth.toSorted();
  const low = sorted[Math.floor(CONTRAST.tails * (depth.length - 1))]!;
  const high = sorted[Math.floor((1 - CONTRAST.tails) * (depth.length - 1))]!;
  const gain = Math.min(Math.max(CONTRAST.range / Math.max(high - low, 1e-6), 1), CONTRAST.most);
  const middle = (low + high) / 2;
  return depth.map((v) => Math.min(Math.max(0.5 + gain * (v - middle), 0), 1));
}

/** Depth and bases smooth enough for all that moves them. Depth counts from the still one. */
function gentle(
  { depth, bases }: Planes,
  size: Size,
  focal: number,
  window: Float32Array,
  pulls: readonly Pull[],
): Planes {
  const long = Math.max(size.width, size.height);
  const reach = largest(pulls, (p) => Math.hypot(p.parallaxX, p.parallaxY) + (Math.abs(p.dolly) * long) / 2);
  const fine = gaussianBlur(depth, size.width, size.height, GRAIN);
  let share = 1;
  let slope = 0;
  let planes: Planes = { depth, bases };
  for (let round = 0; round < ROUNDS; round++) {
    const allowed = share * AIM;
    const raised = reach > 0 ? raiseToSlope(fine, size, allowed / reach) : fine;
    const near = gaussianBlur(raised, size.width, size.height, GRAIN);
    const still = Math.min(Math.max(near[focal]!, STILL_DEPTH.low), STILL_DEPTH.high);
    planes = {
      depth: near.map((v) => Math.min(Math.max(v - still, -DEPTH_REACH), DEPTH_REACH)),
      bases: bases.map((pair, k) => {
        const weight = largest(pulls, ({ weights }) => weights[k]!);
        const calm = (plane: Float32Array) =>
          weight > 0 ? smooth(plane, size, weight, allowed).map((v, i) => v * window[i]!) : plane.map(() => 0);
        return [calm(pair[0]), calm(pair[1])] as const;
      }),
    };
    slope = summedSlope(planes, size, pulls);
    if (slope <= AIM) return planes;
    share *= Math.max(0.5, (0.97 * AIM) / slope);
  }
  const scale = AIM / slope;
  const scaled = (plane: Float32Array) => plane.map((v) => scale * v);
  return {
    depth: scaled(planes.depth),
    bases: planes.bases.map(([x, y]) => [scaled(x), scaled(y)] as const),
  };
}

/**
 * Learned disparity and flow bases made fit for a clip: depth even along what stands upright, smooth enough for how far the clip
 * moves all of it together, and counted from the focal point, so that this is what stays while the rest moves about it.
 * @param fields [height,width,1+2K] with height and width a quarter of the padded drawing's
 * @param layers what was drawn, [4·height,4·width,channels]
 */
export function steadyFields(
  fields: Float32Array,
  motions: readonly FrameMotion[],
  geometry: Geometry,
  focal: CanvasPoint,
  layers: Float32Array,
): Float32Array {
  const { padded, drawn } = geometry;
  const whole = { width: padded.width / 4, height: padded.height / 4 };
  const channels = fields.length / (whole.width * whole.height);
  const factor = Math.ceil(Math.max(whole.width, whole.height) / GRID);
  const size = { width: Math.ceil(whole.width / factor), height: Math.ceil(whole.height / factor) };
  const cell = 4 * factor;
  const [columns, rows] = [drawn.width / cell, drawn.height / cell];
  const plane = (c: number) => shrink(fields, channels, c, whole, size, factor);
  const pulls = pullsOf(motions, Math.max(drawn.width, drawn.height) / cell);

  const sure = Math.ceil(UNSURE / factor);
  const within = (i: number, side: number) => Math.round(Math.min(Math.max(i, sure), Math.max(side - 1 - sure, 0)));
  const disparity = plane(0).map((_, i, all) => {
    const at = within(Math.floor(i / size.width), rows) * size.width + within(i % size.width, columns);
    return Math.min(Math.max(all[at]!, 0), 1);
  });
  const deep = pulls.some((p) => p.parallaxX !== 0 || p.parallaxY !== 0 || p.dolly !== 0);
  const bases = Array.from({ length: (channels - 1) >> 1 }, (_, k) => [plane(1 + 2 * k), plane(2 + 2 * k)] as const);
  const depth = deep ? stretch(levelUprights(disparity, size, layers, padded, cell)) : disparity;
  const at = (share: number, side: number) => within((share + 0.5) * side, side);
  const focus = at(focal.y, rows) * size.width + at(focal.x, columns);
  const planes = gentle({ depth, bases }, size, focus, edgeWindow(size, { width: columns, height: rows }), pulls);

  const steady = new Float32Array(fields.length);
  // Disparity .5 is what stands still (frame-scalars.ts).
  const put = (values: Float32Array, c: number) => enlarge(values, size, steady, channels, c, whole, factor);
  put(
    planes.depth.map((v) => v + 0.5),
    0,
  );
  planes.bases.forEach(([x, y], k) => {
    if (pulls.every(({ weights }) => weights[k] === 0)) return;
    put(x, 1 + 2 * k);
    put(y, 2 + 2 * k);
  });
  return steady;
}
