/**
 * Flow-guided difference of Gaussians (Kang, Lee & Chui 2007, eqs. 6-9): a DoG across each edge, averaged along it.
 */
import { gaussianBlur } from './gaussian.ts';

/** Unit vectors along the edges, and how sure they are; row-major planes. */
export interface EdgeTangent {
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** (l1 - l2) / (l1 + l2) of the tensor's eigenvalues: 1 at a clean edge, 0 in texture without direction. */
  readonly coherence: Float32Array;
}

/** Ratio of the outer to the inner Gaussian: DoG nearest to a Laplacian (Marr & Hildreth 1980). */
const outerRatio = 1.6;

/**
 * Edge direction: minor eigenvector of the structure tensor of all planes together (Di Zenzo 1986), Scharr gradients.
 * @param planes each width*height
 * @param sigma smoothing of the tensor, px
 */
export function edgeTangent(
  planes: readonly Float32Array[],
  width: number,
  height: number,
  sigma: number,
): EdgeTangent {
  const n = width * height;
  let xx = new Float32Array(n);
  let xy = new Float32Array(n);
  let yy = new Float32Array(n);
  for (const plane of planes) {
    for (let y = 0; y < height; y++) {
      const up = Math.max(0, y - 1) * width;
      const at = y * width;
      const down = Math.min(height - 1, y + 1) * width;
      for (let x = 0; x < width; x++) {
        const left = x > 0 ? x - 1 : 0;
        const right = x < width - 1 ? x + 1 : x;
        const nw = plane[up + left];
        const ne = plane[up + right];
        const sw = plane[down + left];
        const se = plane[down + right];
        const gx = 3 * (ne - nw + se - sw) + 10 * (plane[at + right] - plane[at + left]);
        const gy = 3 * (sw - nw + se - ne) + 10 * (plane[down + x] - plane[up + x]);
        xx[at + x] += gx * gx;
        xy[at + x] += gx * gy;
        yy[at + x] += gy * gy;
      }
    }
  }
  xx = gaussianBlur(xx, width, height, sigma) as typeof xx;
  xy = gaussianBlur(xy, width, height, sigma) as typeof xy;
  yy = gaussianBlur(yy, width, height, sigma) as typeof yy;
  const coherence = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    coherence[i] = Math.hypot(xx[i] - yy[i], 2 * xy[i]) / (xx[i] + yy[i] + 1e-9);
    // The major eigenvector makes the angle atan2(2xy, xx-yy)/2 with the x axis; the edge runs at right angles to it.
    const angle = 0.5 * Math.atan2(2 * xy[i], xx[i] - yy[i]);
    xx[i] = -Math.sin(angle);
    yy[i] = Math.cos(angle);
  }
  return { x: xx, y: yy, coherence };
}

/**
 * @param grey brightness 0..1
 * @param sigma inner Gaussian across the edge, px
 * @param along Gaussian along the edge, px
 * @returns negative on the dark side of edges and on dark lines, 0 on flat places
 */
export function flowDog(
  grey: Float32Array,
  width: number,
  height: number,
  tangent: EdgeTangent,
  sigma: number,
  along: number,
): Float32Array {
  return alongFlow(acrossFlow(grey, width, height, tangent, sigma), width, height, tangent, along);
}

function acrossFlow(
  grey: Float32Array,
  width: number,
  height: number,
  tangent: EdgeTangent,
  sigma: number,
): Float32Array {
  const radius = Math.ceil(3 * sigma * outerRatio);
  const taps = new Float32Array(radius + 1);
  let inner = 0;
  let outer = 0;
  for (let i = -radius; i <= radius; i++) {
    inner += Math.exp(-(i * i) / (2 * sigma ** 2));
    outer += Math.exp(-(i * i) / (2 * (sigma * outerRatio) ** 2));
  }
  for (let i = 0; i <= radius; i++) {
    taps[i] =
      Math.exp(-(i * i) / (2 * sigma ** 2)) / inner - Math.exp(-(i * i) / (2 * (sigma * outerRatio) ** 2)) / outer;
  }
  const out = new Float32Array(width * height);
  const maxX = width - 1;
  const maxY = height - 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      const nx = tangent.y[at];
      const ny = -tangent.x[at];
      let sum = taps[0] * grey[at];
      for (let i = -radius; i <= radius; i++) {
        if (i === 0) continue;
        const px = Math.min(maxX, Math.max(0, x + i * nx));
        const py = Math.min(maxY, Math.max(0, y + i * ny));
        const ix = px | 0;
        const iy = py | 0;
        const fx = px - ix;
        const p = iy * width + ix;
        const right = ix < maxX ? p + 1 : p;
        const step = iy < maxY ? width : 0;
        const top = grey[p] + (grey[right] - grey[p]) * fx;
        const bottom = grey[p + step] + (grey[right + step] - grey[p + step]) * fx;
        sum += taps[i < 0 ? -i : i] * (top + (bottom - top) * (py - iy));
      }
      out[at] = sum;
    }
  }
  return out;
}

function alongFlow(
  field: Float32Array,
  width: number,
  height: number,
  tangent: EdgeTangent,
  sigma: number,
): Float32Array {
  const steps = Math.ceil(2 * sigma);
  const taps = Float32Array.from({ length: steps + 1 }, (_, j) => Math.exp(-(j * j) / (2 * sigma * sigma)));
  const out = new Float32Array(width * height);
  const maxX = width - 1;
  const maxY = height - 1;
  const total = taps.reduce((a, b) => a + b) * 2 - 1;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at++) {
      let sum = field[at];
      for (let sign = -1; sign <= 1; sign += 2) {
        let px = x;
        let py = y;
        let dx = sign * tangent.x[at];
        let dy = sign * tangent.y[at];
        for (let j = 1; j <= steps; j++) {
          px = Math.min(maxX, Math.max(0, px + dx));
          py = Math.min(maxY, Math.max(0, py + dy));
          const ix = px | 0;
          const iy = py | 0;
          const fx = px - ix;
          const p = iy * width + ix;
          const right = ix < maxX ? p + 1 : p;
          const step = iy < maxY ? width : 0;
          const top = field[p] + (field[right] - field[p]) * fx;
          const bottom = field[p + step] + (field[right + step] - field[p + step]) * fx;
          sum += taps[j] * (top + (bottom - top) * (py - iy));
          const nearest = ((py + 0.5) | 0) * width + ((px + 0.5) | 0);
          const tx = tangent.x[nearest];
          const ty = tangent.y[nearest];
          // The tangent has no sign of its own: keep walking forwards.
          const forward = tx * dx + ty * dy < 0 ? -1 : 1;
          dx = tx * forward;
          dy = ty * forward;
        }
      }
      out[at] = sum / total;
    }
  }
  return out;
}
