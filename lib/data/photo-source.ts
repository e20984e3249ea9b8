/** Random crops of photos, with or without the teacher's drawing, loaded when they are needed. */
import { MangaError } from '../errors/manga-error.ts';
import type { Random } from '../random.ts';
import type { DrawnPhoto } from '../render/drawn-photo.ts';
import { drawFolder } from '../render/farm.ts';
import { decodePhoto } from '../render/photo.ts';
import type { SampleArrays } from './batch.ts';
import { ByteCache } from './byte-cache.ts';
import {
  copyFields,
  copyLayers,
  copyPhoto,
  copyPosition,
  drawnPage,
  motionFields,
  type Photo,
  randomCrop,
} from './crops.ts';
import type { PictureFile } from './list-files.ts';
import { pickUsable } from './pick-usable.ts';
import { type CommonSettings, stylesIn } from './settings.ts';
import type { SkipList } from './skipped.ts';

/** Fills a sample's photo, position and, where they are asked for, layers and fields. */
export interface PhotoSource {
  /** @param style index of the drawing style, if the photos are drawn */
  sample(random: Random, style: number, out: SampleArrays): Promise<void>;
}

function noneUsable(count: number): MangaError {
  return new MangaError(
    'BAD_INPUT',
    `None of the ${count} photos can be decoded.`,
    'See the list of what was skipped, and give whole JPEG, PNG or WebP files.',
  );
}

interface Drawn {
  readonly photo: DrawnPhoto;
  readonly fields: Float32Array;
}

function bytesOf({ photo, fields }: Drawn): number {
  const layers = photo.drawings.reduce((sum, { line, tone }) => sum + line.length + tone.length, 0);
  return photo.rgb.length + layers + fields.byteLength + photo.targets.disparity.length + photo.targets.subject.length;
}

/** Photos drawn by the teacher; each is drawn once, the drawings stay in the farm's disk cache. */
export class DrawnPhotos implements PhotoSource {
  readonly #files: readonly PictureFile[];
  readonly #settings: CommonSettings;
  readonly #skipped: SkipList;
  readonly #cache: ByteCache<Drawn>;

  constructor(files: readonly PictureFile[], settings: CommonSettings, cacheBytes: number, skipped: SkipList) {
    this.#files = files;
    this.#settings = settings;
    this.#skipped = skipped;
    this.#cache = new ByteCache(cacheBytes, bytesOf);
  }

  async sample(random: Random, style: number, out: SampleArrays): Promise<void> {
    const { side } = this.#settings;
    const { photo, fields } = await this.#pick(random);
    const crop = randomCrop(random, photo, side);
    copyPhoto(crop, side, out.photo);
    copyPosition(crop, side, out.position);
    if (out.layers) copyLayers(crop, side, style, out.layers);
    if (out.fields) copyFields(crop, fields, side, out.fields);
  }

  /** A crop of some photo's drawing as a printed page. @param out [P,P] in -1..1 */
  async page(random: Random, style: number, out: Float32Array): Promise<void> {
    const { photo } = await this.#pick(random);
    out.set(drawnPage(random, photo, style));
  }

  async #pick(random: Random): Promise<Drawn> {
    const picked = await pickUsable(random, this.#files, ({ file }) => this.#cache.load(file, () => this.#draw(file)));
    if (!picked) throw noneUsable(this.#files.length);
    return picked.value;
  }

  async #draw(file: string): Promise<Drawn | null> {
    const { cacheDir, longSide } = this.#settings;
    const drawn = await drawFolder([file], { cacheDir, longSide, styles: stylesIn(this.#settings), threads: 1 });
    for (const { error } of drawn.skipped) this.#skipped.add(file, error);
    const photo = drawn[0];
    return photo ? { photo, fields: motionFields(photo) } : null;
  }
}

/** Photos as they are. */
export class PlainPhotos implements PhotoSource {
  readonly #files: readonly PictureFile[];
  readonly #settings: CommonSettings;
  readonly #skipped: SkipList;
  readonly #cache: ByteCache<Photo>;

  constructor(files: readonly PictureFile[], settings: CommonSettings, cacheBytes: number, skipped: SkipList) {
    this.#files = files;
    this.#settings = settings;
    this.#skipped = skipped;
    this.#cache = new ByteCache(cacheBytes, (photo) => photo.rgb.length);
  }

  async sample(random: Random, _style: number, out: SampleArrays): Promise<void> {
    const { side } = this.#settings;
    const load = ({ file }: PictureFile) => this.#cache.load(file, () => this.#decode(file));
    const picked = await pickUsable(random, this.#files, load);
    if (!picked) throw noneUsable(this.#files.length);
    const crop = randomCrop(random, picked.value, side);
    copyPhoto(crop, side, out.photo);
    copyPosition(crop, side, out.position);
  }

  async #decode(file: string): Promise<Photo | null> {
    try {
      const { width, height, data } = await decodePhoto(file, this.#settings.longSide);
      return { width, height, rgb: data };
    } catch (error) {
      this.#skipped.add(file, error);
      return null;
    }
  }
}
