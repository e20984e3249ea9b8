/** Finds out what data there are, before the first batch: lists files, reads headers and annotations. */
import { MangaError } from '../errors/manga-error.ts';
import { throwIfAborted } from '../media/abort.ts';
import { ffmpegHint, findFfmpeg } from '../media/ffmpeg.ts';
import { PAGE_SIDE } from './crops.ts';
import { listPictures, type PictureFile } from './list-files.ts';
import { readCatalogue } from './manga109/catalogue.ts';
import type { MangaPage } from './manga109/moves.ts';
import {
  type CommonSettings,
  type DatasetSettings,
  type Manga109Settings,
  type PagesSettings,
  type PhotosSettings,
  stylesIn,
  type VideoSettings,
} from './settings.ts';
import type { SkipList } from './skipped.ts';
import { listVideos, type VideoFile } from './video/list-videos.ts';

/** All that a worker needs to make batches. Plain data. */
export type Catalogue =
  | { readonly kind: 'photos'; readonly settings: PhotosSettings; readonly photos: readonly PictureFile[] }
  | {
      readonly kind: 'pages';
      readonly settings: PagesSettings;
      readonly photos: readonly PictureFile[];
      readonly pages: readonly PictureFile[];
    }
  | {
      readonly kind: 'manga109';
      readonly settings: Manga109Settings;
      readonly photos: readonly PictureFile[];
      readonly pages: readonly MangaPage[];
    }
  | {
      readonly kind: 'video';
      readonly settings: VideoSettings;
      readonly videos: readonly VideoFile[];
      readonly ffmpeg: string;
    };

export interface Inventory {
  readonly catalogue: Catalogue;
  /** What there is, for people; without what was skipped. */
  readonly summary: string;
}

/** @throws MangaError BAD_INPUT when something is missing altogether, ENGINE_MISSING without ffmpeg, IO, CANCELLED */
export async function takeInventory(
  settings: DatasetSettings,
  skipped: SkipList,
  signal?: AbortSignal,
): Promise<Inventory> {
  if (settings.kind === 'video') return videoInventory(settings, skipped, signal);
  const paired = settings.kind === 'photos' || settings.paired;
  const photos = await usablePhotos(settings, paired, skipped, signal);
  throwIfAborted(signal);
  const drawn = paired ? ` drawn in ${plural(stylesIn(settings).length, 'style')}` : '';
  const summary = `${plural(photos.length, 'photo')}${drawn}`;
  if (settings.kind === 'photos') return { catalogue: { kind: 'photos', settings, photos }, summary };
  if (settings.kind === 'pages') {
    const pages = await listPictures(settings.pages, 'pages', skipped, signal);
    throwIfAborted(signal);
    const catalogue = { kind: 'pages', settings, photos, pages } as const;
    return { catalogue, summary: `${plural(pages.length, 'page')}; ${summary}` };
  }
  const manga = await readCatalogue(settings, skipped, signal);
  const catalogue = { kind: 'manga109', settings, photos, pages: manga.pages } as const;
  return { catalogue, summary: `${manga.summary}; ${summary}` };
}

async function videoInventory(settings: VideoSettings, skipped: SkipList, signal?: AbortSignal): Promise<Inventory> {
  const found = await findFfmpeg();
  if (found.path === undefined) {
    throw new MangaError('ENGINE_MISSING', `Videos are read by ffmpeg: ${found.missing}`, ffmpegHint);
  }
  const least = settings.frames / settings.fps;
  const videos = await listVideos(found.path, settings.videos, least, skipped, signal);
  const seconds = videos.reduce((sum, video) => sum + video.seconds, 0);
  const length = seconds < 120 ? `${seconds.toFixed(1)} seconds` : `${(seconds / 60).toFixed(1)} minutes`;
  const summary = `${plural(videos.length, 'video')}, ${length} at ${settings.fps} frames a second`;
  return { catalogue: { kind: 'video', settings, videos, ffmpeg: found.path }, summary };
}

/** Photos whose shorter side is large enough for the crops once their long side is `longSide`. */
async function usablePhotos(
  settings: CommonSettings & { readonly photos: readonly string[] },
  paired: boolean,
  skipped: SkipList,
  signal?: AbortSignal,
): Promise<PictureFile[]> {
  const { photos: folders, longSide, side } = settings;
  const needed = paired ? Math.max(side, PAGE_SIDE) : side;
  const all = await listPictures(folders, 'photos', skipped, signal);
  const short = ({ width, height }: PictureFile) =>
    Math.round((Math.min(width, height) * longSide) / Math.max(width, height));
  const photos = all.filter((photo) => short(photo) >= needed);
  for (const photo of all) {
    if (short(photo) >= needed) continue;
    const size = `${photo.width} x ${photo.height}`;
    skipped.add(
      photo.file,
      `${size} has a short side of ${short(photo)} at a long side of ${longSide}; crops need ${needed}.`,
    );
  }
  if (photos.length === 0 && all.length > 0) {
    throw new MangaError(
      'BAD_INPUT',
      `None of the ${all.length} photos has a short side of ${needed} pixels at a long side of ${longSide}.`,
      'Set a larger long side or smaller crops, or give photos that are less wide or tall.',
    );
  }
  return photos;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
