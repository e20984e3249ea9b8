import {
  copyFields,
  copyLayers,
  copyPhoto,
  copyPosition,
  drawnPage,
  motionFields,
  PAGE_SIDE,
  randomCrop,
  randomStyle,
} from '../data/crops.ts';
import { LAYERS } from '../network/blocks/canonical-decoder.ts';
import type { Random } from '../random.ts';
import type { DrawnPhoto } from '../render/drawn-photo.ts';

export { PAGE_SIDE } from '../data/crops.ts';

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
      const k = style ?? randomStyle(random, this.#styles);
      const crop = randomCrop(random, random.pick(this.#photos), side);
      copyPhoto(crop, side, batch.photo.subarray(b * side * side * 3));
      copyLayers(crop, side, k, batch.layers.subarray(b * side * side * LAYERS));
      copyFields(crop, this.#fieldsOf(crop.photo), side, batch.fields.subarray(b * quarter * quarter * channels));
      copyPosition(crop, side, batch.position.subarray(b * quarter * quarter * 2));
      batch.page.set(this.page(random, k), b * PAGE_SIDE * PAGE_SIDE);
    }
    return batch;
  }

  /** A crop of some drawing in style k as a printed page, [P,P] in -1..1. */
  page(random: Random, style: number): Float32Array {
    return drawnPage(random, random.pick(this.#photos), style);
  }

  #fieldChannels(): number {
    const first = this.#photos[0]!;
    return this.#fieldsOf(first).length / (first.targets.width * first.targets.height);
  }

  /** Computed once a photo. */
  #fieldsOf(photo: DrawnPhoto): Float32Array {
    const known = this.#fields.get(photo);
    if (known) return known;
    const fields = motionFields(photo);
    this.#fields.set(photo, fields);
    return fields;
  }
}
