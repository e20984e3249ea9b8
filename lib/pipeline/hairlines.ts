import type { Size } from '../motion/geometry.ts';
import { boxBlur } from '../render/gaussian.ts';
import { CHANNELS } from './raster/mask.ts';

/** A line's edge lies here: above it there is a line. */
const STRONG = 0.5;
/** Around a line all stays as drawn: drawn pixels, and the share of them that must be line. */
const REACH = 3;
const SHARE = 0.1;
/** Two boxes of this radius, drawn pixels, are what a faint line is compared with: its surround. */
const SURROUND = 4;
/** v -> GAIN · (v - WEIGHT · surround - FLOOR), by eye and by the measures of docs/evaluation.md, "How soft edges are". */
const GAIN = 2;
const WEIGHT = 0.7;
const FLOOR = 0.03;

/**
 * Where the network draws lines faintly, makes a hairline of what stands out from its surround, and bare paper of the rest, which would
 * be printed as grey smudges: a sharpened difference of blurs (Winnemöller, Kyprianidis & Olsen 2012, "XDoG"), with v itself for
 * the narrower. Lines and what is near them stay. Once a clip, on the layers, so that nothing boils.
 * @param layers [height,width,4], line first, 0..1; changed in place
 */
export function sharpenHairlines(layers: Float32Array, { width, height }: Size): void {
  const line = new Float32Array(width * height);
  const lines = new Float32Array(width * height);
  for (let i = 0; i < line.length; i++) {
    line[i] = layers[CHANNELS * i]!;
    lines[i] = line[i]! > STRONG ? 1 : 0;
  }
  const near = boxBlur(lines, width, height, REACH);
  const surround = boxBlur(boxBlur(line, width, height, SURROUND), width, height, SURROUND);
  for (let i = 0; i < line.length; i++) {
    const hairline = Math.min(Math.max(GAIN * (line[i]! - WEIGHT * surround[i]! - FLOOR), 0), 1);
    layers[CHANNELS * i] = hairline + Math.min(near[i]! / SHARE, 1) * (line[i]! - hairline);
  }
}
