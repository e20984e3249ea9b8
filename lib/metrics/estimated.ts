import { opticalFlow } from '../video/flow/optical-flow.ts';
import type { Flow, Plane } from '../video/flow/plane.ts';
import type { Correspondence } from './camera.ts';
import { type FrameBlock, frameOf } from './frames.ts';
import { toGrey } from './picture.ts';
import type { Correspond } from './temporal.ts';
import type { Mask } from './warp-error.ts';

/**
 * Correspondences of a clip whose camera is not known: dense optical flow between its own frames, checked both ways. Flow
 * that was estimated from the frames explains part of their flicker away, so these errors compare with each other and
 * not with those of a known camera.
 */
export function estimatedFrom(frames: FrameBlock): Correspond {
  const planes = Array.from({ length: frames.count }, (_, t): Plane => {
    const { width, height, data } = toGrey(frameOf(frames, t));
    return { width, height, data: Float32Array.from(data) };
  });
  return (t, interval) => {
    const forth = opticalFlow(planes[t]!, planes[t + interval]!);
    const back = opticalFlow(planes[t + interval]!, planes[t]!);
    return { map: toMap(forth), mask: seenMask(forth, back) };
  };
}

function toMap({ width, height, data }: Flow): Correspondence {
  const x = new Float32Array(width * height);
  const y = new Float32Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      x[i] = column + data[2 * i]!;
      y[i] = row + data[2 * i + 1]!;
    }
  }
  return { width, height, x, y };
}

/**
 * 0 where the point leaves the picture, is hidden, |f + b(x + f)|² > .01 (|f|² + |b|²) + .5, or lies on a motion boundary,
 * |∇f|² > .01 |f|² + .002 (Sundaram, Brox, Keutzer, ECCV 2010; Ruder et al. 2016; as used by Lai et al. 2018).
 */
export function seenMask(forth: Flow, back: Flow): Mask {
  const { width, height, data } = forth;
  const mask = new Uint8Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const u = data[2 * i]!;
      const v = data[2 * i + 1]!;
      const [x, y] = [column + u, row + v];
      if (x < 0 || y < 0 || x > width - 1 || y > height - 1) continue;
      const [bu, bv] = [bilinear(back, x, y, 0), bilinear(back, x, y, 1)];
      if ((u + bu) ** 2 + (v + bv) ** 2 > 0.01 * (u * u + v * v + bu * bu + bv * bv) + 0.5) continue;
      if (slopeSquared(forth, column, row) > 0.01 * (u * u + v * v) + 0.002) continue;
      mask[i] = 1;
    }
  }
  return mask;
}

/** Inside the picture. */
function bilinear({ width, height, data }: Flow, x: number, y: number, c: number): number {
  const left = Math.min(Math.floor(x), width - 2);
  const top = Math.min(Math.floor(y), height - 2);
  const at = (top * width + left) * 2 + c;
  const a = data[at]! + (data[at + 2]! - data[at]!) * (x - left);
  const below = at + 2 * width;
  const b = data[below]! + (data[below + 2]! - data[below]!) * (x - left);
  return a + (b - a) * (y - top);
}

/** |∇u|² + |∇v|² by differences to the pixels on the right and below. */
function slopeSquared({ width, height, data }: Flow, column: number, row: number): number {
  const at = (row * width + column) * 2;
  const right = column + 1 < width ? at + 2 : at;
  const below = row + 1 < height ? at + 2 * width : at;
  let sum = 0;
  for (let c = 0; c < 2; c++) {
    sum += (data[right + c]! - data[at + c]!) ** 2 + (data[below + c]! - data[at + c]!) ** 2;
  }
  return sum;
}
