import { type Flow, type Plane, sample } from './plane.ts';

/** Grey levels by which a pixel may differ from what is carried to it, at 1/e of the trust. */
const TOLERANCE = 14;

/**
 * How far a backward flow can be trusted: 0 where the pixel was hidden, outside, or looks different, 1 where it was surely
 * seen before. Hidden is what the forward flow does not lead back to: |b + f(x + b)|^2 > .01 (|b|^2 + |f|^2) + .5
 * (Sundaram, Brox, Keutzer, ECCV 2010).
 * @param now @param before grey, of one size @param back from now to before @param forth from before to now
 * @returns 0..1 for each pixel of `now`
 */
export function reliability(now: Plane, before: Plane, back: Flow, forth: Flow): Plane {
  const { width, height } = now;
  const data = new Float32Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const u = back.data[2 * i]!;
      const v = back.data[2 * i + 1]!;
      const [px, py] = [x + u, y + v];
      if (px < -0.5 || py < -0.5 || px > width - 0.5 || py > height - 0.5) continue;
      const j =
        2 *
        (Math.round(Math.min(Math.max(py, 0), height - 1)) * width + Math.round(Math.min(Math.max(px, 0), width - 1)));
      const fu = forth.data[j]!;
      const fv = forth.data[j + 1]!;
      if ((u + fu) ** 2 + (v + fv) ** 2 > 0.01 * (u * u + v * v + fu * fu + fv * fv) + 0.5) continue;
      data[i] = Math.exp(-(((now.data[i]! - sample(before, px, py)) / TOLERANCE) ** 2));
    }
  }
  return { width, height, data };
}
