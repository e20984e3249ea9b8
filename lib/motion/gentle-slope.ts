/** Fields whose slope is bounded: what a clip moves with them is stretched, but never torn. Planes are row-major. */
import type { Size } from './geometry.ts';

/** What moves the drawing in one frame, in cells: parallax of a depth of 1 nearer than the still one, dolly, weights of the bases. */
export interface Pull {
  readonly parallaxX: number;
  readonly parallaxY: number;
  readonly dolly: number;
  readonly weights: readonly number[];
}

/** Depth counted from the still one, and x and y of each basis. */
export interface Planes {
  readonly depth: Float32Array;
  readonly bases: readonly (readonly [Float32Array, Float32Array])[];
}

/**
 * The smallest field that lies nowhere below `plane` and rises nowhere by more than `slope` a cell: what is near keeps its
 * depth, and its surroundings come along a little, instead of all being blurred into each other.
 */
export function raiseToSlope(plane: Float32Array, { width, height }: Size, slope: number): Float32Array {
  const raised = plane.slice();
  const diagonal = slope * Math.SQRT2;
  const pass = (from: number, to: number, step: 1 | -1) => {
    for (let y = from; y !== to; y += step) {
      const row = y * width;
      const before = y !== from ? row - step * width : -1;
      for (let x = step > 0 ? 0 : width - 1; x >= 0 && x < width; x += step) {
        let most = raised[row + x]!;
        const last = x - step;
        const inside = last >= 0 && last < width;
        if (inside) most = Math.max(most, raised[row + last]! - slope);
        if (before >= 0) {
          most = Math.max(most, raised[before + x]! - slope);
          if (inside) most = Math.max(most, raised[before + last]! - diagonal);
          const next = x + step;
          if (next >= 0 && next < width) most = Math.max(most, raised[before + next]! - diagonal);
        }
        raised[row + x] = most;
      }
    }
  };
  pass(0, height, 1);
  pass(height - 1, -1, -1);
  return raised;
}

/** Steepest step of a plane between neighbours, right and below together. */
export function steepest(plane: Float32Array, { width, height }: Size): number {
  let most = 0;
  for (let y = 0; y + 1 < height; y++) {
    for (let i = y * width; i < y * width + width - 1; i++) {
      const across = plane[i + 1]! - plane[i]!;
      const down = plane[i + width]! - plane[i]!;
      most = Math.max(most, across * across + down * down);
    }
  }
  return Math.sqrt(most);
}

/**
 * How much all fields together stretch the drawing where they do it most: the Frobenius norm of the displacement's Jacobian, of
 * u = depth · (parallax + dolly · q) + sum of weight · basis, q in cells from the middle. At s the map keeps between
 * (1 - s/√2)² and (1 + s/√2)² of any area.
 */
export function summedSlope({ depth, bases }: Planes, { width, height }: Size, pulls: readonly Pull[]): number {
  let most = 0;
  const used = bases.map((_, k) => k).filter((k) => pulls.some(({ weights }) => weights[k] !== 0));
  const [middleX, middleY] = [(width - 1) / 2, (height - 1) / 2];
  const slopes = new Float64Array(4 * used.length);
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      const d = depth[i]!;
      const [across, down] = [depth[i + 1]! - d, depth[i + width]! - d];
      used.forEach((k, at) => {
        const [u, v] = bases[k]!;
        slopes[4 * at] = u[i + 1]! - u[i]!;
        slopes[4 * at + 1] = u[i + width]! - u[i]!;
        slopes[4 * at + 2] = v[i + 1]! - v[i]!;
        slopes[4 * at + 3] = v[i + width]! - v[i]!;
      });
      for (const { parallaxX, parallaxY, dolly, weights } of pulls) {
        const pullX = parallaxX + dolly * (x - middleX);
        const pullY = parallaxY + dolly * (y - middleY);
        let [xx, xy, yx, yy] = [pullX * across + dolly * d, pullX * down, pullY * across, pullY * down + dolly * d];
        for (let at = 0; at < used.length; at++) {
          const weight = weights[used[at]!]!;
          xx += weight * slopes[4 * at]!;
          xy += weight * slopes[4 * at + 1]!;
          yx += weight * slopes[4 * at + 2]!;
          yy += weight * slopes[4 * at + 3]!;
        }
        const sum = xx * xx + xy * xy + yx * yx + yy * yy;
        if (sum > most) most = sum;
      }
    }
  }
  return Math.sqrt(most);
}
