/**
 * Depth of what stands upright. A picture's disparity rises from the top down, as the ground's does; a mast that follows it moves
 * farther at its foot than at its tip and bends like rubber. So along the outlines of the drawing, the upright ones above all,
 * depth is made even, and what has no outlines (sky, walls) follows its surroundings.
 */
import type { Size } from './geometry.ts';

/** Stiffness between neighbouring cells: everywhere, and along an upright outline. */
const SOFT = 0.12;
const STIFF = 2500;
/** Of a level outline, as a share of an upright one's: a camera that moves sideways does not bend it. */
const LEVEL = 0.15;
/** How much a cell insists on its own depth: what is near knows it, what is far yields. */
const LEAST_TRUST = 0.02;
const TRUST = 0.3;
/** Energy of outlines, squared field units a cell, that counts half. */
const HALF_ENERGY = 0.02;
/** Steps of the solver at most, and the error at which it stops, relative. */
const STEPS = 160;
const TOLERANCE = 2e-3;

/** Neighbours on one side of a cell: right, below, and both diagonals below. */
const NEIGHBOURS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [-1, 1],
] as const;

/** Direction of outlines: energy-weighted second moments of the gradient, a cell. */
interface Outlines {
  readonly xx: Float32Array;
  readonly xy: Float32Array;
  readonly yy: Float32Array;
}

/** @param layers [size.height,size.width,channels] @param cell pixels of a cell's side */
function outlinesOf(layers: Float32Array, size: Size, grid: Size, cell: number): Outlines {
  const channels = layers.length / (size.width * size.height);
  const cells = grid.width * grid.height;
  const [xx, xy, yy] = [new Float32Array(cells), new Float32Array(cells), new Float32Array(cells)];
  // Every second pixel: outlines are some pixels wide.
  const step = 2;
  const share = (step * step) / (cell * cell);
  const clamped = (i: number) => Math.min(Math.max(layers[i]!, 0), 1);
  for (let y = 0; y + step < size.height; y += step) {
    const row = Math.min(Math.floor(y / cell), grid.height - 1) * grid.width;
    for (let x = 0; x + step < size.width; x += step) {
      const at = (y * size.width + x) * channels;
      const into = row + Math.min(Math.floor(x / cell), grid.width - 1);
      for (let c = at; c < at + channels; c++) {
        const here = clamped(c);
        const gx = clamped(c + step * channels) - here;
        const gy = clamped(c + step * size.width * channels) - here;
        xx[into]! += gx * gx * share;
        xy[into]! += gx * gy * share;
        yy[into]! += gy * gy * share;
      }
    }
  }
  return { xx, xy, yy };
}

/**
 * Stiffness of each cell towards each of {@link NEIGHBOURS}: along outlines much, across them none.
 * @returns [NEIGHBOURS][cells]
 */
function stiffnesses({ xx, xy, yy }: Outlines): Float64Array[] {
  const stiff = NEIGHBOURS.map(() => new Float64Array(xx.length));
  for (let i = 0; i < xx.length; i++) {
    const energy = xx[i]! + yy[i]!;
    if (energy < 1e-4) continue;
    const spread = Math.sqrt((xx[i]! - yy[i]!) ** 2 + 4 * xy[i]! ** 2);
    // Of the gradient; the outline lies across it.
    const angle = 0.5 * Math.atan2(2 * xy[i]!, xx[i]! - yy[i]!);
    const [tx, ty] = [-Math.sin(angle), Math.cos(angle)];
    const upright = LEVEL + (1 - LEVEL) * ty ** 4;
    const most = STIFF * upright * (spread / energy) ** 2 * (energy / (energy + HALF_ENERGY));
    NEIGHBOURS.forEach(([dx, dy], k) => {
      stiff[k]![i] = most * ((tx * dx + ty * dy) ** 2 / (dx * dx + dy * dy)) ** 4;
    });
  }
  return stiff;
}

/**
 * Evens depth along outlines: minimises trust·(d - depth)² + stiffness·(differences of neighbours)², by conjugate gradients.
 * @param depth [grid.height,grid.width], 0..1 @param layers what was drawn, [size.height,size.width,channels]
 * @param cell drawn pixels of a cell's side @returns the same size; depth itself where nothing is drawn
 */
export function levelUprights(
  depth: Float32Array,
  grid: Size,
  layers: Float32Array,
  size: Size,
  cell: number,
): Float32Array {
  const { width, height } = grid;
  const towards = stiffnesses(outlinesOf(layers, size, grid, cell));
  const cells = width * height;
  const trust = Float64Array.from(depth, (d) => LEAST_TRUST + TRUST * d * d);
  const diagonal = Float64Array.from(trust);
  const links = NEIGHBOURS.map(([dx, dy], k) => {
    const own = towards[k]!;
    const stiff = new Float64Array(cells);
    const offset = dy * width + dx;
    for (let y = 0; y + dy < height; y++) {
      for (let x = Math.max(0, -dx); x + Math.max(dx, 0) < width; x++) {
        const i = y * width + x;
        const value = (SOFT + Math.max(own[i]!, own[i + offset]!)) / (dx * dx + dy * dy);
        stiff[i] = value;
        diagonal[i]! += value;
        diagonal[i + offset]! += value;
      }
    }
    return { stiff, offset };
  });
  /** The system's matrix times v. */
  const apply = (v: Float64Array, out: Float64Array) => {
    for (let i = 0; i < cells; i++) out[i] = trust[i]! * v[i]!;
    for (const { stiff, offset } of links) {
      for (let i = 0; i + offset < cells; i++) {
        const pull = stiff[i]! * (v[i]! - v[i + offset]!);
        out[i]! += pull;
        out[i + offset]! -= pull;
      }
    }
  };
  const dot = (a: Float64Array, b: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < cells; i++) sum += a[i]! * b[i]!;
    return sum;
  };
  const solution = Float64Array.from(depth);
  const product = new Float64Array(cells);
  apply(solution, product);
  const residual = product.map((v, i) => trust[i]! * depth[i]! - v);
  const scaled = residual.map((v, i) => v / diagonal[i]!);
  const way = scaled.slice();
  let error = dot(residual, scaled);
  const enough = error * TOLERANCE ** 2;
  for (let step = 0; step < STEPS && error > enough; step++) {
    apply(way, product);
    const length = error / dot(way, product);
    for (let i = 0; i < cells; i++) {
      solution[i]! += length * way[i]!;
      residual[i]! -= length * product[i]!;
      scaled[i] = residual[i]! / diagonal[i]!;
    }
    const next = dot(residual, scaled);
    const turn = next / error;
    for (let i = 0; i < cells; i++) way[i] = scaled[i]! + turn * way[i]!;
    error = next;
  }
  return Float32Array.from(solution);
}
