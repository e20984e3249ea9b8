import type { Correspondence } from './camera.ts';
import type { Mask } from './warp-error.ts';

/** Mean length of the displacement over valid pixels, in pixels. NaN when none is valid. */
export function flowMagnitude({ width, height, x, y }: Correspondence, mask: Mask): number {
  let sum = 0;
  let valid = 0;
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      if (!mask[i]) continue;
      sum += Math.hypot(x[i]! - column, y[i]! - row);
      valid++;
    }
  }
  return sum / valid;
}
