import { CHANNELS } from '../pipeline/raster/mask.ts';
import type { Flow, Plane } from './flow/plane.ts';
import { gridAxis } from './grid.ts';

/** line, light, dark, black */
/** Trust below which carrying is not worth the look-up. */
const LEAST = 0.02;

/** Weights of Catmull and Rom's cubic: it keeps edges sharp that bilinear look-ups would wear down frame by frame. */
function cubic(f: number, into: Float32Array): void {
  const f2 = f * f;
  const f3 = f2 * f;
  into[0] = (-f3 + 2 * f2 - f) / 2;
  into[1] = (3 * f3 - 5 * f2 + 2) / 2;
  into[2] = (-3 * f3 + 4 * f2 + f) / 2;
  into[3] = (f3 - f2) / 2;
}

/**
 * L = a r warp(before) + (1 - a r) now: layers drawn anew, held to those of the frame before where these can be found.
 * @param now [H,W,4], changed in place @param before [H,W,4] of the frame before
 * @param back where each pixel was, in grid pixels @param trust r, 0..1 @param factor layer pixels a grid pixel
 * @param steady a, 0..1
 */
export function carryLayers(
  now: Float32Array,
  before: Float32Array,
  width: number,
  height: number,
  back: Flow,
  trust: Plane,
  factor: number,
  steady: number,
): void {
  const columns = gridAxis(width, factor, back.width);
  const rows = gridAxis(height, factor, back.height);
  const right = back.width > 1 ? 1 : 0;
  const below = back.height > 1 ? back.width : 0;
  const [wx, wy] = [new Float32Array(4), new Float32Array(4)];
  const offsets = new Int32Array(4);
  for (let y = 0, i = 0; y < height; y++) {
    const row = rows.cell[y]! * back.width;
    const fy = rows.share[y]!;
    for (let x = 0; x < width; x++, i++) {
      const at = row + columns.cell[x]!;
      const fx = columns.share[x]!;
      const [w00, w01, w10, w11] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      const [a, b, c, d] = [at, at + right, at + below, at + below + right];
      const t = trust.data;
      const share = steady * (w00 * t[a]! + w01 * t[b]! + w10 * t[c]! + w11 * t[d]!);
      if (share < LEAST) continue;
      const f = back.data;
      const u = w00 * f[2 * a]! + w01 * f[2 * b]! + w10 * f[2 * c]! + w11 * f[2 * d]!;
      const v = w00 * f[2 * a + 1]! + w01 * f[2 * b + 1]! + w10 * f[2 * c + 1]! + w11 * f[2 * d + 1]!;
      const px = Math.min(Math.max(x + u * factor, 0), width - 1);
      const py = Math.min(Math.max(y + v * factor, 0), height - 1);
      const x0 = Math.floor(px);
      const y0 = Math.floor(py);
      cubic(px - x0, wx);
      cubic(py - y0, wy);
      for (let k = 0; k < 4; k++) offsets[k] = Math.min(Math.max(x0 + k - 1, 0), width - 1) * CHANNELS;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let j = 0; j < 4; j++) {
        const line = Math.min(Math.max(y0 + j - 1, 0), height - 1) * width * CHANNELS;
        for (let k = 0; k < 4; k++) {
          const weight = wy[j]! * wx[k]!;
          const from = line + offsets[k]!;
          s0 += weight * before[from]!;
          s1 += weight * before[from + 1]!;
          s2 += weight * before[from + 2]!;
          s3 += weight * before[from + 3]!;
        }
      }
      const out = i * CHANNELS;
      now[out]! += share * (s0 - now[out]!);
      now[out + 1]! += share * (s1 - now[out + 1]!);
      now[out + 2]! += share * (s2 - now[out + 2]!);
      now[out + 3]! += share * (s3 - now[out + 3]!);
    }
  }
}
