import { boxBlur } from './gaussian.ts';

/**
 * Guided filter with a grey guide (He, Sun & Tang 2013, algorithm 1): smooths `source` but follows the guide's edges.
 * @param epsilon variance of the guide (0..1 values) that counts as an edge
 */
export function guidedFilter(
  source: Float32Array,
  guide: Float32Array,
  width: number,
  height: number,
  radius: number,
  epsilon: number,
): Float32Array {
  const mean = (v: Float32Array) => boxBlur(v, width, height, radius);
  const meanGuide = mean(guide);
  const meanSource = mean(source);
  const square = mean(guide.map((v) => v * v));
  const product = mean(guide.map((v, i) => v * source[i]));
  const slope = product.map((v, i) => (v - meanGuide[i] * meanSource[i]) / (square[i] - meanGuide[i] ** 2 + epsilon));
  const offset = meanSource.map((v, i) => v - slope[i] * meanGuide[i]);
  const meanSlope = mean(slope);
  const meanOffset = mean(offset);
  return guide.map((v, i) => meanSlope[i] * v + meanOffset[i]);
}
