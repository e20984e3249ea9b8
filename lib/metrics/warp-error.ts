import type { Correspondence } from './camera.ts';
import type { Picture } from './picture.ts';

/** Where a correspondence may be measured: 1 valid, 0 not. [height, width] */
export type Mask = Uint8Array;

/** Valid where the other frame shows the point at all. */
export function insideMask({ width, height, x, y }: Correspondence): Mask {
  return Uint8Array.from(x, (at, i) => (at >= 0 && at <= width - 1 && y[i]! >= 0 && y[i]! <= height - 1 ? 1 : 0));
}

/**
 * Mean squared difference of a frame and a later one warped onto it, over valid pixels (Lai et al., ECCV 2018, eq. 11:
 * sum(m (warp(I_t+i) - I_t)²) / sum(m)), bilinear, pixels in 0..1, mean over channels.
 * @param mask [height, width]; where it is 0 the pixel does not count
 * @returns NaN when no pixel is valid
 */
export function warpError(frame: Picture, later: Picture, { x, y }: Correspondence, mask: Mask): number {
  const { width, height, channels } = frame;
  let sum = 0;
  let valid = 0;
  for (let i = 0; i < width * height; i++) {
    if (!mask[i]) continue;
    valid++;
    const left = Math.min(Math.floor(x[i]!), width - 2);
    const top = Math.min(Math.floor(y[i]!), height - 2);
    const shareX = x[i]! - left;
    const shareY = y[i]! - top;
    for (let c = 0; c < channels; c++) {
      const at = (top * width + left) * channels + c;
      const a = later.data[at]! + (later.data[at + channels]! - later.data[at]!) * shareX;
      const below = at + width * channels;
      const b = later.data[below]! + (later.data[below + channels]! - later.data[below]!) * shareX;
      sum += ((a + (b - a) * shareY - frame.data[i * channels + c]!) / 255) ** 2;
    }
  }
  return sum / (valid * channels);
}
