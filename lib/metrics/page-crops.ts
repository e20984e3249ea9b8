import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listPictures } from '../data/list-files.ts';
import { deviation } from '../data/raster.ts';
import { SkipList } from '../data/skipped.ts';
import { MangaError } from '../errors/manga-error.ts';
import { ioError } from '../media/io-error.ts';
import { Random } from '../random.ts';
import { cropTo, type Picture, readPicture, toGrey } from './picture.ts';

/** Pages drawn by one hand. */
export interface Title {
  readonly name: string;
  readonly files: readonly string[];
}

export const CROPS_PER_TITLE = 60;
/** Side of a crop, as a fraction of the page's width. */
const SIDE = [0.3, 0.5] as const;
/** Standard deviation (0..1) below which a crop is blank paper or a flat tone and is drawn again. */
const LEAST_DEVIATION = 0.12;
/** Places tried on a title for each crop. */
const TRIES = 40;

/**
 * Each folder inside `folder` that holds pictures is a title; so is `folder` itself when it holds pictures.
 * @throws MangaError IO when it cannot be read, BAD_INPUT when there is no picture
 */
export async function listTitles(folder: string): Promise<Title[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
    throw ioError('Cannot read the folder', folder, error);
  });
  const folders = [folder, ...entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name))];
  const titles: Title[] = [];
  for (const path of folders.sort()) {
    const files = await listPictures([path], 'pages', new SkipList()).catch((error) => {
      if (error instanceof MangaError && error.code === 'BAD_INPUT') return [];
      throw error;
    });
    if (files.length > 0) titles.push({ name: basename(path), files: files.map(({ file }) => file) });
  }
  if (titles.length > 0) return titles;
  throw new MangaError('BAD_INPUT', `There is no picture in ${folder}.`, 'Give a folder of manga pages.');
}

export interface CropOptions {
  readonly size: number;
  readonly count?: number;
  readonly seed?: number;
}

/**
 * Random square crops of a title's pages, grey: side .3 to .5 of the page's width, resized to `size`, standard deviation
 * at least .12.
 * @throws MangaError BAD_INPUT when the pages hold too little drawing
 */
export function pageCrops(title: Title, options: CropOptions): AsyncGenerator<Picture> {
  const pages = new Map<string, Picture>();
  const load = async (file: string): Promise<Picture> => {
    const page = pages.get(file) ?? toGrey(await readPicture(file));
    pages.set(file, page);
    return page;
  };
  return randomCrops(title.name, title.files, load, options);
}

/** The same of pages that are there already. @param pages grey @throws MangaError BAD_INPUT as {@link pageCrops} */
export function cropsOfPages(name: string, pages: readonly Picture[], options: CropOptions): AsyncGenerator<Picture> {
  return randomCrops(name, pages, async (page) => page, options);
}

async function* randomCrops<T>(
  name: string,
  pages: readonly T[],
  load: (page: T) => Promise<Picture>,
  { size, count = CROPS_PER_TITLE, seed = 1 }: CropOptions,
): AsyncGenerator<Picture> {
  const random = new Random(seed);
  for (let made = 0, tries = 0; made < count; tries++) {
    if (tries === count * TRIES) {
      const message = `The pages of ${name} hold too little drawing: ${made} of ${count} crops found.`;
      throw new MangaError('BAD_INPUT', message, 'Leave out blank pages.');
    }
    const page = await load(random.pick(pages));
    const side = Math.min(Math.round(page.width * random.uniform(...SIDE)), page.height);
    const box = {
      left: random.int(page.width - side + 1),
      top: random.int(page.height - side + 1),
      width: side,
      height: side,
    };
    const crop = toGrey(await cropTo(page, box, size));
    if (deviation(crop.data) / 255 < LEAST_DEVIATION) continue;
    made++;
    yield crop;
  }
}
