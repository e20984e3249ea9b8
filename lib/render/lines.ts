import { connectedComponents } from './components.ts';
import { type EdgeTangent, flowDog } from './flow-dog.ts';
import { gaussianBlur } from './gaussian.ts';
import { lineCoverage } from './line-coverage.ts';
import type { DrawingStyle } from './style.ts';

/** Sigma along the line, px: long enough to bridge gaps, short enough to turn round an eye. */
const alongSigma = 3;
/** A line must somewhere be this many times stronger than the threshold (hysteresis, Canny 1986). */
const strongFactor = 1.6;

/**
 * Line contrast at one scale, evened out so that faint contours count and busy texture counts less: the response is
 * divided by the root of its local energy and weakened where texture has no direction.
 * @returns width*height, positive on ink; DrawingStyle.lineThreshold is on this scale
 */
export function lineContrast(
  grey: Float32Array,
  width: number,
  height: number,
  tangent: EdgeTangent,
  scale: number,
): Float32Array {
  const dog = flowDog(grey, width, height, tangent, scale, alongSigma);
  const energy = gaussianBlur(
    dog.map((d) => d * d),
    width,
    height,
    12,
  );
  for (let i = 0; i < dog.length; i++) {
    const busy = Math.sqrt((Math.sqrt(energy[i]) + 0.004) / 0.012);
    dog[i] *= -(0.5 + 0.6 * tangent.coherence[i]) / busy;
  }
  return dog;
}

/**
 * Drops what is not a line: components of {contrast > threshold} that are short for their strength.
 * Sets their contrast to 0 in place.
 */
export function despeckle(
  contrast: Float32Array,
  width: number,
  height: number,
  threshold: number,
  minLength: number,
): void {
  const mask = new Uint8Array(contrast.length);
  for (let i = 0; i < mask.length; i++) mask[i] = contrast[i] > threshold ? 1 : 0;
  const parts = connectedComponents(mask, width, height, true);
  const peak = new Float32Array(parts.count + 1);
  for (let i = 0; i < mask.length; i++) {
    const label = parts.labels[i];
    if (label && contrast[i] > peak[label]) peak[label] = contrast[i];
  }
  const drop = new Uint8Array(parts.count + 1);
  for (let label = 1; label <= parts.count; label++) {
    const w = parts.right[label] - parts.left[label] + 1;
    const h = parts.bottom[label] - parts.top[label] + 1;
    const strength = peak[label] / (strongFactor * threshold);
    const needed = strength < 1 ? 2 * minLength : minLength / Math.min(3, strength * strength);
    drop[label] = Math.hypot(w, h) < needed ? 1 : 0;
  }
  for (let i = 0; i < mask.length; i++) if (drop[parts.labels[i]]) contrast[i] = 0;
}

/** The line layer of a style (see Drawing.line). @param contrast of {@link lineContrast}; not changed */
export function drawLines(contrast: Float32Array, width: number, height: number, style: DrawingStyle): Uint8Array {
  const field = contrast.slice();
  despeckle(field, width, height, style.lineThreshold, style.minLength);
  return lineCoverage(field, width, height, style.lineThreshold, style.lineGrow);
}
