import { powerSpectrum } from './fourier.ts';

/** Side of a patch, pixels. */
export const PATCH = 64;
/** Frequencies of dots, in bins of a patch: periods from 2.2 to 12 pixels. */
const LOWEST = PATCH / 12;
const HIGHEST = PATCH / 2.2;
/** Detail as fine as dots: frequencies within this factor of theirs. */
const BAND = 1.35;
/** Least power of the second axis, and of a coarser pair that is the lattice itself, as a share of the strongest peak. */
const PARTNER = 0.3;
const COARSER = 0.12;

/** One dot lattice. */
export interface Lattice {
  /** Distance between neighbouring dots along an axis, pixels. */
  readonly period: number;
  /** Of an axis, degrees, 0 along a row, turning clockwise on the page; 0 <= angle < 90, since the axes are alike. */
  readonly angle: number;
  /** Share of the patch's detail of that fineness that the lattice is, 0..1. */
  readonly share: number;
}

/** Hann's window, which keeps a patch's borders from looking like edges. */
const hann = Float64Array.from({ length: PATCH }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (i + 0.5)) / PATCH));

/** Half of a spectrum's bins: the other half mirrors them. */
const BINS = Array.from({ length: (PATCH * PATCH) / 2 }, (_, i) => {
  const [x, y] = [(i % PATCH) - PATCH / 2, Math.floor(i / PATCH)];
  return { x, y, length: Math.hypot(x, y) };
}).filter(({ x, y }) => y > 0 || x > 0);

/**
 * The dot lattice of a patch, from the peaks of its power spectrum: two frequencies of one length at a right angle.
 * @param grey [PATCH,PATCH], 0..1
 * @returns null when it has none
 */
export function patchLattice(grey: Float64Array): Lattice | null {
  const mean = grey.reduce((sum, v) => sum + v, 0) / grey.length;
  const power = powerSpectrum(
    grey.map((v, i) => (v - mean) * hann[i % PATCH]! * hann[Math.floor(i / PATCH)]!),
    PATCH,
  );
  const at = (x: number, y: number): number => power[((y + PATCH) % PATCH) * PATCH + ((x + PATCH) % PATCH)]!;

  let best = { x: 0, y: 0, power: 0 };
  for (const { x, y, length } of BINS) {
    const here = at(x, y);
    // Edges of strokes fall off with the square of the frequency: weighed against that, dots stand out of a drawing.
    if (length >= LOWEST && length <= HIGHEST && here * length ** 2 > best.power * Math.hypot(best.x, best.y) ** 2) {
      best = { x, y, power: here };
    }
  }
  if (best.power === 0) return null;
  // Small dots are nearly as strong along the diagonals of their lattice, and at twice its frequency: two steps of 45 degrees.
  let found = best;
  for (let step = 0; step < 2; step++) {
    const coarser = peakNear((found.x - found.y) / 2, (found.x + found.y) / 2);
    if (coarser.power >= COARSER * found.power && pairOf(coarser)) found = coarser;
  }
  const partner = pairOf(found);
  if (!partner) return null;
  const axes = [refine(found), refine(partner)];
  const length = (Math.hypot(...axes[0]!) + Math.hypot(...axes[1]!)) / 2;
  const quarter = (x: number) => ((x % 90) + 90) % 90;
  const angle = quarter((Math.atan2(axes[0]![1], axes[0]![0]) * 180) / Math.PI);
  const [near, far] = [length / BAND, length * BAND];
  const detail = BINS.reduce((sum, bin) => sum + (bin.length > near && bin.length < far ? at(bin.x, bin.y) : 0), 0);
  return { period: PATCH / length, angle, share: Math.min(1, (around(found) + around(partner)) / detail) };

  /** Strongest of the bins next to a place. */
  function peakNear(x: number, y: number): { x: number; y: number; power: number } {
    let peak = { x: 0, y: 0, power: 0 };
    for (let v = Math.round(y) - 1; v <= Math.round(y) + 1; v++) {
      for (let u = Math.round(x) - 1; u <= Math.round(x) + 1; u++) {
        if (Math.hypot(u, v) >= LOWEST && at(u, v) > peak.power) peak = { x: u, y: v, power: at(u, v) };
      }
    }
    return peak;
  }

  /** The peak at a right angle. */
  function pairOf(peak: { x: number; y: number; power: number }): typeof peak | null {
    const other = peakNear(-peak.y, peak.x);
    const [weak, strong] = [Math.min(other.power, peak.power), Math.max(other.power, peak.power)];
    return weak >= PARTNER * strong && isPeak(other.x, other.y) && isPeak(peak.x, peak.y) ? other : null;
  }

  function isPeak(x: number, y: number): boolean {
    return [-1, 0, 1].every((v) => [-1, 0, 1].every((u) => at(x + u, y + v) <= at(x, y)));
  }

  /** What Hann's window spreads of a peak. */
  function around({ x, y }: { x: number; y: number }): number {
    let sum = 0;
    for (let v = -1; v <= 1; v++) for (let u = -1; u <= 1; u++) sum += at(x + u, y + v);
    return sum;
  }

  /** Place between the bins: the top of a parabola through the logarithms. */
  function refine({ x, y }: { x: number; y: number }): [number, number] {
    const top = (before: number, here: number, after: number): number => {
      const [a, b, c] = [Math.log(before + 1e-12), Math.log(here + 1e-12), Math.log(after + 1e-12)];
      const bend = a - 2 * b + c;
      return bend < 0 ? Math.min(0.5, Math.max(-0.5, (a - c) / (2 * bend))) : 0;
    };
    return [x + top(at(x - 1, y), at(x, y), at(x + 1, y)), y + top(at(x, y - 1), at(x, y), at(x, y + 1))];
  }
}
