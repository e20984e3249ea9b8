import type { Size } from '../../motion/geometry.ts';
import { CHANNELS } from '../raster/mask.ts';

/** How far a stroke's edge moves at most, drawn pixels: inwards and outwards. */
const [INWARDS, OUTWARDS] = [0.8, 1.3];
/** Of the line field: what is printed, and what is not nearly. */
const INK = 0.5;
const FAINT = 0.08;

/** Mean width of a drawing's strokes, drawn pixels; black areas, in which none is seen, apart. @param black whether there is a black field */
export function strokeWidth(layers: Float32Array, { width, height }: Size, black: boolean): number {
  let [strokes, edges] = [0, 0];
  const line = (at: number) => layers[at]! > INK && !(black && layers[at + 3]! > INK);
  const below = width * CHANNELS;
  // Every other row: a sample is enough.
  for (let y = 0; y + 1 < height; y += 2) {
    for (let x = 0, at = y * below; x < width; x++, at += CHANNELS) {
      const here = line(at);
      if (here) strokes++;
      if (x + 1 < width && here !== line(at + CHANNELS)) edges++;
      if (here !== line(at + below)) edges++;
    }
  }
  // As in page-print.ts.
  return edges > 0 ? (2 * strokes) / ((Math.PI / 4) * edges) : 0;
}

/**
 * Makes strokes wider or thinner: their flanks rise towards the largest value around, or fall away from it; their ridges stay, so
 * that no thin line is lost and no faint one comes up.
 * @param layers [height,width,4], line first; changed in place @param wanted width, as a multiple of what it is
 */
export function reline(layers: Float32Array, size: Size, black: boolean, wanted: number): void {
  const { width, height } = size;
  const moved = (strokeWidth(layers, size, black) * (wanted - 1)) / 2;
  const amount = Math.min(Math.max(moved, -INWARDS), OUTWARDS);
  if (amount === 0) return;
  // Largest of three in each row; then of three rows, the one above being kept as it was.
  const rows = [0, 1, 2].map(() => new Float32Array(width));
  const fill = (row: Float32Array, y: number) => {
    const first = Math.min(y, height - 1) * width * CHANNELS;
    let [before, here] = [layers[first]!, layers[first]!];
    for (let x = 0; x < width; x++) {
      const after = layers[first + Math.min(x + 1, width - 1) * CHANNELS]!;
      row[x] = Math.max(before, here, after);
      [before, here] = [here, after];
    }
  };
  fill(rows[0]!, 0);
  fill(rows[1]!, 0);
  fill(rows[2]!, 1);
  for (let y = 0, at = 0; y < height; y++) {
    const [above, middle, below] = rows as [Float32Array, Float32Array, Float32Array];
    for (let x = 0; x < width; x++, at += CHANNELS) {
      const largest = Math.max(above[x]!, middle[x]!, below[x]!);
      if (largest > FAINT) layers[at] = Math.min(layers[at]! + amount * (largest - layers[at]!), Math.max(largest, 1));
    }
    rows.push(rows.shift()!);
    fill(rows[2]!, y + 2);
  }
}
