import type { FrameBlock } from './frames.ts';
import { frameOf } from './frames.ts';
import { toGrey } from './picture.ts';

/** Variance of a frame's grey values, 0..1, mean over the frames: what E_warp is set against in nE. */
export function greyVariance(frames: FrameBlock): number {
  let total = 0;
  for (let t = 0; t < frames.count; t++) {
    const { data } = toGrey(frameOf(frames, t));
    let sum = 0;
    let squares = 0;
    for (const value of data) {
      sum += value / 255;
      squares += (value / 255) ** 2;
    }
    total += Math.max(0, squares / data.length - (sum / data.length) ** 2);
  }
  return total / frames.count;
}
