import { fill } from './flow/fill.ts';
import type { Flow, Plane } from './flow/plane.ts';

/*
 * The dot screen goes with what it shades: the place S(x) at which a pixel's dots are looked up is the place of the same
 * point of the scene in the frame before, S_t(x) = S_{t-1}(x + b). Kept as the displacement d = S - x, in grid pixels:
 * d_t(x) = b + d_{t-1}(x + b). Points that come into sight continue the screen around them.
 */

/** Sweeps of smoothing a frame: errors of the flow do not add up to wavy dots. */
const SWEEPS = 12;
/** Difference of grey levels between neighbours that belong to one shape. */
const EDGE = 8;
/** Dots may grow or shrink by this area before the screen is laid anew... */
const STRETCH = 1.9;
/** ...when it happened to so much of the picture. */
const STRETCHED = 0.2;

/**
 * @param before displacement of the frame before @param back the flow from now to then @param trust 0..1
 * @param grey the frame
 */
export function carryScreen(before: Flow, back: Flow, trust: Plane, grey: Plane): Flow {
  const { width, height } = before;
  const data = new Float32Array(before.data.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 2) {
      const u = back.data[i]!;
      const v = back.data[i + 1]!;
      const px = Math.min(Math.max(x + u, 0), width - 1);
      const py = Math.min(Math.max(y + v, 0), height - 1);
      const x0 = Math.min(px | 0, Math.max(width - 2, 0));
      const y0 = Math.min(py | 0, Math.max(height - 2, 0));
      const right = width > 1 ? 2 : 0;
      const below = height > 1 ? 2 * width : 0;
      for (let c = 0; c < 2; c++) {
        const at = (y0 * width + x0) * 2 + c;
        const top = before.data[at]! + (px - x0) * (before.data[at + right]! - before.data[at]!);
        const bottom =
          before.data[at + below]! + (px - x0) * (before.data[at + below + right]! - before.data[at + below]!);
        data[i + c] = (c === 0 ? u : v) + top + (py - y0) * (bottom - top);
      }
    }
  }
  const carried = { width, height, data };
  // Torn and crushed places, at the edges of what moves, are filled like those that come into sight.
  const whole = unstretched(carried);
  const filled = fill(carried, { width, height, data: trust.data.map((value, i) => value * whole.data[i]!) });
  const screen = smooth(filled, grey);
  const kept = unstretched(screen).data.reduce((sum, value) => sum + value, 0);
  return kept < (1 - STRETCHED) * width * height ? { width, height, data: new Float32Array(data.length) } : screen;
}

/**
 * Evens a displacement out within the shapes of the picture: curvature falls, a shift or a steady slope (a zoom) stays, and
 * nothing crosses an edge.
 */
function smooth({ width, height, data }: Flow, grey: Plane): Flow {
  const across = new Float32Array(width * height);
  const along = new Float32Array(width * height);
  const joined = (i: number, j: number): number => Math.exp(-Math.abs(grey.data[i]! - grey.data[j]!) / EDGE);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x > 0 && x + 1 < width) across[i] = Math.min(joined(i, i - 1), joined(i, i + 1)) / 4;
      if (y > 0 && y + 1 < height) along[i] = Math.min(joined(i, i - width), joined(i, i + width)) / 4;
    }
  }
  let now: Float32Array = data;
  let next: Float32Array = new Float32Array(data.length);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let i = 0, at = 0; i < across.length; i++) {
      const a = across[i]!;
      const b = along[i]!;
      for (let c = 0; c < 2; c++, at++) {
        const value = now[at]!;
        let moved = value;
        if (a > 0) moved += a * (now[at - 2]! + now[at + 2]! - 2 * value);
        if (b > 0) moved += b * (now[at - 2 * width]! + now[at + 2 * width]! - 2 * value);
        next[at] = moved;
      }
    }
    [now, next] = [next, now === data ? new Float32Array(data.length) : now];
  }
  return { width, height, data: now };
}

/** Where dots keep their size: the area that S covers over that of x. @returns 1 within bounds, 0 outside */
function unstretched({ width, height, data }: Flow): Plane {
  const kept = new Float32Array(width * height).fill(1);
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = 2 * (y * width + x);
      const below = i + 2 * width;
      const area =
        (1 + data[i + 2]! - data[i]!) * (1 + data[below + 1]! - data[i + 1]!) -
        (data[i + 3]! - data[i + 1]!) * (data[below]! - data[i]!);
      if (area > STRETCH || area < 1 / STRETCH) kept[y * width + x] = 0;
    }
  }
  return { width, height, data: kept };
}
