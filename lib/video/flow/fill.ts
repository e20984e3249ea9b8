import type { Flow, Plane } from './plane.ts';

/**
 * Fills vectors where their weight is low from the neighbourhood, near before far (push-pull, Gortler et al. 1996, §3.4.1).
 * @param weight 0..1 @returns each vector by its weight, the rest from around
 */
export function fill(flow: Flow, weight: Plane): Flow {
  const { width, height } = flow;
  if (width === 1 && height === 1) return flow;
  const w = Math.ceil(width / 2);
  const h = Math.ceil(height / 2);
  const sums = new Float32Array(w * h * 2);
  const weights = new Float32Array(w * h);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const j = (y >> 1) * w + (x >> 1);
      const share = weight.data[i]!;
      weights[j]! += share;
      sums[2 * j]! += share * flow.data[2 * i]!;
      sums[2 * j + 1]! += share * flow.data[2 * i + 1]!;
    }
  }
  for (let j = 0; j < weights.length; j++) {
    if (weights[j]! > 0) {
      sums[2 * j]! /= weights[j]!;
      sums[2 * j + 1]! /= weights[j]!;
    }
    weights[j] = Math.min(1, weights[j]!);
  }
  const coarse = fill({ width: w, height: h, data: sums }, { width: w, height: h, data: weights });
  const data = new Float32Array(flow.data.length);
  for (let y = 0, i = 0; y < height; y++) {
    const fy = Math.min(Math.max((y - 0.5) / 2, 0), h - 1);
    const y0 = Math.min(fy | 0, Math.max(h - 2, 0));
    const below = h > 1 ? 2 * w : 0;
    for (let x = 0; x < width; x++, i++) {
      const share = weight.data[i]!;
      const fx = Math.min(Math.max((x - 0.5) / 2, 0), w - 1);
      const x0 = Math.min(fx | 0, Math.max(w - 2, 0));
      const right = w > 1 ? 2 : 0;
      for (let c = 0; c < 2; c++) {
        const at = (y0 * w + x0) * 2 + c;
        const top = coarse.data[at]! + (fx - x0) * (coarse.data[at + right]! - coarse.data[at]!);
        const bottom =
          coarse.data[at + below]! + (fx - x0) * (coarse.data[at + below + right]! - coarse.data[at + below]!);
        data[2 * i + c] = share * flow.data[2 * i + c]! + (1 - share) * (top + (fy - y0) * (bottom - top));
      }
    }
  }
  return { width, height, data };
}
