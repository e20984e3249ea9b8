/** Blurs over row-major planes of width*height values; borders repeat their last pixel. None changes its input. */

/** One tap list applied along rows, then along columns. */
function separable(source: Float32Array, width: number, height: number, taps: Float32Array): Float32Array {
  const radius = (taps.length - 1) >> 1;
  const padded = new Float32Array(width + 2 * radius);
  const rows = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const base = y * width;
    padded.fill(source[base], 0, radius);
    padded.set(source.subarray(base, base + width), radius);
    padded.fill(source[base + width - 1], radius + width);
    for (let x = 0; x < width; x++) {
      let sum = taps[radius] * padded[x + radius];
      for (let k = 1; k <= radius; k++) sum += taps[radius + k] * (padded[x + radius - k] + padded[x + radius + k]);
      rows[base + x] = sum;
    }
  }
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const base = y * width;
    const centre = taps[radius];
    for (let x = 0; x < width; x++) out[base + x] = centre * rows[base + x];
    for (let k = 1; k <= radius; k++) {
      const tap = taps[radius + k];
      const above = Math.max(0, y - k) * width;
      const below = Math.min(height - 1, y + k) * width;
      for (let x = 0; x < width; x++) out[base + x] += tap * (rows[above + x] + rows[below + x]);
    }
  }
  return out;
}

/** Mean over the square of side 2*radius+1, by running sums. */
export function boxBlur(source: Float32Array, width: number, height: number, radius: number): Float32Array {
  if (radius < 1) return source.slice();
  const scale = 1 / (2 * radius + 1);
  const rows = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const base = y * width;
    const last = base + width - 1;
    let sum = source[base] * radius;
    for (let x = 0; x <= radius; x++) sum += source[Math.min(last, base + x)];
    for (let x = 0; x < width; x++) {
      rows[base + x] = sum * scale;
      sum += source[Math.min(last, base + x + radius + 1)] - source[Math.max(base, base + x - radius)];
    }
  }
  const out = new Float32Array(width * height);
  const sums = new Float64Array(width);
  for (let k = -radius; k <= radius; k++) {
    const row = Math.min(height - 1, Math.max(0, k)) * width;
    for (let x = 0; x < width; x++) sums[x] += rows[row + x];
  }
  for (let y = 0; y < height; y++) {
    const base = y * width;
    const enter = Math.min(height - 1, y + radius + 1) * width;
    const leave = Math.max(0, y - radius) * width;
    for (let x = 0; x < width; x++) {
      out[base + x] = sums[x] * scale;
      sums[x] += rows[enter + x] - rows[leave + x];
    }
  }
  return out;
}

/**
 * Gaussian blur. Exact taps (to 3 sigma) up to sigma 4; above that three box blurs of the same variance (Wells 1986).
 * @param sigma px; 0 copies
 */
export function gaussianBlur(source: Float32Array, width: number, height: number, sigma: number): Float32Array {
  if (sigma <= 0) return source.slice();
  if (sigma > 4) {
    const radius = Math.max(1, Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2));
    const once = boxBlur(source, width, height, radius);
    return boxBlur(boxBlur(once, width, height, radius), width, height, radius);
  }
  const radius = Math.ceil(3 * sigma);
  const taps = Float32Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = taps.reduce((a, b) => a + b, 0);
  return separable(
    source,
    width,
    height,
    taps.map((t) => t / sum),
  );
}
