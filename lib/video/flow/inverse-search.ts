import { fill } from './fill.ts';
import { type Flow, gradient, type Plane, sample } from './plane.ts';

/*
 * Dense inverse search: Kroeger, Timofte, Dai, Van Gool: "Fast Optical Flow using Dense Inverse Search", ECCV 2016, §2.
 * Patches of the first picture are looked for in the second by inverse compositional Lucas-Kanade steps, each starting
 * from the best of some candidates; the dense flow of a pixel is the mean of the patches over it, weighted by how well
 * each explains that pixel.
 */

const SIDE = 8;
const STRIDE = 4;
const PIXELS = SIDE * SIDE;
const STEPS = 8;
/** Steps shorter than this end the search, pixels. */
const CONVERGED = 0.01;
/** Keeps patches without texture where they start; grey levels squared a pixel. */
const DAMPING = 0.6;
/** Texture of a patch (smaller eigenvalue of its gradients' matrix, a pixel) from which on it counts beside its surroundings. */
const TEXTURE = 12;
/** Another candidate must explain a patch better than standing still by this much, grey levels squared a pixel. */
const STILL = 1;

/** Corners of the patches along an axis: every STRIDE, and the last one at the end. */
function corners(length: number): number[] {
  const list: number[] = [];
  for (let at = 0; at + SIDE < length; at += STRIDE) list.push(at);
  return [...list, Math.max(length - SIDE, 0)];
}

/** A patch of the first picture against the second. */
class Patch {
  readonly #to: Plane;
  readonly template = new Float32Array(PIXELS);
  readonly residual = new Float32Array(PIXELS);
  #left = 0;
  #top = 0;

  constructor(to: Plane) {
    this.#to = to;
  }

  place(from: Plane, left: number, top: number): void {
    this.#left = left;
    this.#top = top;
    for (let y = 0; y < SIDE; y++) {
      const row = Math.min(top + y, from.height - 1) * from.width;
      for (let x = 0; x < SIDE; x++) this.template[y * SIDE + x] = from.data[row + Math.min(left + x, from.width - 1)]!;
    }
  }

