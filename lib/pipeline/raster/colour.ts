import { LUMA } from '../../network/blocks/print-colour.ts';
import { CHANNELS } from './mask.ts';
import { bilinear } from './sampling.ts';
import type { Printer } from './types.ts';

/** Lines over flat colours. The colour plate is the drawing's own; tone is how dark its colours are. */
export const printColour: Printer = (drawing, scalar, plates) => {
  const { width, height, layers } = drawing;
  const { grey, line: linePlate, tone: tonePlate, colour: colourPlate } = plates;
  const [edgeGain, lineThreshold] = [scalar('edgeGain'), scalar('lineThreshold')];
  const halfX = (width - 1) / 2;
  const halfY = (height - 1) / 2;
  const lastX = Math.max(width - 2, 0);
  const lastY = Math.max(height - 2, 0);
  const right = width > 1 ? CHANNELS : 0;
  const below = height > 1 ? width * CHANNELS : 0;
  const shown = (value: number) => Math.min(Math.max(value, 0), 1);

  return (coordinates, first) => {
    const xs = coordinates.x;
    const ys = coordinates.y;
    for (let column = 0, out = first; column < xs.length; column++, out++) {
      const x = Math.min(Math.max((xs[column]! + 1) * halfX, 0), width - 1);
      const y = Math.min(Math.max((ys[column]! + 1) * halfY, 0), height - 1);
      const cellX = Math.min(x | 0, lastX);
      const cellY = Math.min(y | 0, lastY);
      const [fx, fy] = [x - cellX, y - cellY];
      const at = (cellY * width + cellX) * CHANNELS;
      const line = shown((bilinear(layers, at, right, below, fx, fy) - lineThreshold) * edgeGain + 0.5);
      const red = shown(bilinear(layers, at + 1, right, below, fx, fy));
      const green = shown(bilinear(layers, at + 2, right, below, fx, fy));
      const blue = shown(bilinear(layers, at + 3, right, below, fx, fy));
      const light = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
      if (grey) grey[out] = (1 - line) * light * 255 + 0.5;
      else {
        linePlate![out] = line * 255 + 0.5;
        tonePlate![out] = (1 - light) * 255 + 0.5;
      }
      if (!colourPlate) continue;
      colourPlate[out * 3] = red * 255 + 0.5;
      colourPlate[out * 3 + 1] = green * 255 + 0.5;
      colourPlate[out * 3 + 2] = blue * 255 + 0.5;
    }
  };
};
