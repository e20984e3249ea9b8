import { Random } from '../random.ts';
import type { StyleStatistics } from './set-distance.ts';

/** Pictures that each side must have. */
export const LEAST_PICTURES = 20;
const SUBSETS = 100;
const SEED = 1;

/** Distance of two sets of pictures, with how far it may be trusted. Plain JSON. */
export interface KernelDistance {
  /** Mean over the subsets: an unbiased estimate, which may fall below 0. */
  readonly mean: number;
  /** Standard deviation over the subsets. */
  readonly sd: number;
  readonly subsets: number;
  /** Pictures of either side in a subset: half the smaller side. */
  readonly subsetSize: number;
  /** Pictures of each side. */
  readonly outputs: number;
  readonly pages: number;
}

/**
 * Kernel distance of the drawings to the pages: the squared maximum mean discrepancy of their pooled features under
 * k(x, y) = (x·y / d + 1)³, unbiased, over random subsets without replacement (KID: Bińkowski et al., ICLR 2018, eq. 4
 * and §3.1). Theirs are features of Inception; ours are those of the given network's deepest layer, divided by the root
 * mean square of the pages' so that the kernel's terms weigh alike in any network.
 * @returns null when a side has fewer than {@link LEAST_PICTURES} pictures
 */
export function kernelDistance(outputs: StyleStatistics, pages: StyleStatistics): KernelDistance | null {
  const [n, m] = [outputs.pooled.length, pages.pooled.length];
  if (Math.min(n, m) < LEAST_PICTURES) return null;
  const subsetSize = Math.floor(Math.min(n, m) / 2);
  const features = [...outputs.pooled, ...pages.pooled];
  const kernel = kernelMatrix(features, meanSquare(pages.pooled));
  const random = new Random(SEED);
  const a = Uint32Array.from({ length: n }, (_, i) => i);
  const b = Uint32Array.from({ length: m }, (_, i) => n + i);
  const found = Array.from({ length: SUBSETS }, () => {
    shuffle(random, a);
    shuffle(random, b);
    return discrepancy(kernel, features.length, a.subarray(0, subsetSize), b.subarray(0, subsetSize));
  });
  const mean = found.reduce((sum, value) => sum + value, 0) / SUBSETS;
  const sd = Math.sqrt(found.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (SUBSETS - 1));
  return { mean, sd, subsets: SUBSETS, subsetSize, outputs: n, pages: m };
}

/**
 * Unbiased estimate of the squared maximum mean discrepancy (Gretton et al. 2012, eq. 3).
 * @param kernel [size,size] @param a, b indices into it, as many of both
 */
export function discrepancy(kernel: Float64Array, size: number, a: Uint32Array, b: Uint32Array): number {
  const m = a.length;
  let [within, between] = [0, 0];
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < m; j++) {
      if (i !== j) within += kernel[a[i]! * size + a[j]!]! + kernel[b[i]! * size + b[j]!]!;
      between += kernel[a[i]! * size + b[j]!]!;
    }
  }
  return within / (m * (m - 1)) - (2 * between) / m ** 2;
}

/** (x·y / (d scale) + 1)³ of all pairs. @returns [n,n] */
export function kernelMatrix(features: readonly Float32Array[], scale: number): Float64Array {
  const n = features.length;
  const kernel = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const x = features[i]!;
    for (let j = i; j < n; j++) {
      const y = features[j]!;
      let product = 0;
      for (let c = 0; c < x.length; c++) product += x[c]! * y[c]!;
      kernel[i * n + j] = kernel[j * n + i] = (product / (x.length * scale) + 1) ** 3;
    }
  }
  return kernel;
}

export function meanSquare(features: readonly Float32Array[]): number {
  let sum = 0;
  for (const values of features) for (const value of values) sum += value * value;
  return sum / (features.length * features[0]!.length);
}

/** Fisher and Yates. */
function shuffle(random: Random, list: Uint32Array): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
}
