/** Square crops of photos and of their drawings, as the network sees them. */

import { positionMap } from '../motion/position-map.ts';
import { LUMA } from '../network/blocks/print-colour.ts';
import type { Random } from '../random.ts';
import { compose } from '../render/compose.ts';
import { flowBases } from '../render/depth.ts';
import type { DrawnPhoto } from '../render/drawn-photo.ts';

/** Side of the style-page crops, pixels. */
export const PAGE_SIDE = 128;
/** The teacher's tone bytes from which a place is light, dark, black. */
const LEVELS = [85, 170, 255] as const;
/** Share of the crops in the default style, besides its turn among all. */
const DEFAULT_SHARE = 0.35;
/** Places tried for a style page: an empty corner says nothing of a style. */
const PAGE_TRIES = 6;
/** Screens of the style pages: what the code must not depend on. */
const SCREEN_PERIODS = [4, 5, 6] as const;

/** Interleaved RGB bytes. */
export type Photo = Pick<DrawnPhoto, 'width' | 'height' | 'rgb'>;

export interface Crop<P extends Photo = DrawnPhoto> {
  readonly photo: P;
  readonly x: number;
  readonly y: number;
  readonly flip: boolean;
}

/** A random place; both sides of the photo must be >= side. Crops start at multiples of 4, so that quarter-scale targets line up. */
export function randomCrop<P extends Photo>(random: Random, photo: P, side: number): Crop<P> {
  const at = (length: number) => 4 * random.int(Math.floor((length - side) / 4) + 1);
  return { photo, x: at(photo.width), y: at(photo.height), flip: random.uniform() < 0.5 };
}

/** Index of a style: the first is the default one and comes more often. */
export function randomStyle(random: Random, styles: number): number {
  return random.uniform() < DEFAULT_SHARE ? 0 : random.int(styles);
}

/** @param out [S,S,3] in -1..1 */
export function copyPhoto({ photo, x, y, flip }: Crop<Photo>, side: number, out: Float32Array): void {
  for (let v = 0, i = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const from = ((y + v) * photo.width + x + (flip ? side - 1 - u : u)) * 3;
      for (let c = 0; c < 3; c++) out[i++] = photo.rgb[from + c]! / 127.5 - 1;
    }
  }
}

/**
 * The drawing's layers, as its medium has them: line and flat colours, or line and tones.
 * @param out [S,S,4], 0..1
 */
export function copyLayers(crop: Crop, side: number, style: number, out: Float32Array): void {
  const { colours } = crop.photo.drawings[style]!;
  if (colours) copyColours(crop, side, style, colours, out);
  else copyTones(crop, side, style, out);
}

function copyColours({ photo, x, y, flip }: Crop, side: number, style: number, colours: Uint8Array, out: Float32Array) {
  const { line } = photo.drawings[style]!;
  for (let v = 0, i = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const from = (y + v) * photo.width + x + (flip ? side - 1 - u : u);
      out[i++] = line[from]! / 255;
      for (let c = 0; c < 3; c++) out[i++] = colours[3 * from + c]! / 255;
    }
  }
}

/**
 * Tone levels as 'at least' masks, softened like the line layer's edges (binomial, sigma .7 px).
 * @param out [S,S,4] line, light, dark, black, 0..1
 */
function copyTones({ photo, x, y, flip }: Crop, side: number, style: number, out: Float32Array): void {
  const { line, tone } = photo.drawings[style]!;
  const at = (u: number, v: number) =>
    (y + Math.min(Math.max(v, 0), side - 1)) * photo.width + x + Math.min(Math.max(u, 0), side - 1);
  const rows = new Float32Array((side + 2) * side * 3);
  for (let v = -1, i = 0; v <= side; v++) {
    for (let u = 0; u < side; u++) {
      const [left, middle, right] = [tone[at(u - 1, v)]!, tone[at(u, v)]!, tone[at(u + 1, v)]!];
      for (const level of LEVELS)
        rows[i++] = ((left >= level ? 1 : 0) + (middle >= level ? 2 : 0) + (right >= level ? 1 : 0)) / 16;
    }
  }
  const row = side * 3;
  for (let v = 0, i = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const source = flip ? side - 1 - u : u;
      out[i++] = line[at(source, v)]! / 255;
      for (let c = 0; c < 3; c++) {
        const middle = (v + 1) * row + source * 3 + c;
        out[i++] = rows[middle - row]! + 2 * rows[middle]! + rows[middle + row]!;
      }
    }
  }
}

