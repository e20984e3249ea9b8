import { LINE_INK } from '../../network/blocks/print-pencil.ts';
import { BLACK, CHANNELS, LINE, PAPER } from './mask.ts';
import { pencilTone } from './pencil.ts';
import { bilinear, copyColour } from './sampling.ts';
import { screenTone } from './screentone.ts';
import type { Printer } from './types.ts';

/** Darkness of a tone, 0..1. @param light @param dark @param black cover of each field @param u @param v screen periods */
export type Tone = (light: number, dark: number, black: number, u: number, v: number) => number;

/**
 * Line and three cut-out tones: screentone and pencil. Most of a drawing is clean paper, solid ink or an even tone, so
 * the loop looks at the mask first.
 */
export const printToned: Printer = (drawing, scalar, plates) => {
  const { width, height, layers, mask, medium } = drawing;
  const { grey, line: linePlate, tone: tonePlate, colour: colourPlate } = plates;
  const [ux, uy, u0] = [scalar('screenUX'), scalar('screenUY'), scalar('screenU0')];
  const [vx, vy, v0] = [scalar('screenVX'), scalar('screenVY'), scalar('screenV0')];
  const [edgeGain, lineThreshold] = [scalar('edgeGain'), scalar('lineThreshold')];
  const pencil = medium === 'pencil';
  const toneOf: Tone = pencil ? pencilTone(scalar('screenGain')) : screenTone(scalar('screenGain'));
  const lineInk = pencil ? LINE_INK : 1;
  const halfX = (width - 1) / 2;
  const halfY = (height - 1) / 2;
  const lastX = Math.max(width - 2, 0);
  const lastY = Math.max(height - 2, 0);
  const right = width > 1 ? CHANNELS : 0;
  const below = height > 1 ? width * CHANNELS : 0;
  const maxX = width - 1;
  const maxY = height - 1;
  const cover = [0, 0, 0];

  return (coordinates, first) => {
    const xs = coordinates.x;
    const ys = coordinates.y;
    const { screenX, screenY } = coordinates;
    for (let column = 0, out = first; column < xs.length; column++, out++) {
      const qx = xs[column]!;
      const qy = ys[column]!;
      const x = Math.min(Math.max((qx + 1) * halfX, 0), maxX);
      const y = Math.min(Math.max((qy + 1) * halfY, 0), maxY);
      const cellX = Math.min(x | 0, lastX);
      const cellY = Math.min(y | 0, lastY);
      const known = mask[cellY * width + cellX]!;
      if (grey) {
        // Three quarters of a drawing: clean paper, or solid ink.
        if ((known & PAPER) === PAPER) {
          grey[out] = 255;
          continue;
        }
        if (!pencil && (known & LINE || (known & BLACK) === BLACK)) {
          grey[out] = 0;
          continue;
        }
      }
      const fx = x - cellX;
      const fy = y - cellY;
      const at = (cellY * width + cellX) * CHANNELS;
      let line = 0;
      if (known & LINE) line = lineInk;
      else if (!(known & 1)) {
        const over = bilinear(layers, at, right, below, fx, fy) - lineThreshold;
        line = lineInk * Math.min(Math.max(over * edgeGain + 0.5, 0), 1);
      }
      let tone = 0;
      if ((known & 0x0e) !== 0x0e) {
        for (let c = 1; c < CHANNELS; c++) {
          if (known & (1 << c)) cover[c - 1] = 0;
          else if (known & (LINE << c)) cover[c - 1] = 1;
          else {
            const over = bilinear(layers, at + c, right, below, fx, fy) - 0.5;
            cover[c - 1] = Math.min(Math.max(over * edgeGain + 0.5, 0), 1);
          }
        }
        const sx = screenX[column]!;
        const sy = screenY[column]!;
        tone = toneOf(cover[0]!, cover[1]!, cover[2]!, ux * sx + uy * sy + u0, vx * sx + vy * sy + v0);
      }
      if (grey) grey[out] = (pencil ? (1 - line) * (1 - tone) : 1 - Math.max(line, tone)) * 255 + 0.5;
      else {
        linePlate![out] = line * 255 + 0.5;
        tonePlate![out] = tone * 255 + 0.5;
      }
      if (colourPlate) copyColour(drawing.colours!, at / CHANNELS, width, height, fx, fy, colourPlate, out * 3);
    }
  };
};
