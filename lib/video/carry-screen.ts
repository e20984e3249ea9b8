import { fill } from './flow/fill.ts';
import type { Flow, Plane } from './flow/plane.ts';

/*
 * The dot screen goes with what it shades: the place S(x) at which a pixel's dots are looked up is the place of the same
 * point of the scene in the frame before, S_t(x) = S_{t-1}(x + b). Kept as the displacement d = S - x, in grid pixels:
 * d_t(x) = b + d_{t-1}(x + b). Points that come into sight continue the screen around them.
 */

/** Share by which a displacement gives in to its neighbours each frame: errors of the flow do not add up to torn dots. */
const SMOOTHING = 0.15;
/** Dots may grow or shrink by this area before the screen is laid anew... */
const STRETCH = 1.9;
/** ...when it happened to so much of the picture. */
const STRETCHED = 0.2;

export function carryScreen(before: Flow, back: Flow, trust: Plane): Flow {
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
  const screen = smooth(fill(carried, { width, height, data: trust.data.map((value, i) => value * whole.data[i]!) }));
  const kept = unstretched(screen).data.reduce((sum, value) => sum + value, 0);
  return kept < (1 - STRETCHED) * width * height ? { width, height, data: new Float32Array(data.length) } : screen;
}

function smooth({ width, height, data }: Flow): Flow {
  const out = new Float32Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    const above = y > 0 ? 2 * width : 0;
    const below = y + 1 < height ? 2 * width : 0;
    for (let x = 0; x < width; x++) {
      const left = x > 0 ? 2 : 0;
      const right = x + 1 < width ? 2 : 0;
      for (let c = 0; c < 2; c++, i++) {
        // Mirrored at the border, so that an even slope stays.
        const across = left && right ? (data[i - left]! + data[i + right]!) / 2 : data[i]!;
        const along = above && below ? (data[i - above]! + data[i + below]!) / 2 : data[i]!;
        out[i] = data[i]! + SMOOTHING * ((across + along) / 2 - data[i]!);
      }
    }
  }
  return { width, height, data: out };
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
