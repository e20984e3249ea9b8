import type { Lab } from './colour.ts';

/**
 * Domain transform, recursive filter (Gastal & Oliveira 2011, eq. 21): smooths along rows and columns by turns and
 * stops at colour edges. Stands in for L0 smoothing at a tenth of its cost.
 * @param sigmaSpace reach in px
 * @param sigmaColour colour distance (sum over L, a, b, each /100) that counts as an edge
 */
export function smoothColours(lab: Lab, sigmaSpace: number, sigmaColour: number, iterations = 3): Lab {
  const { width, height } = lab;
  const n = width * height;
  const ratio = sigmaSpace / sigmaColour;
  const alongRows = new Float32Array(n);
  const alongColumns = new Float32Array(n);
  const distance = (i: number, j: number) =>
    1 + ratio * (Math.abs(lab.l[i] - lab.l[j]) + Math.abs(lab.a[i] - lab.a[j]) + Math.abs(lab.b[i] - lab.b[j]));
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x > 0) alongRows[i] = distance(i, i - 1);
      if (y > 0) alongColumns[i] = distance(i, i - width);
    }
  }
  const planes = [lab.l.slice(), lab.a.slice(), lab.b.slice()];
  const weights = new Float32Array(n);
  for (let k = 0; k < iterations; k++) {
    const sigma = (sigmaSpace * Math.sqrt(3) * 2 ** (iterations - k - 1)) / Math.sqrt(4 ** iterations - 1);
    const rate = -Math.SQRT2 / sigma;
    for (let i = 0; i < n; i++) weights[i] = Math.exp(rate * alongRows[i]);
    for (const plane of planes) recurseRows(plane, weights, width, height);
    for (let i = 0; i < n; i++) weights[i] = Math.exp(rate * alongColumns[i]);
    for (const plane of planes) recurseColumns(plane, weights, width, height);
  }
  return { width, height, l: planes[0], a: planes[1], b: planes[2] };
}

function recurseRows(plane: Float32Array, weights: Float32Array, width: number, height: number): void {
  for (let y = 0; y < height; y++) {
    const first = y * width;
    const last = first + width - 1;
    for (let i = first + 1; i <= last; i++) plane[i] += weights[i] * (plane[i - 1] - plane[i]);
    for (let i = last - 1; i >= first; i--) plane[i] += weights[i + 1] * (plane[i + 1] - plane[i]);
  }
}

function recurseColumns(plane: Float32Array, weights: Float32Array, width: number, height: number): void {
  const n = width * height;
  for (let i = width; i < n; i++) plane[i] += weights[i] * (plane[i - width] - plane[i]);
  for (let i = n - width - 1; i >= 0; i--) plane[i] += weights[i + width] * (plane[i + width] - plane[i]);
}

/**
 * Bilateral filter (Tomasi & Manduchi 1998) of one plane, square window.
 * @param sigmaRange value distance that counts as an edge
 */
export function bilateral(
  source: Float32Array,
  width: number,
  height: number,
  radius: number,
  sigmaSpace: number,
  sigmaRange: number,
): Float32Array {
  const steps = 1024;
  const falloff = Float32Array.from({ length: steps + 1 }, (_, i) =>
    Math.exp(-((i / steps) ** 2) / (2 * sigmaRange ** 2)),
  );
  const sum = new Float32Array(width * height);
  const norm = new Float32Array(width * height);
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const near = Math.exp(-(dx * dx + dy * dy) / (2 * sigmaSpace ** 2));
      const from = Math.max(0, -dx);
      const to = Math.min(width, width - dx);
      for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
        const base = y * width;
        const shift = dy * width + dx;
        for (let i = base + from; i < base + to; i++) {
          const value = source[i + shift];
          const w = near * falloff[Math.min(steps, (Math.abs(value - source[i]) * steps) | 0)];
          sum[i] += w * value;
          norm[i] += w;
        }
      }
    }
  }
  for (let i = 0; i < sum.length; i++) sum[i] /= norm[i];
  return sum;
}
