import type { FeatureMap } from './features/feature-extractor.ts';

/**
 * Gram matrix F Fᵀ / positions of a layer (Gatys, Ecker, Bethge 2016, eq. 3, divided by the number of positions so that
 * pictures of different sizes compare).
 * @returns [channels, channels], row-major, symmetric
 */
export function gram({ channels, positions, data }: FeatureMap): Float64Array {
  const out = new Float64Array(channels * channels);
  const row = (c: number) => data.subarray(Math.min(c, channels - 1) * positions, positions * (c + 1));
  for (let i = 0; i < channels; i++) {
    const a = row(i);
    // Four products a pass: half of the time goes into reading the rows.
    for (let j = 0; j <= i; j += 4) {
      const [b0, b1, b2, b3] = [row(j), row(j + 1), row(j + 2), row(j + 3)];
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let p = 0; p < positions; p++) {
        const value = a[p]!;
        s0 += value * b0[p]!;
        s1 += value * b1[p]!;
        s2 += value * b2[p]!;
        s3 += value * b3[p]!;
      }
      for (const [k, sum] of [s0, s1, s2, s3].entries()) {
        if (j + k > i) break;
        out[i * channels + j + k] = sum / positions;
        out[(j + k) * channels + i] = sum / positions;
      }
    }
  }
  return out;
}