/** Disparity and bases interleaved, [h/4,w/4,1+2K]. */
export function motionFields(photo: DrawnPhoto): Float32Array {
  const bases = flowBases(photo.targets);
  const cells = photo.targets.width * photo.targets.height;
  const each = bases.length / cells;
  const fields = new Float32Array(cells * (1 + each));
  for (let i = 0; i < cells; i++) {
    fields[i * (1 + each)] = photo.targets.disparity[i]! / 255;
    fields.set(bases.subarray(i * each, (i + 1) * each), i * (1 + each) + 1);
  }
  return fields;
}

/** @param from the photo's {@link motionFields} @param out [S/4,S/4,1+2K] */
export function copyFields({ photo, x, y, flip }: Crop, from: Float32Array, side: number, out: Float32Array): void {
  const { width, height } = photo.targets;
  const channels = from.length / (width * height);
  const quarter = side / 4;
  for (let v = 0; v < quarter; v++) {
    for (let u = 0; u < quarter; u++) {
      const source = ((y / 4 + v) * width + x / 4 + (flip ? quarter - 1 - u : u)) * channels;
      const target = (v * quarter + u) * channels;
      // Mirrored, x components change sign; sway and ripple may as well start the other way.
      for (let c = 0; c < channels; c++) out[target + c] = from[source + c]! * (flip && c % 2 === 1 && c >= 5 ? -1 : 1);
    }
  }
}

/** @param out [S/4,S/4,2], see positionMap */
export function copyPosition({ photo, x, y, flip }: Crop<Photo>, side: number, out: Float32Array): void {
  const map = positionMap(photo, { width: side, height: side }, { x, y }).data;
  const quarter = side / 4;
  for (let v = 0; v < quarter; v++) {
    for (let u = 0; u < quarter; u++) {
      const from = (v * quarter + (flip ? quarter - 1 - u : u)) * 2;
      out[(v * quarter + u) * 2] = map[from]! * (flip ? -1 : 1);
      out[(v * quarter + u) * 2 + 1] = map[from + 1]!;
    }
  }
}

/**
 * A crop of a drawing as a printed page, [P,P] in -1..1: of some random places the one with the most line. Both sides of
 * the photo must be >= {@link PAGE_SIDE}.
 */
export function drawnPage(random: Random, photo: DrawnPhoto, style: number): Float32Array {
  const { line, tone, colours } = photo.drawings[style]!;
  const { x, y } = busiest(random, photo, line);
  if (colours) return colouredPage(photo, line, colours, x, y);
  const cut = (layer: Uint8Array) => cutBytes(layer, photo.width, x, y, PAGE_SIDE);
  const drawing = { width: PAGE_SIDE, height: PAGE_SIDE, line: cut(line), tone: cut(tone) };
  const bytes = compose(drawing, {
    screenPeriod: random.pick(SCREEN_PERIODS),
    screenAngleDeg: random.pick([45, 30, 60]),
  });
  return Float32Array.from(bytes, (v) => v / 127.5 - 1);
}

function busiest(random: Random, photo: DrawnPhoto, line: Uint8Array): { x: number; y: number } {
  let best = { x: 0, y: 0 };
  let most = -1;
  for (let i = 0; i < PAGE_TRIES; i++) {
    const { x, y } = randomCrop(random, photo, PAGE_SIDE);
    let ink = 0;
    // Every fourth row tells enough.
    for (let v = 0; v < PAGE_SIDE; v += 4) {
      const row = (y + v) * photo.width + x;
      for (let u = 0; u < PAGE_SIDE; u++) ink += line[row + u]!;
    }
    if (ink <= most) continue;
    most = ink;
    best = { x, y };
  }
  return best;
}

/** Luma of lines over flat colours: the style encoder reads grey. */
function colouredPage(photo: Photo, line: Uint8Array, colours: Uint8Array, x: number, y: number): Float32Array {
  return Float32Array.from({ length: PAGE_SIDE * PAGE_SIDE }, (_, i) => {
    const from = (y + Math.floor(i / PAGE_SIDE)) * photo.width + x + (i % PAGE_SIDE);
    const light = LUMA.reduce((sum, share, c) => sum + share * colours[3 * from + c]!, 0) / 255;
    return 2 * light * (1 - line[from]! / 255) - 1;
  });
}

function cutBytes(layer: Uint8Array, width: number, x: number, y: number, side: number): Uint8Array {
  const out = new Uint8Array(side * side);
  for (let v = 0; v < side; v++) out.set(layer.subarray((y + v) * width + x, (y + v) * width + x + side), v * side);
  return out;
}
