/** Planes of floats, as optical flow works on them. */

/** One channel, `data[y * width + x]`. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** A displacement for each pixel in pixels of the plane: (u, v) at `2 * (y * width + x)`. */
export interface Flow {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** Bilinear, edges repeated. */
export function sample({ width, height, data }: Plane, x: number, y: number): number {
  const cx = x < 0 ? 0 : x > width - 1 ? width - 1 : x;
  const cy = y < 0 ? 0 : y > height - 1 ? height - 1 : y;
  const x0 = cx | 0;
  const y0 = cy | 0;
  const right = x0 + 1 < width ? 1 : 0;
  const below = y0 + 1 < height ? width : 0;
  const at = y0 * width + x0;
  const fx = cx - x0;
  const top = data[at]! + fx * (data[at + right]! - data[at]!);
  const bottom = data[at + below]! + fx * (data[at + below + right]! - data[at + below]!);
  return top + (cy - y0) * (bottom - top);
}

/** Half the size (rounded up) by means of 2x2. */
export function halve({ width, height, data }: Plane): Plane {
  const w = Math.ceil(width / 2);
  const h = Math.ceil(height / 2);
  const out = new Float32Array(w * h);
  for (let y = 0; y < h; y++) {
    const top = 2 * y * width;
    const bottom = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < w; x++) {
      const left = 2 * x;
      const right = Math.min(left + 1, width - 1);
      out[y * w + x] = (data[top + left]! + data[top + right]! + data[bottom + left]! + data[bottom + right]!) / 4;
    }
  }
  return { width: w, height: h, data: out };
}

/** Luma (Rec. 601) of interleaved RGB bytes by means of `factor` times `factor` pixels. @returns 0..255, sides rounded up */
export function greyPlane(rgb: Uint8Array, width: number, height: number, factor: number): Plane {
  const w = Math.ceil(width / factor);
  const h = Math.ceil(height / factor);
  const data = new Float32Array(w * h);
  for (let y = 0, i = 0; y < height; y++) {
    const row = ((y / factor) | 0) * w;
    for (let x = 0; x < width; x++, i += 3)
      data[row + ((x / factor) | 0)]! += 0.299 * rgb[i]! + 0.587 * rgb[i + 1]! + 0.114 * rgb[i + 2]!;
  }
  for (let y = 0, i = 0; y < h; y++) {
    const rows = Math.min(factor, height - y * factor);
    for (let x = 0; x < w; x++, i++) data[i]! /= rows * Math.min(factor, width - x * factor);
  }
  return { width: w, height: h, data };
}

/** Central differences. */
export function gradient({ width, height, data }: Plane): { x: Float32Array; y: Float32Array } {
  const gx = new Float32Array(data.length);
  const gy = new Float32Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    const above = y > 0 ? width : 0;
    const below = y + 1 < height ? width : 0;
    for (let x = 0; x < width; x++, i++) {
      gx[i] = (data[i + (x + 1 < width ? 1 : 0)]! - data[i - (x > 0 ? 1 : 0)]!) / 2;
      gy[i] = (data[i + below]! - data[i - above]!) / 2;
    }
  }
  return { x: gx, y: gy };
}
