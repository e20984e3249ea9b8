/** Real sequences from videos: T consecutive frames of a random crop; the photo is the first of them. */
import { MangaError } from '../../errors/manga-error.ts';
import type { Random } from '../../random.ts';
import type { DrawingStyle } from '../../render/style.ts';
import type { SampleArrays } from '../batch.ts';
import { ByteCache } from '../byte-cache.ts';
import { copyPhoto, copyPosition, PAGE_SIDE, type Photo, randomCrop } from '../crops.ts';
import { pickUsable } from '../pick-usable.ts';
import { deviation, greyOf } from '../raster.ts';
import { stylesIn, type VideoSettings } from '../settings.ts';
import type { SkipList } from '../skipped.ts';
import { cutRgb, drawStrip } from './draw-strip.ts';
import type { VideoFile } from './list-videos.ts';
import { readSegment, type Segment, type SegmentOptions, segmentCount } from './segment.ts';

/** Frames decoded at once, and sequences that should fit into them. */
const SEGMENT_FRAMES = 24;
const SEGMENT_SEQUENCES = 2;
/** Places tried for a sequence before it is given up. */
const MAX_TRIES = 32;
/** Standard deviation below which a frame is blank, e.g. a fade to black. */
const MIN_DEVIATION = 0.04;
/** Mean difference of neighbouring frames from which on it is a cut and no motion. */
const MAX_DIFFERENCE = 0.2;
interface Part {
  readonly video: VideoFile;
  readonly index: number;
}

export class VideoSource {
  readonly #parts: readonly Part[];
  readonly #settings: VideoSettings;
  readonly #options: SegmentOptions;
  readonly #skipped: SkipList;
  readonly #cache: ByteCache<Segment>;
  readonly #closed = new AbortController();
  #reading: Promise<unknown> = Promise.resolve();

  constructor(
    videos: readonly VideoFile[],
    settings: VideoSettings,
    ffmpeg: string,
    cacheBytes: number,
    skipped: SkipList,
  ) {
    const { fps, frames, side, longSide } = settings;
    const length = Math.max(SEGMENT_FRAMES, SEGMENT_SEQUENCES * frames);
    this.#options = { ffmpeg, fps, length, longSide, shortSide: Math.max(side, PAGE_SIDE) };
    this.#parts = videos.flatMap((video) =>
      Array.from({ length: segmentCount(video, this.#options) }, (_, index) => ({ video, index })),
    );
    this.#settings = settings;
    this.#skipped = skipped;
    this.#cache = new ByteCache(cacheBytes, ({ frames: f, width, height }) => f.length * width * height * 3);
  }

  /** Fills photo, position, page and real. @param style index of the style to draw in */
  async sample(random: Random, style: number, out: SampleArrays): Promise<void> {
    const { side, frames } = this.#settings;
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const picked = await pickUsable(random, this.#parts, (part) => this.#load(part));
      if (!picked) break;
      const segment = picked.value;
      const first = random.int(segment.frames.length - frames + 1);
      const crop = randomCrop(random, photoOf(segment, first), side);
      const crops = Array.from({ length: frames }, (_, t) => ({ ...crop, photo: photoOf(segment, first + t) }));
      const grey = crops.map((shot) => greyOf(cutRgb(shot, side)));
      if (!isOneShot(grey)) continue;
      copyPhoto(crop, side, out.photo);
      copyPosition(crop, side, out.position);
      const real = this.#settings.draw ? drawStrip(crops, side, this.#recipe(style)) : grey;
      real.forEach((bytes, t) => {
        for (let i = 0, at = t * side * side; i < bytes.length; i++) out.real![at + i] = bytes[i]! / 255;
      });
      const other = randomCrop(random, photoOf(segment, random.int(segment.frames.length)), PAGE_SIDE);
      const page = this.#settings.draw
        ? drawStrip([other], PAGE_SIDE, this.#recipe(style))[0]!
        : greyOf(cutRgb(other, PAGE_SIDE));
      for (let i = 0; i < page.length; i++) out.page[i] = page[i]! / 127.5 - 1;
      return;
    }
    throw new MangaError(
      'BAD_INPUT',
      `No ${frames} frames without a cut were found in the videos at ${MAX_TRIES} random places.`,
      'See the list of what was skipped; give other videos, or fewer frames.',
    );
  }

  /** Ends a running ffmpeg, and waits until it is gone. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#reading.catch(() => {});
  }

  async #load({ video, index }: Part): Promise<Segment | null> {
    return this.#cache.load(`${index} ${video.file}`, async () => {
      try {
        const reading = readSegment(video, index, this.#options, this.#closed.signal);
        this.#reading = reading;
        const segment = await reading;
        return segment.frames.length >= this.#settings.frames ? segment : null;
      } catch (error) {
        if (this.#closed.signal.aborted) throw error;
        const from = ((index * this.#options.length) / this.#options.fps).toFixed(1);
        this.#skipped.add(`${video.file}, from ${from} s`, error);
        return null;
      }
    });
  }

  #recipe(style: number): DrawingStyle {
    return stylesIn(this.#settings)[style]!;
  }
}

function photoOf({ width, height, frames }: Segment, index: number): Photo {
  return { width, height, rgb: frames[index]! };
}

/** Neither blank nor cut. */
function isOneShot(shots: readonly Uint8Array[]): boolean {
  return shots.every((grey, t) => {
    if (deviation(grey) < 255 * MIN_DEVIATION) return false;
    if (t === 0) return true;
    const before = shots[t - 1]!;
    const sum = grey.reduce((total, value, i) => total + Math.abs(value - before[i]!), 0);
    return sum / grey.length < 255 * MAX_DIFFERENCE;
  });
}
