import type { Ops } from '../ops.ts';
import { arch, sumTones } from './print-screentone.ts';

/*
 * Pencil: each tone adds a set of strokes in its own direction over a faint wash. A stroke lies in every period across the
 * direction; along it, it swells, thins out and bends by arches whose phase differs from stroke to stroke. All in
 * canvas coordinates, so strokes move with what they shade.
 */

export interface StrokeSet {
  /** Across the strokes, in periods: a·u + b·v. */
  readonly across: readonly [number, number];
  /** Along them. */
  readonly along: readonly [number, number];
  /** Mean half-width in periods, and how much it swells. */
  readonly width: number;
  readonly swell: number;
}

/** Light: one direction; dark: crossed; black: a third, dense. */
export const STROKES: readonly [StrokeSet, StrokeSet, StrokeSet] = [
  { across: [1, 0.08], along: [-0.08, 1], width: 0.13, swell: 0.12 },
  { across: [0.34, 1.02], along: [-1.02, 0.34], width: 0.14, swell: 0.12 },
  { across: [0.8, -0.9], along: [0.9, 0.8], width: 0.24, swell: 0.12 },
];
/** Darkness of a stroke, of a line, and of the wash that each tone adds. */
export const STROKE_INK = 0.5;
export const LINE_INK = 0.86;
export const WASH = [0.08, 0.13, 0.25] as const;
/** Periods a swell is long, as a frequency; and how far strokes bend. */
export const SWELL_RATE = 0.085;
export const BEND_RATE = 0.037;
export const BEND = 0.17;
/** Irrational, so that neighbours never agree. */
export const PHASE = 0.618034;
/** Of the scalar screenGain, which is made for dots: a stroke's edge rises by one in a period. */
export const STROKE_GAIN = 2.2;

/** Darkness by strokes and wash, 0..1. @param tones light, dark, black, each 0..1 */
export function pencilTone<T extends object>(ops: Ops<T>, tones: readonly T[], u: T, v: T, gain: T): T {
  const mix = ([a, b]: readonly [number, number]) => ops.add(ops.affine(u, a, 0), ops.affine(v, b, 0));
  const sharp = ops.affine(gain, STROKE_GAIN, 0);
  let clear = ops.affine(sumTones(ops, tones, WASH), -1, 1);
  STROKES.forEach(({ across, along, width, swell }, i) => {
    const x = mix(across);
    const y = mix(along);
    const off = ops.wrap(x);
    const phase = ops.affine(ops.sub(x, off), PHASE, 0);
    const half = ops.affine(arch(ops, ops.add(ops.affine(y, SWELL_RATE, 0), phase)), swell, width);
    const bend = ops.affine(arch(ops, ops.add(ops.affine(y, BEND_RATE, 0), phase)), BEND, 0);
    const away = ops.abs(ops.sub(off, bend));
    const stroke = ops.clip(ops.affine(ops.mul(ops.sub(half, away), sharp), 1, 0.5), 0, 1);
    clear = ops.mul(clear, ops.affine(ops.mul(stroke, tones[i]!), -STROKE_INK, 1));
  });
  return ops.affine(clear, -1, 1);
}
