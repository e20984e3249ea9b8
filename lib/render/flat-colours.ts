import { type Lab, toRgb } from './colour.ts';
import { gaussianBlur } from './gaussian.ts';
import { flattenColours } from './regions.ts';

/** How colours are laid down. */
export interface ColourStyle {
  /** Share of the region's mean against the smoothed photo, 0..1: 1 is flat as cut paper. */
  readonly flat: number;
  /** Chroma is multiplied by it. */
  readonly vivid: number;
  /** Brightness is lifted to lift + (1 - lift) L: webtoons hardly use black. */
  readonly lift: number;
  /** How much darker the shaded side of a region is, CIE L / 100 (cel shading). */
  readonly shade: number;
}

/** Complexity and smallest area of the regions, as of the tones' (draw.ts), finer. */
const COMPLEXITY = 56;
const MIN_AREA = 70;
/** Brightens the middle tones: a printed photo looks dull beside drawn colours. */
const GAMMA = 0.8;
/** A place this much darker than its region's mean is shaded, CIE L / 100. */
const SHADED_BELOW = 0.045;

/**
 * Flat colours: each region in its mean colour, its darker parts one step darker, vivid and lifted.
 * @param lab the smoothed photo @returns interleaved sRGB, width*height*3 bytes
 */
export function flatColours(lab: Lab, style: ColourStyle): Uint8Array {
  const { width, height } = lab;
  const regions = flattenColours(lab, COMPLEXITY, MIN_AREA);
  // Shapes of shade are rounded, or photo noise would fringe them.
  const darker = gaussianBlur(
    lab.l.map((l, i) => regions.l[i]! - l),
    width,
    height,
    1.5,
  );
  const edge = (d: number) => Math.min(1, Math.max(0, 0.5 + (d - SHADED_BELOW) / 0.02));
  const mix = (plane: Float32Array, of: Float32Array) =>
    plane.map((v, i) => style.flat * v + (1 - style.flat) * of[i]!);
  const l = mix(regions.l, lab.l).map(
    (v, i) => style.lift + (1 - style.lift) * Math.max(0, v - style.shade * edge(darker[i]!)) ** GAMMA,
  );
  const chroma = (plane: Float32Array, of: Float32Array) => mix(plane, of).map((v) => style.vivid * v);
  return toRgb({ width, height, l, a: chroma(regions.a, lab.a), b: chroma(regions.b, lab.b) });
}
