import { type Lattice, PATCH, patchLattice } from './patch-screen.ts';

/** The screen that a page is printed with. */
export interface PageScreen {
  /** Distance between dots, as a share of the root of the page's area. */
  readonly period: number;
  /** Degrees, 0 <= angle < 90: as the setting screenAngle, whose axes are alike. */
  readonly angle: number;
  /** Share of the dotted patches that agree, weighed by how clear they are, 0..1. */
  readonly confidence: number;
}

/** Patches overlap by half, on large pages less: at most about this many are looked at. */
const MOST_PATCHES = 400;
/** Mean grey of a patch of dots; the rest is paper or ink. */
const [DARKEST, LIGHTEST] = [0.08, 0.96];
/** Standard deviation of grey below which there are no dots to see. */
const LEAST_DEVIATION = 0.05;
/** Part of a patch's fine detail that must be its lattice: lines and letters have none. */
const LEAST_SHARE = 0.45;
/** Patches of one screen: within this ratio of periods, and this many degrees. */
const SAME_PERIOD = 1.06;
const SAME_ANGLE = 4;
/** Fewer agreeing patches, or a smaller share of those with dots, are no screen of the page's. */
const LEAST_PATCHES = 4;
const LEAST_CONFIDENCE = 0.3;

/** Degrees between the axes of two lattices, 0..45. */
function turned(a: Lattice, b: Lattice): number {
  const difference = Math.abs(a.angle - b.angle) % 90;
  return Math.min(difference, 90 - difference);
}

/**
 * Finds the screentone of a page: patches whose detail is a lattice of dots, and what most of them agree on. Several screens of
 * one page differ in their dots' size more often than in period and angle.
 * @param grey [height,width], 0 black .. 255, at the scan's own size: dots do not survive a reduction
 * @returns null for a page without screens, or with dots too fine for its pixels (closer than 2.2)
 */
export function findScreen(grey: Uint8Array, width: number, height: number): PageScreen | null {
  const found: Lattice[] = [];
  const patch = new Float64Array(PATCH * PATCH);
  const step = Math.max(PATCH / 2, Math.ceil(Math.sqrt((width * height) / MOST_PATCHES)));
  for (let top = 0; top + PATCH <= height; top += step) {
    for (let left = 0; left + PATCH <= width; left += step) {
      let [sum, squares] = [0, 0];
      for (let y = 0, i = 0; y < PATCH; y++) {
        for (let x = 0; x < PATCH; x++, i++) {
          const value = grey[(top + y) * width + left + x]! / 255;
          patch[i] = value;
          sum += value;
          squares += value * value;
        }
      }
      const mean = sum / patch.length;
      if (mean < DARKEST || mean > LIGHTEST || squares / patch.length - mean * mean < LEAST_DEVIATION ** 2) continue;
      const lattice = patchLattice(patch);
      if (lattice && lattice.share >= LEAST_SHARE) found.push(lattice);
    }
  }
  let most: Lattice[] = [];
  let weight = 0;
  for (const one of found) {
    const same = found.filter(
      (other) =>
        Math.max(one.period / other.period, other.period / one.period) < SAME_PERIOD && turned(one, other) < SAME_ANGLE,
    );
    const total = weigh(same);
    if (total > weight) [most, weight] = [same, total];
  }
  const confidence = found.length > 0 ? weight / weigh(found) : 0;
  if (most.length < LEAST_PATCHES || confidence < LEAST_CONFIDENCE) return null;
  const period = most.reduce((sum, { period, share }) => sum + period * share, 0) / weight;
  return { period: period / Math.sqrt(width * height), angle: meanAngle(most), confidence };
}

function weigh(lattices: readonly Lattice[]): number {
  return lattices.reduce((sum, { share }) => sum + share, 0);
}

/** Mean of angles that repeat every 90 degrees, by their shares. @returns 0..90 */
export function meanAngle(parts: readonly { readonly angle: number; readonly share: number }[]): number {
  let [x, y] = [0, 0];
  for (const { angle, share } of parts) {
    x += share * Math.cos((4 * angle * Math.PI) / 180);
    y += share * Math.sin((4 * angle * Math.PI) / 180);
  }
  const angle = (Math.atan2(y, x) * 180) / Math.PI / 4;
  return angle < 0 ? angle + 90 : angle;
}
