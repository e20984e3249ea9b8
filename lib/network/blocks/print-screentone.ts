import type { Ops } from '../ops.ts';

/*
 * Screentone: dots on two axes, larger where the tone is darker. u and v count screen periods.
 */

/**
 * What being at least light, at least dark, and black add to the distance from a dot's centre that is inked: dots of
 * .289 cover 22 % of the paper, of .5 a half, as the teacher's (render/compose.ts).
 */
export const SCREEN_THRESHOLD = [0.289, 0.211, 0.5] as const;
/** The same for the offset of the dots' edges. */
export const SCREEN_OFFSET = [0.5, 0, 0.5] as const;
/** Ink that being at least light, at least dark, and black add where dots are too fine to be seen. */
export const FLAT_TONE = [0.22, 0.28, 0.5] as const;

/** Fields of the three tones, each 0..1, weighted and added up. */
export function sumTones<T extends object>(ops: Ops<T>, tones: readonly T[], shares: readonly number[]): T {
  return tones.map((tone, i) => ops.affine(tone, shares[i]!, 0)).reduce((total, part) => ops.add(total, part));
}

/** cos(2 pi u) to .06: a parabola arch is dot enough, and wrap() costs a tenth of a cosine. */
export function arch<T extends object>(ops: Ops<T>, u: T): T {
  const distance = ops.abs(ops.wrap(u));
  const x = ops.affine(distance, -4, 1);
  return ops.mul(x, ops.affine(ops.abs(x), -1, 2));
}

/** Coverage by dots, 0..1. @param tones light, dark, black @param gain periods a dot's edge is sharp to */
export function screenDots<T extends object>(ops: Ops<T>, tones: readonly T[], u: T, v: T, gain: T): T {
  // Distance from the dot's centre, 0..1; ink where it is below the tones' threshold. The offset keeps white clean, puts
  // the middle of a dot's edge on the threshold, and leaves no holes in black.
  const distance = ops.affine(ops.add(arch(ops, u), arch(ops, v)), -0.25, 0.5);
  const dots = ops.mul(ops.sub(sumTones(ops, tones, SCREEN_THRESHOLD), distance), gain);
  return ops.clip(ops.add(dots, sumTones(ops, tones, SCREEN_OFFSET)), 0, 1);
}
