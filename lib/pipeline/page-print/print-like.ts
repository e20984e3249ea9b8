import type { Size } from '../../motion/geometry.ts';
import type { Medium } from '../../network/media.ts';
import type { Pixels } from '../types.ts';
import { relight } from './relight.ts';
import { reline } from './reline.ts';
import { retone } from './retone.ts';
import type { PrintAim } from './steer-print.ts';

/** How much of a page's stroke width is taken, in ratios. */
const TAKEN = 0.9;

/** How dark what is drawn is printed, as a multiple, and the grey of the paper, 0..1. */
export interface Contrast {
  readonly darkness: number;
  readonly paper: number;
}

/**
 * Makes a drawing's layers print as pages ask: once a clip, before its frames, so that whatever prints them (the loop for clips,
 * the graph that defines a frame) prints the same.
 * @param layers [height,width,4]: see network/media.ts; changed in place @param picture the photo at their size, without padding
 */
export function printLike(layers: Float32Array, size: Size, medium: Medium, picture: Pixels, aim: PrintAim): void {
  const coloured = medium === 'colour';
  if (coloured) relight(layers, aim);
  else retone(layers, size, picture, aim);
  reline(layers, size, !coloured, aim.stroke ** (TAKEN * aim.strength));
}

export function contrastOf(aim: PrintAim): Contrast {
  return {
    darkness: 1 + aim.strength * (aim.darkness - 1),
    paper: 1 + aim.strength * (aim.paper - 1),
  };
}

/** Prints bytes in grey ink on grey paper, in place. @param bytes 0 black .. 255 paper, or colours @returns the same */
export function applyContrast(bytes: Uint8Array, { darkness, paper }: Contrast): Uint8Array {
  if (darkness === 1 && paper === 1) return bytes;
  const table = Uint8Array.from({ length: 256 }, (_, v) =>
    Math.round(Math.max(0, 255 * paper * (1 - darkness * (1 - v / 255)))),
  );
  for (let i = 0; i < bytes.length; i++) bytes[i] = table[bytes[i]!]!;
  return bytes;
}