  /** Sum of squared differences at a displacement, means apart; fills `residual`. */
  error(u: number, v: number): number {
    const { width, height, data } = this.#to;
    const x0 = Math.floor(this.#left + u);
    const y0 = Math.floor(this.#top + v);
    let sum = 0;
    if (x0 >= 0 && y0 >= 0 && x0 + SIDE < width && y0 + SIDE < height) {
      // Inside, all pixels lie between their neighbours alike.
      const fx = this.#left + u - x0;
      const fy = this.#top + v - y0;
      const [w00, w01, w10, w11] = [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy];
      for (let y = 0, i = 0; y < SIDE; y++) {
        let at = (y0 + y) * width + x0;
        for (let x = 0; x < SIDE; x++, i++, at++) {
          const value = w00 * data[at]! + w01 * data[at + 1]! + w10 * data[at + width]! + w11 * data[at + width + 1]!;
          const r = value - this.template[i]!;
          this.residual[i] = r;
          sum += r;
        }
      }
    } else {
      for (let y = 0, i = 0; y < SIDE; y++) {
        for (let x = 0; x < SIDE; x++, i++) {
          const r = sample(this.#to, this.#left + x + u, this.#top + y + v) - this.template[i]!;
          this.residual[i] = r;
          sum += r;
        }
      }
    }
    const mean = sum / PIXELS;
    let squares = 0;
    for (let i = 0; i < PIXELS; i++) {
      const r = this.residual[i]! - mean;
      this.residual[i] = r;
      squares += r * r;
    }
    return squares;
  }
}

/**
 * @param guess of the flow, the size of the pictures
 * @returns where each pixel of `from` is in `to`
 */
export function inverseSearch(from: Plane, to: Plane, guess: Flow): Flow {
  const { width, height } = from;
  const slope = gradient(from);
  const columns = corners(width);
  const rows = corners(height);
  const found = new Float32Array(columns.length * rows.length * 2);
  const sums = new Float32Array(width * height * 2);
  const weights = new Float32Array(width * height);
  const textures = new Float32Array(width * height);
  const patch = new Patch(to);
  const gx = new Float32Array(PIXELS);
  const gy = new Float32Array(PIXELS);

  for (let row = 0; row < rows.length; row++) {
    const top = rows[row]!;
    for (let column = 0; column < columns.length; column++) {
      const left = columns[column]!;
      patch.place(from, left, top);
      const centre = (Math.min(top + SIDE / 2, height - 1) * width + Math.min(left + SIDE / 2, width - 1)) * 2;
      const place = (row * columns.length + column) * 2;
      let [u, v] = [0, 0];
      let best = patch.error(0, 0) - STILL * PIXELS;
      const consider = (cu: number, cv: number): void => {
        const error = patch.error(cu, cv);
        if (error >= best) return;
        best = error;
        [u, v] = [cu, cv];
      };
      consider(guess.data[centre]!, guess.data[centre + 1]!);
      if (column > 0) consider(found[place - 2]!, found[place - 1]!);
      if (row > 0) consider(found[place - 2 * columns.length]!, found[place - 2 * columns.length + 1]!);

      // Lucas-Kanade on the template's gradients: their matrix stays the same over the steps.
      let [xx, xy, yy, sx, sy] = [0, 0, 0, 0, 0];
      for (let y = 0, i = 0; y < SIDE; y++) {
        const line = Math.min(top + y, height - 1) * width;
        for (let x = 0; x < SIDE; x++, i++) {
          const at = line + Math.min(left + x, width - 1);
          const a = slope.x[at]!;
          const b = slope.y[at]!;
          gx[i] = a;
          gy[i] = b;
          xx += a * a;
          xy += a * b;
          yy += b * b;
          sx += a;
          sy += b;
        }
      }
      xx += DAMPING * PIXELS - (sx * sx) / PIXELS;
      yy += DAMPING * PIXELS - (sy * sy) / PIXELS;
      xy -= (sx * sy) / PIXELS;
      const determinant = xx * yy - xy * xy;
      const least = (xx + yy - Math.hypot(xx - yy, 2 * xy)) / 2 - DAMPING * PIXELS;
      const texture = Math.max(0, (2 * least) / (least + TEXTURE * PIXELS) - 1);
      const [startU, startV] = [u, v];
      const startError = patch.error(u, v);
      for (let step = 0; step < STEPS; step++) {
        let [bx, by] = [0, 0];
        for (let i = 0; i < PIXELS; i++) {
          bx += gx[i]! * patch.residual[i]!;
          by += gy[i]! * patch.residual[i]!;
        }
        const du = (yy * bx - xy * by) / determinant;
        const dv = (xx * by - xy * bx) / determinant;
        u -= du;
        v -= dv;
        const error = patch.error(u, v);
        if (error > startError || Math.hypot(u - startU, v - startV) > SIDE) {
          // Lost: what it began with serves.
          [u, v] = [startU, startV];
          patch.error(u, v);
          break;
        }
        if (du * du + dv * dv < CONVERGED * CONVERGED) break;
      }
      found[place] = u;
      found[place + 1] = v;
      for (let y = 0, i = 0; y < SIDE && top + y < height; y++, i = y * SIDE) {
        for (let x = 0; x < SIDE && left + x < width; x++, i++) {
          const at = (top + y) * width + left + x;
          const weight = 1 / Math.max(1, Math.abs(patch.residual[i]!));
          weights[at]! += weight;
          textures[at]! += weight * texture;
          sums[2 * at]! += weight * u;
          sums[2 * at + 1]! += weight * v;
        }
      }
    }
  }
  for (let i = 0; i < weights.length; i++) {
    sums[2 * i]! /= weights[i]!;
    sums[2 * i + 1]! /= weights[i]!;
    textures[i]! /= weights[i]!;
  }
  // Sky and walls tell nothing of their motion: they go with what is around them.
  return fill({ width, height, data: sums }, { width, height, data: textures });
}
