import { compose } from '../../render/compose.ts';
import { drawPhoto } from '../../render/draw.ts';
import type { DrawingStyle } from '../../render/style.ts';
import type { Crop, Photo } from '../crops.ts';

/** Pixels drawn around each frame and cut off again: drawing sees them, and seams stay outside. */
const MARGIN = 16;
/** As the trainer's own renderings look: dots 5 drawn pixels apart, soft edges. */
const SCREEN = { screenPeriod: 5, screenAngleDeg: 45, soft: true } as const;

/** [S+2m,S+2m,3] bytes of a crop and m pixels around it; beyond the photo its edge goes on. */
export function cutRgb({ photo, x, y, flip }: Crop<Photo>, side: number, margin = 0): Uint8Array {
  const width = side + 2 * margin;
  const out = new Uint8Array(width * width * 3);
  for (let v = -margin, i = 0; v < side + margin; v++) {
    const row = Math.min(Math.max(y + v, 0), photo.height - 1) * photo.width;
    for (let u = -margin; u < side + margin; u++) {
      const column = Math.min(Math.max(x + (flip ? side - 1 - u : u), 0), photo.width - 1);
      const from = (row + column) * 3;
      for (let c = 0; c < 3; c++) out[i++] = photo.rgb[from + c]!;
    }
  }
  return out;
}

/**
 * Draws crops of consecutive frames as one picture, one below the other: which greys become black is decided for all of
 * them together, so that tones do not jump from frame to frame.
 * @returns one page a crop, S*S bytes, 255 paper
 */
export function drawStrip(crops: readonly Crop<Photo>[], side: number, style: DrawingStyle): Uint8Array[] {
  const width = side + 2 * MARGIN;
  const data = new Uint8Array(crops.length * width * width * 3);
  crops.forEach((crop, t) => {
    data.set(cutRgb(crop, side, MARGIN), t * width * width * 3);
  });
  const [drawing] = drawPhoto({ width, height: crops.length * width, data }, [style]);
  return crops.map((_, t) => {
    const cut = (layer: Uint8Array) => {
      const out = new Uint8Array(side * side);
      for (let v = 0; v < side; v++) {
        const from = (t * width + MARGIN + v) * width + MARGIN;
        out.set(layer.subarray(from, from + side), v * side);
      }
      return out;
    };
    return compose({ width: side, height: side, line: cut(drawing!.line), tone: cut(drawing!.tone) }, SCREEN);
  });
}
