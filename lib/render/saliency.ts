import type { Lab } from './colour.ts';

/**
 * How much each place stands out from the picture's upper and side borders, 0..1: minimum barrier distance (Zhang
 * 2015, "Minimum barrier salient object detection at 80 fps"), the smallest range of values that any path to the border
 * must pass.
 */
export function borderContrast(lab: Lab): Float32Array {
  const { width, height } = lab;
  const total = new Float32Array(width * height);
  for (const plane of [lab.l, lab.a, lab.b]) {
    const distance = barrierDistance(plane, width, height);
    for (let i = 0; i < total.length; i++) total[i] += distance[i];
  }
  return normalise(total);
}

/** Raster scans there and back, three times; each pixel keeps the range (low, high) of its best path so far. */
function barrierDistance(plane: Float32Array, width: number, height: number): Float32Array {
  const n = width * height;
  const distance = new Float32Array(n).fill(Infinity);
  const low = plane.slice();
  const high = plane.slice();
  // Not the bottom: people and things are often cut off there.
  distance.fill(0, 0, width);
  for (let y = 0; y < height; y++) {
    distance[y * width] = 0;
    distance[y * width + width - 1] = 0;
  }
  const relax = (i: number, from: number) => {
    const l = Math.min(low[from], plane[i]);
    const h = Math.max(high[from], plane[i]);
    if (h - l < distance[i]) {
      distance[i] = h - l;
      low[i] = l;
      high[i] = h;
    }
  };
  for (let pass = 0; pass < 3; pass++) {
    for (let y = 1; y < height; y++) {
      for (let i = y * width + 1; i < y * width + width - 1; i++) {
        relax(i, i - width);
        relax(i, i - 1);
      }
    }
    for (let y = height - 1; y > 0; y--) {
      for (let i = y * width + width - 2; i > y * width; i--) {
        if (y < height - 1) relax(i, i + width);
        relax(i, i + 1);
      }
    }
  }
  return distance;
}

/** Scales so that the largest value is 1; all zero stays zero. Changes and returns its argument. */
export function normalise(values: Float32Array): Float32Array {
  let largest = 0;
  for (const v of values) if (v > largest) largest = v;
  if (largest > 0) for (let i = 0; i < values.length; i++) values[i] /= largest;
  return values;
}
