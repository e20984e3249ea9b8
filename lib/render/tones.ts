import { removeSmallShapes } from './components.ts';
import { gaussianBlur } from './gaussian.ts';
import type { DrawingStyle } from './style.ts';

/** Rounds the outlines of tone shapes, px of a picture whose long side is 512 or less; in larger ones as far in relation. */
const outlineSigma = 1.6;
/** How far a cut may move from its quantile to run between shapes, brightness. */
const cutReach = 0.1;

/** Value below which the share `share` of the values lies, by histogram (1/1024). @param values 0..1 */
export function quantile(values: Float32Array, share: number): number {
  const bins = 1024;
  const histogram = new Int32Array(bins);
  for (let i = 0; i < values.length; i++) histogram[Math.min(bins - 1, Math.max(0, (values[i] * bins) | 0))]++;
  let below = 0;
  for (let k = 0; k < bins; k++) {
    below += histogram[k];
    if (below > share * values.length) return k / bins;
  }
  return 1;
}

/**
 * The brightness below which about the share `share` lies, but at most about `ceiling`, moved to where the fewest
 * pixels lie: a cut there runs between shapes, not through one.
 * @param values 0..1
 */
export function quietCut(values: Float32Array, share: number, ceiling: number): number {
  const target = Math.min(quantile(values, share), ceiling);
  const bins = 128;
  const histogram = new Float32Array(bins);
  for (let i = 0; i < values.length; i++) histogram[Math.min(bins - 1, Math.max(0, (values[i] * bins) | 0))]++;
  const density = gaussianBlur(histogram, bins, 1, 2);
  const atTarget = shareBelow(histogram, target * bins, values.length);
  let best = target;
  let lowest = Infinity;
  for (let k = 0; k <= bins; k++) {
    const away = (k / bins - target) / cutReach;
    const below = shareBelow(histogram, k, values.length);
    // A lone dark shape must not be lost, nor most of the picture toned.
    if (Math.abs(away) > 1 || below < 0.5 * atTarget || below > 4 * share + 0.1) continue;
    const cost = (density[Math.max(0, k - 1)] + density[Math.min(bins - 1, k)]) / values.length + 0.02 * away * away;
    if (cost < lowest) {
      lowest = cost;
      best = k / bins;
    }
  }
  return best;
}

function shareBelow(histogram: Float32Array, bins: number, total: number): number {
  let below = 0;
  for (let k = 0; k < bins && k < histogram.length; k++) below += histogram[k];
  return below / total;
}

/**
 * Flat tone layer: the flattened brightness cut near quantiles, each cut about no brighter than its ceiling, shapes
 * rounded and small ones removed.
 * @param flat brightness 0..1, width*height
 * @returns 0 white, 85 light, 170 dark, 255 black
 */
export function drawTones(flat: Float32Array, width: number, height: number, style: DrawingStyle): Uint8Array {
  const out = new Uint8Array(width * height);
  const sigma = outlineSigma * Math.max(1, Math.max(width, height) / 512);
  style.toneCover.forEach((cover, k) => {
    const cut = quietCut(flat, 1 - cover, style.toneCeiling[k]);
    const mask = new Uint8Array(flat.length);
    for (let i = 0; i < mask.length; i++) mask[i] = flat[i] < cut ? 1 : 0;
    removeSmallShapes(mask, width, height, style.toneArea);
    const rounded = gaussianBlur(Float32Array.from(mask), width, height, sigma);
    for (let i = 0; i < mask.length; i++) mask[i] = rounded[i] > 0.5 ? 1 : 0;
    removeSmallShapes(mask, width, height, style.toneArea);
    for (let i = 0; i < mask.length; i++) if (mask[i]) out[i] = 85 * (k + 1);
  });
  return out;
}
