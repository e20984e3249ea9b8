import { type Flow, gradient, type Plane, sample } from './plane.ts';

/*
 * Variational refinement, as after dense inverse search (Kroeger et al. 2016, §2.3), in the form of Brox et al. 2004: the
 * flow is moved so that the sum over pixels of psi(n (It + Ix du + Iy dv)^2) + alpha psi(|grad u|^2 + |grad v|^2) falls,
 * psi(s) = sqrt(s + e), n = 1 / (|grad I|^2 + z): residuals count in pixels, and flat places leave it to their neighbours.
 */

const WARPS = 3;
const SWEEPS = 6;
const OVER_RELAXATION = 1.6;
const ALPHA = 5;
/** Gradient (grey levels a pixel) across which smoothness counts 1/e. */
const EDGE = 18;
const NOISE = 6;
const DATA_EPSILON = 0.0025;
const SMOOTH_EPSILON = 0.0004;

export function refine(from: Plane, to: Plane, flow: Flow): Flow {
  const { width, height } = from;
  const size = width * height;
  const u = new Float32Array(size);
  const v = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    u[i] = flow.data[2 * i]!;
    v[i] = flow.data[2 * i + 1]!;
  }
  const slope = gradient(from);
  const stiffness = Float32Array.from(slope.x, (x, i) => ALPHA * Math.exp(-Math.hypot(x, slope.y[i]!) / EDGE));
  const warped = new Float32Array(size);
  const [du, dv] = [new Float32Array(size), new Float32Array(size)];
  const [a11, a12, a22, b1, b2] = Array.from({ length: 5 }, () => new Float32Array(size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const link = new Float32Array(size);

  for (let warp = 0; warp < WARPS; warp++) {
    for (let y = 0, i = 0; y < height; y++)
      for (let x = 0; x < width; x++, i++) warped[i] = sample(to, x + u[i]!, y + v[i]!);
    const there = gradient({ width, height, data: warped });
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const ix = (slope.x[i]! + there.x[i]!) / 2;
        const iy = (slope.y[i]! + there.y[i]!) / 2;
        const it = warped[i]! - from.data[i]!;
        const norm = 1 / (ix * ix + iy * iy + NOISE);
        // What left the picture cannot be matched.
        const outside = x + u[i]! < 0 || x + u[i]! > width - 1 || y + v[i]! < 0 || y + v[i]! > height - 1;
        const weight = outside ? 0 : norm / Math.sqrt(norm * it * it + DATA_EPSILON);
        a11[i] = weight * ix * ix;
        a12[i] = weight * ix * iy;
        a22[i] = weight * iy * iy;
        b1[i] = -weight * ix * it;
        b2[i] = -weight * iy * it;
        const right = i + (x + 1 < width ? 1 : 0);
        const below = i + (y + 1 < height ? width : 0);
        const change =
          (u[right]! - u[i]!) ** 2 + (v[right]! - v[i]!) ** 2 + (u[below]! - u[i]!) ** 2 + (v[below]! - v[i]!) ** 2;
        link[i] = stiffness[i]! / Math.sqrt(change + SMOOTH_EPSILON);
      }
    }
    du.fill(0);
    dv.fill(0);
    for (let sweep = 0; sweep < SWEEPS; sweep++) relax();
    for (let i = 0; i < size; i++) {
      u[i]! += Math.max(-1, Math.min(1, du[i]!));
      v[i]! += Math.max(-1, Math.min(1, dv[i]!));
    }
  }
  const data = new Float32Array(2 * size);
  for (let i = 0; i < size; i++) {
    data[2 * i] = u[i]!;
    data[2 * i + 1] = v[i]!;
  }
  return { width, height, data };

  /** One sweep of successive over-relaxation over the linear system in (du, dv). */
  function relax(): void {
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        // A link of a border pixel to itself pulls nowhere.
        const right = x + 1 < width ? i + 1 : i;
        const below = y + 1 < height ? i + width : i;
        const left = x > 0 ? i - 1 : i;
        const above = y > 0 ? i - width : i;
        const here = link[i]!;
        const before = link[left]!;
        const over = link[above]!;
        const sum = 2 * here + before + over;
        const su =
          here * (u[right]! + du[right]!) +
          here * (u[below]! + du[below]!) +
          before * (u[left]! + du[left]!) +
          over * (u[above]! + du[above]!) -
          sum * u[i]!;
        const sv =
          here * (v[right]! + dv[right]!) +
          here * (v[below]! + dv[below]!) +
          before * (v[left]! + dv[left]!) +
          over * (v[above]! + dv[above]!) -
          sum * v[i]!;
        const p = a11[i]! + sum;
        const q = a22[i]! + sum;
        const r = a12[i]!;
        const s = b1[i]! + su;
        const t = b2[i]! + sv;
        const determinant = p * q - r * r;
        if (determinant <= 1e-12) continue;
        du[i]! += OVER_RELAXATION * ((q * s - r * t) / determinant - du[i]!);
        dv[i]! += OVER_RELAXATION * ((p * t - r * s) / determinant - dv[i]!);
      }
    }
  }
}
