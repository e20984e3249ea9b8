/** Real sequences from pages: camera moves over drawn paper. */
import { MangaError } from '../errors/manga-error.ts';
import type { Random } from '../random.ts';
import { ByteCache } from './byte-cache.ts';
import { placeMoves, randomMoves, type View } from './camera.ts';
import { PAGE_SIDE } from './crops.ts';
import type { PictureFile } from './list-files.ts';
import { type MangaPage, pickKind, planMove, SMALLEST_VIEW, showsText } from './manga109/moves.ts';
import { pickUsable } from './pick-usable.ts';
import { decodeRaster, deviation, levelFor, type Raster, sampleView } from './raster.ts';
import type { Manga109Settings } from './settings.ts';
import type { SkipList } from './skipped.ts';

/** Blank paper teaches nothing: views whose standard deviation is less are not taken. */
export const MIN_DEVIATION = 0.1;
/** Pages tried for a sequence before it is given up, and places tried on each. */
const MAX_PAGES = 32;
const PLACES = 4;
/** Long side of a page as the style encoder sees it (pipeline/prepare.ts); training crops are a part of it. */
const STYLE_PAGE_SIDE = 512;

/** A page as the source needs it: sizes in pixels of the scan. */
interface SourcePage {
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

/** Proposes the views of a sequence on a page, in pixels of the scan; null when this time there are none. */
type Propose<P> = (random: Random, page: P) => View[] | null;

/** Fills a sample's real sequence and style page. */
export class PageSource<P extends SourcePage> {
  readonly #pages: readonly P[];
  readonly #pageWidth: (page: P) => number;
  readonly #propose: Propose<P>;
  readonly #settings: { readonly side: number; readonly frames: number };
  readonly #skipped: SkipList;
  readonly #cache: ByteCache<Raster>;

  constructor(
    pages: readonly P[],
    pageWidth: (page: P) => number,
    propose: Propose<P>,
    settings: { readonly side: number; readonly frames: number },
    cacheBytes: number,
    skipped: SkipList,
  ) {
    this.#pages = pages;
    this.#pageWidth = pageWidth;
    this.#propose = propose;
    this.#settings = settings;
    this.#skipped = skipped;
    this.#cache = new ByteCache(cacheBytes, ({ grey, half }) => grey.length + half.grey.length);
  }

  /** @param real [T,S,S] in 0..1 @param style [P,P] in -1..1: another place of the same page */
  async sample(random: Random, real: Float32Array, style: Float32Array): Promise<void> {
    for (let attempt = 0; attempt < MAX_PAGES; attempt++) {
      const picked = await pickUsable(random, this.#pages, (page) => this.#load(page));
      if (!picked) {
        throw new MangaError(
          'BAD_INPUT',
          `None of the ${this.#pages.length} pages can be decoded.`,
          'See the list of what was skipped, and give whole JPEG, PNG or WebP files.',
        );
      }
      const { entry, value } = picked;
      for (let place = 0; place < PLACES; place++) {
        if (!this.#sequence(random, entry, value, real)) continue;
        this.#stylePage(random, entry, value, style);
        return;
      }
    }
    throw new MangaError(
      'BAD_INPUT',
      `No place with enough drawing was found on ${MAX_PAGES} random pages.`,
      'Leave out blank and nearly blank pages; with text to be avoided, allow it.',
    );
  }

  #load(page: P): Promise<Raster | null> {
    // Finer than the smallest view needs would only cost memory.
    const scale = Math.min(1, this.#settings.side / (SMALLEST_VIEW * this.#pageWidth(page)));
    const longSide = Math.ceil(Math.max(page.width, page.height) * scale);
    return this.#cache.load(page.file, async () => {
      try {
        return await decodeRaster(page.file, longSide);
      } catch (error) {
        this.#skipped.add(page.file, error);
        return null;
      }
    });
  }

  #sequence(random: Random, page: P, raster: Raster, real: Float32Array): boolean {
    const views = this.#propose(random, page);
    if (!views) return false;
    const { side } = this.#settings;
    const scale = raster.width / page.width;
    const onRaster = views.map((view) => ({
      x: view.x * scale,
      y: (view.y * raster.height) / page.height,
      side: view.side * scale,
      angle: view.angle,
    }));
    const level = levelFor(raster, onRaster, side);
    const show = (t: number): Float32Array => {
      const frame = real.subarray(t * side * side, (t + 1) * side * side);
      sampleView(level.grey, level.views[t]!, side, frame);
      return frame;
    };
    const last = views.length - 1;
    if (deviation(show(0)) < MIN_DEVIATION || deviation(show(last)) < MIN_DEVIATION) return false;
    for (let t = 1; t < last; t++) show(t);
    return true;
  }

  /** As large a part as PAGE_SIDE is of the page that users give; of some places the one with most drawing. */
  #stylePage(random: Random, page: P, raster: Raster, out: Float32Array): void {
    const long = Math.max(this.#pageWidth(page) * (raster.width / page.width), raster.height);
    const side = Math.min((long * PAGE_SIDE) / STYLE_PAGE_SIDE, raster.width, raster.height);
    const place = (length: number) => random.uniform(side / 2, length - side / 2);
    const tried = new Float32Array(out.length);
    let best = -1;
    for (let i = 0; i < PLACES && best < MIN_DEVIATION; i++) {
      const view = { x: place(raster.width), y: place(raster.height), side, angle: 0 };
      const level = levelFor(raster, [view], PAGE_SIDE);
      sampleView(level.grey, level.views[0]!, PAGE_SIDE, tried);
      const drawn = deviation(tried);
      if (drawn <= best) continue;
      best = drawn;
      for (let p = 0; p < out.length; p++) out[p] = 2 * tried[p]! - 1;
    }
  }
}

/** Widths of a page, in pixels of the generator's drawings, between which it is shown: lines then are as wide as drawn ones. */
const PAGE_WIDTHS = [490, 800] as const;

/** Sequences from a folder of pages: the generator's camera over random places. */
export function looseSource(
  pages: readonly PictureFile[],
  settings: { readonly side: number; readonly frames: number },
  cacheBytes: number,
  skipped: SkipList,
): PageSource<PictureFile> {
  const propose = (random: Random, { width, height }: PictureFile) => {
    const side = Math.min(width, height, (width * settings.side) / random.uniform(...PAGE_WIDTHS));
    return placeMoves(random, randomMoves(random, settings.frames), { x: 0, y: 0, width, height }, side);
  };
  return new PageSource(pages, (page) => page.width, propose, settings, cacheBytes, skipped);
}

/** Sequences along the frames and faces of annotated pages. */
export function mangaSource(
  pages: readonly MangaPage[],
  settings: Pick<Manga109Settings, 'side' | 'frames' | 'moves' | 'avoidText'>,
  cacheBytes: number,
  skipped: SkipList,
): PageSource<MangaPage> {
  const propose = (random: Random, page: MangaPage) => {
    const views = planMove(random, page, pickKind(random, settings.moves), settings.frames);
    const refused = settings.avoidText && views?.some((view) => showsText(view, page.texts));
    return refused ? null : views;
  };
  return new PageSource(pages, (page) => page.pageWidth, propose, settings, cacheBytes, skipped);
}
