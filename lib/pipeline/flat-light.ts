import { LUMA } from '../network/blocks/print-colour.ts';

/** Steps of brightness from black to white, and how sharp they are: 1 smooth, larger crisper. */
const STEPS = 7;
const SHARPNESS = 3.2;
/** Look-up for the step function: finer than a byte. */
const TABLE = 1024;

/** Soft luminance quantisation (Winnemöller, Olsen & Gooch 2006, eq. 4): L -> nearest + q/2 · tanh(s · (L - nearest) / q). */
const levels = Float32Array.from({ length: TABLE + 1 }, (_, i) => {
  const width = 1 / STEPS;
  const light = i / TABLE;
  const nearest = Math.round(light / width) * width;
  return nearest + (width / 2) * (Math.tanh((2 * SHARPNESS * (light - nearest)) / width) / Math.tanh(SHARPNESS));
});

/**
 * Lays a colour drawing's light down in steps, as flat colours have it: what the network draws between its regions' means
 * are soft gradients. Hues stay. Once a clip, on the layers, so that steps move with what they shade.
 * @param layers [H,W,4] line, red, green, blue; changed in place
 */
export function flattenLight(layers: Float32Array): void {
  for (let i = 0; i < layers.length; i += 4) {
    let light = 0;
    for (let c = 0; c < 3; c++) light += LUMA[c]! * Math.min(Math.max(layers[i + 1 + c]!, 0), 1);
    if (light <= 0) continue;
    const factor = levels[Math.round(Math.min(light, 1) * TABLE)]! / light;
    for (let c = 1; c <= 3; c++) layers[i + c] = Math.min(Math.max(layers[i + c]!, 0), 1) * factor;
  }
}
