/**
 * What could move in a photo: a guess at depth and at the subject, and smooth fields to move it with. No labels exist;
 * these are the priors that a draughtsman uses: what is low is near, the subject is near the middle, stands out from
 * the picture's border in colour, and is in focus.
 */
import type { Pixels } from '../pipeline/types.ts';
import { type Lab, toLab } from './colour.ts';
import { gaussianBlur } from './gaussian.ts';
import { guidedFilter } from './guided-filter.ts';
import { borderContrast, normalise } from './saliency.ts';
import { quantile } from './tones.ts';

/** Quarter-size maps, row-major, width*height bytes each. */
export interface MotionTargets {
  readonly width: number;
  readonly height: number;
  /** 0 far .. 255 near. */
  readonly disparity: Uint8Array;
  /** 255 subject, 0 background, soft edge. */
  readonly subject: Uint8Array;
}

/** Number of flow bases: sway, second sway mode, breathing, ripple. */
export const FLOW_BASES = 4;

/** Means over 4x4 blocks; the last row and column average what is there. */
function quarter(rgb: Pixels): Pixels {
  const width = Math.ceil(rgb.width / 4);
  const height = Math.ceil(rgb.height / 4);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const sum = [0, 0, 0];
      let count = 0;
      for (let py = 4 * y; py < Math.min(rgb.height, 4 * y + 4); py++) {
        for (let px = 4 * x; px < Math.min(rgb.width, 4 * x + 4); px++) {
          const p = (py * rgb.width + px) * 3;
          for (let c = 0; c < 3; c++) sum[c] += rgb.data[p + c];
          count++;
        }
      }
      for (let c = 0; c < 3; c++) data[(y * width + x) * 3 + c] = Math.round(sum[c] / count);
    }
  }
  return { width, height, data };
}

/** Energy of fine detail around each place, 0..1: what is in focus. */
function sharpness(lab: Lab): Float32Array {
  const { width, height, l } = lab;
  const base = gaussianBlur(l, width, height, 1);
  const detail = l.map((v, i) => Math.abs(v - base[i]));
  return normalise(gaussianBlur(detail, width, height, 5).map(Math.sqrt));
}

function subjectMask(lab: Lab): Float32Array {
  const { width, height } = lab;
  const contrast = borderContrast(lab);
  const focus = sharpness(lab);
  const evidence = contrast.map((v, i) => {
    const x = (((i % width) + 0.5) / width - 0.5) / 0.36;
    const y = ((Math.floor(i / width) + 0.5) / height - 0.56) / 0.45;
    return (0.65 * v + 0.35 * focus[i]) * Math.exp(-0.5 * (x * x + y * y));
  });
  const spread = guidedFilter(gaussianBlur(evidence, width, height, 2), lab.l, width, height, 8, 0.004);
  const low = quantile(spread, 0.5);
  const high = Math.max(low + 0.05, quantile(spread, 0.85));
  const mask = spread.map((v) => smoothStep((v - low) / (high - low)));
  return gaussianBlur(guidedFilter(mask, lab.l, width, height, 6, 0.002), width, height, 1.2).map(clamp01);
}

/** @param rgb interleaved sRGB @returns maps of ceil(width/4) x ceil(height/4) */
export function motionTargets(rgb: Pixels): MotionTargets {
  const lab = toLab(quarter(rgb));
  const { width, height } = lab;
  const subject = subjectMask(lab);
  const depth = subject.map((s, i) => {
    const ground = ((i / width) | 0) / Math.max(1, height - 1);
    return 0.5 * ground * ground + 0.5 * s;
  });
  // The blur bounds the slope: a step of 1 rises by at most .2 a quarter pixel, so parallax up to 5 of them never folds.
  const smooth = gaussianBlur(guidedFilter(depth, lab.l, width, height, 8, 0.01), width, height, 2);
  const low = quantile(smooth, 0.01);
  const range = Math.max(0.5, quantile(smooth, 0.99) - low);
  const disparity = toBytes(smooth.map((v) => (v - low) / range));
  return { width, height, disparity, subject: toBytes(subject) };
}

/**
 * Displacement fields that a clip adds up with weights: basis 0 sway (sideways, from the subject's foot to its tip with
 * the square of the height, as a clamped beam bends), 1 second sway mode (S-shaped), 2 breathing (away from the
 * subject's middle, strongest at chest height), 3 ripple (slow vertical waves on the background).
 * @returns [height, width, 4, 2], (x, y) as fractions of the long side before weighting, longest vector 1; smooth
 */
export function flowBases(targets: MotionTargets): Float32Array {
  const { width, height } = targets;
  const mask = gaussianBlur(
    Float32Array.from(targets.subject, (v) => v / 255),
    width,
    height,
    1.5,
  );
  const box = subjectBox(mask, width, height);
  const tall = Math.max(1, box.foot - box.tip);
  const chest = box.tip + 0.45 * tall;
  const long = Math.max(width, height);
  const bases = new Float32Array(width * height * FLOW_BASES * 2);
  for (let y = 0, i = 0; y < height; y++) {
    const t = Math.min(1, Math.max(0, (box.foot - y) / tall));
    const atChest = Math.exp(-0.5 * ((y - chest) / (0.28 * tall)) ** 2);
    for (let x = 0; x < width; x++, i++) {
      const s = mask[i];
      const out = i * FLOW_BASES * 2;
      bases[out] = s * t * t;
      bases[out + 2] = s * t * Math.sin(1.5 * Math.PI * t);
      bases[out + 4] = (s * atChest * (x - box.centre)) / tall;
      bases[out + 5] = (0.6 * s * atChest * (y - chest)) / tall;
      const phase = (2 * Math.PI * (2.5 * x + 0.8 * y)) / long;
      bases[out + 7] = (1 - s) * Math.sin(phase);
    }
  }
  normaliseBases(bases);
  return bases;
}

/** Foot, tip (rows) and centre (column) of the subject, from the mask's own distribution so that specks do not count. */
function subjectBox(mask: Float32Array, width: number, height: number) {
  const rows = new Float64Array(height);
  let total = 0;
  let moment = 0;
  for (let i = 0; i < mask.length; i++) {
    rows[(i / width) | 0] += mask[i];
    total += mask[i];
    moment += mask[i] * (i % width);
  }
  const row = (share: number) => {
    let sum = 0;
    for (let y = 0; y < height; y++) {
      sum += rows[y];
      if (sum >= share * total) return y;
    }
    return height - 1;
  };
  return { tip: row(0.02), foot: row(0.98), centre: total > 0 ? moment / total : width / 2 };
}

function normaliseBases(bases: Float32Array): void {
  for (let k = 0; k < FLOW_BASES; k++) {
    let longest = 0;
    for (let p = 2 * k; p < bases.length; p += 2 * FLOW_BASES)
      longest = Math.max(longest, Math.hypot(bases[p], bases[p + 1]));
    if (longest === 0) continue;
    for (let p = 2 * k; p < bases.length; p += 2 * FLOW_BASES) {
      bases[p] /= longest;
      bases[p + 1] /= longest;
    }
  }
}

function clamp01(v: number): number {
  return Math.min(1, Math.max(0, v));
}

function smoothStep(v: number): number {
  const t = clamp01(v);
  return t * t * (3 - 2 * t);
}

function toBytes(values: Float32Array): Uint8Array {
  return Uint8Array.from(values, (v) => Math.round(255 * clamp01(v)));
}
