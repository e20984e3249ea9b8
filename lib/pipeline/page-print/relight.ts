import { LUMA } from '../../network/blocks/print-colour.ts';
import type { PrintAim } from './steer-print.ts';

/** How much of a page's darkness a colour drawing takes, and the powers it is raised to at least and at most. */
const TAKEN = 0.4;
const [LIGHTEST, DARKEST] = [0.6, 1.5];
const TABLE = 1024;

/** Makes a colour drawing lighter or darker, as a page is; hues stay. @param layers [H,W,4] line, red, green, blue; changed in place */
export function relight(layers: Float32Array, aim: PrintAim): void {
  const power = Math.min(Math.max(Math.exp(TAKEN * aim.shade * aim.strength), LIGHTEST), DARKEST);
  if (power === 1) return;
  const factors = Float32Array.from({ length: TABLE + 1 }, (_, i) => (i === 0 ? 1 : (i / TABLE) ** (power - 1)));
  for (let at = 0; at < layers.length; at += 4) {
    let light = 0;
    for (let c = 0; c < 3; c++) light += LUMA[c]! * Math.min(Math.max(layers[at + 1 + c]!, 0), 1);
    const factor = factors[Math.round(Math.min(light, 1) * TABLE)]!;
    for (let c = 1; c <= 3; c++) layers[at + c] = Math.min(Math.max(layers[at + c]!, 0) * factor, 1);
  }
}
