import { positionMap } from '../motion/position-map.ts';
import { LAYERS } from '../network/blocks/canonical-decoder.ts';
import type { Random } from '../random.ts';
import { compose } from '../render/compose.ts';
import { flowBases } from '../render/depth.ts';
import type { DrawnPhoto } from '../render/drawn-photo.ts';

/** A batch of crops, paired photo and drawing, images row-major [B,...]. */
export interface PairedBatch {
  readonly size: number;
  readonly side: number;
  /** [B,S,S,3] in -1..1 */
  readonly photo: Float32Array;
  /** [B,S,S,4] line, light, dark, black, 0..1 */
  readonly layers: Float32Array;
  /** [B,S/4,S/4,1+2K] disparity and flow bases */
  readonly fields: Float32Array;
  /** [B,S/4,S/4,2], see positionMap */
  readonly position: Float32Array;
  /** [B,P,P,1] in -1..1: another photo's drawing in the same style */
  readonly page: Float32Array;
}

interface Crop {
  readonly photo: DrawnPhoto;
  readonly x: number;
  readonly y: number;
  readonly flip: boolean;
}

/** The teacher's tone bytes from which a place is light, dark, black. */
const LEVELS = [85, 170, 255] as const;
/** Side of the style-page crops, pixels. */
export const PAGE_SIDE = 128;
/** Share of the crops in the default style, besides its turn among all. */
const DEFAULT_SHARE = 0.35;
/** Screens of the style pages: what the code must not depend on. */
const SCREEN_PERIODS = [4, 5, 6] as const;

/** Draws random training crops from drawn photos. Photos smaller than the crop are left out. */
export class DrawnSet {
  readonly #photos: readonly DrawnPhoto[];
  readonly #styles: number;
  readonly #fields = new Map<DrawnPhoto, Float32Array>();

  constructor(photos: readonly DrawnPhoto[], minimumSide: number) {
    this.#photos = photos.filter((photo) => Math.min(photo.width, photo.height) >= Math.max(minimumSide, PAGE_SIDE));
    this.#styles = photos[0]?.drawings.length ?? 0;
  }

  get size(): number {
    return this.#photos.length;
  }

  /** @param random draws photos, places, styles and mirroring @param style a fixed style index; default: any */
  batch(random: Random, size: number, side: number, style?: number): PairedBatch {
    const quarter = side / 4;
    const channels = this.#fieldChannels();
    const batch = {
      size,
      side,
      photo: new Float32Array(size * side * side * 3),
      layers: new Float32Array(size * side * side * LAYERS),
      fields: new Float32Array(size * quarter * quarter * channels),
      position: new Float32Array(size * quarter * quarter * 2),
      page: new Float32Array(size * PAGE_SIDE * PAGE_SIDE),
    };
    for (let b = 0; b < size; b++) {
      const k = style ?? (random.uniform() < DEFAULT_SHARE ? 0 : random.int(this.#styles));
      const crop = this.#crop(random, side);
      copyPhoto(crop, side, batch.photo.subarray(b * side * side * 3));
      copyLayers(crop, side, k, batch.layers.subarray(b * side * side * LAYERS));
      this.#copyFields(crop, side, batch.fields.subarray(b * quarter * quarter * channels));
      copyPosition(crop, side, batch.position.subarray(b * quarter * quarter * 2));
      batch.page.set(this.page(random, k), b * PAGE_SIDE * PAGE_SIDE);
    }
    return batch;
  }

  /** A crop of some drawing in style k as a printed page, [P,P] in -1..1. */
  page(random: Random, style: number): Float32Array {
    const { photo, x, y } = this.#crop(random, PAGE_SIDE);
    const { line, tone } = photo.drawings[style]!;
    const cut = (layer: Uint8Array) => cutBytes(layer, photo.width, x, y, PAGE_SIDE);
    const drawing = { width: PAGE_SIDE, height: PAGE_SIDE, line: cut(line), tone: cut(tone) };
    const bytes = compose(drawing, {
      screenPeriod: random.pick(SCREEN_PERIODS),
      screenAngleDeg: random.pick([45, 30, 60]),
    });
    return Float32Array.from(bytes, (v) => v / 127.5 - 1);
  }

  /** Crops start at multiples of 4, so that quarter-scale targets line up. */
  #crop(random: Random, side: number): Crop {
    const photo = random.pick(this.#photos);
    const at = (length: number) => 4 * random.int(Math.floor((length - side) / 4) + 1);
    return { photo, x: at(photo.width), y: at(photo.height), flip: random.uniform() < 0.5 };
  }

  #fieldChannels(): number {
    const first = this.#photos[0]!;
    return this.#fieldsOf(first).length / (first.targets.width * first.targets.height);
  }

  /** Disparity and bases interleaved, [h/4,w/4,1+2K]. Computed once a photo. */
  #fieldsOf(photo: DrawnPhoto): Float32Array {
    const known = this.#fields.get(photo);
    if (known) return known;
    const bases = flowBases(photo.targets);
    const cells = photo.targets.width * photo.targets.height;
    const each = bases.length / cells;
    const fields = new Float32Array(cells * (1 + each));
    for (let i = 0; i < cells; i++) {
      fields[i * (1 + each)] = photo.targets.disparity[i]! / 255;
      fields.set(bases.subarray(i * each, (i + 1) * each), i * (1 + each) + 1);
    }
    this.#fields.set(photo, fields);
    return fields;
  }

  #copyFields({ photo, x, y, flip }: Crop, side: number, out: Float32Array): void {
    const from = this.#fieldsOf(photo);
    const { width, height } = photo.targets;
    const channels = from.length / (width * height);
    const quarter = side / 4;
    for (let v = 0; v < quarter; v++) {
      for (let u = 0; u < quarter; u++) {
        const source = ((y / 4 + v) * width + x / 4 + (flip ? quarter - 1 - u : u)) * channels;
        const target = (v * quarter + u) * channels;
        // Mirrored, x components change sign; sway and ripple may as well start the other way.
        for (let c = 0; c < channels; c++)
          out[target + c] = from[source + c]! * (flip && c % 2 === 1 && c >= 5 ? -1 : 1);
      }
    }
  }
}

function cutBytes(layer: Uint8Array, width: number, x: number, y: number, side: number): Uint8Array {
  const out = new Uint8Array(side * side);
  for (let v = 0; v < side; v++) out.set(layer.subarray((y + v) * width + x, (y + v) * width + x + side), v * side);
  return out;
}

function copyPhoto({ photo, x, y, flip }: Crop, side: number, out: Float32Array): void {
  for (let v = 0, i = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const from = ((y + v) * photo.width + x + (flip ? side - 1 - u : u)) * 3;
      for (let c = 0; c < 3; c++) out[i++] = photo.rgb[from + c]! / 127.5 - 1;
    }
  }
}

/** Tone levels as 'at least' masks, softened like the line layer's edges (binomial, sigma .7 px). */
function copyLayers({ photo, x, y, flip }: Crop, side: number, style: number, out: Float32Array): void {
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

function copyPosition({ photo, x, y, flip }: Crop, side: number, out: Float32Array): void {
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
