import type { FeatureMap } from './features/feature-extractor.ts';

/**
 * Content distance of two pictures of one size: mean |a/‖a‖ - b/‖b‖| of a deep layer's activations, each position's
 * channel vector scaled to length 1 first (LPIPS's normalisation, Zhang et al. 2018, eq. 1; L1 and without its learned
 * weights, which belong to other networks).
 * @param a, b the same layer of both pictures
 * @returns 0 (same) upwards; depends on the number of channels, so compare only within one network
 */
export function contentDistance(a: FeatureMap, b: FeatureMap): number {
  const { channels, positions } = a;
  const lengthA = lengths(a);
  const lengthB = lengths(b);
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    const row = c * positions;
    for (let p = 0; p < positions; p++) {
      sum += Math.abs(a.data[row + p]! / lengthA[p]! - b.data[row + p]! / lengthB[p]!);
    }
  }
  return sum / (channels * positions);
}

/** Euclidean length of each position's channel vector, never 0. */
function lengths({ channels, positions, data }: FeatureMap): Float64Array {
  const out = new Float64Array(positions);
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < positions; p++) out[p]! += data[c * positions + p]! ** 2;
  }
  return out.map((sum) => Math.sqrt(sum) + 1e-10);
}
