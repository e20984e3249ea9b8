/** What a user can set about training data; the dataset node and the command line validate with it. */
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { defaultCacheDirectory } from '../engines/setup/library-cache.ts';
import { MangaError } from '../errors/manga-error.ts';
import { MEDIA } from '../network/media.ts';
import { DRAWING_STYLES, type DrawingStyle, stylesOf } from '../render/style.ts';
import { flag } from '../settings/flag.ts';
import { MOVE_KINDS } from './manga109/moves.ts';

const MAX_THREADS = 4;

/** One path, or several. */
function paths(what: string) {
  return z.preprocess(
    (value) => (typeof value === 'string' ? [value].filter(Boolean) : value),
    z.array(z.string().min(1)).min(1, `must name at least one ${what}`),
  );
}

const styleNames = DRAWING_STYLES.map((style) => style.name);

const common = z.object({
  /** Samples a micro-batch. */
  batch: z.coerce.number().int().min(1).max(64).default(8),
  /** Side S of the crops, pixels, a multiple of 8. */
  side: z.coerce.number().int().min(32).max(512).multipleOf(8).default(128),
  /** T frames a sequence. */
  frames: z.coerce.number().int().min(2).max(64).default(6),
  /**
   * Photos and videos are brought to this long side before they are cropped and drawn, pixels. A clip of 512 pixels is
   * drawn about as large (detail, lib/settings).
   */
  longSide: z.coerce.number().int().min(128).max(2048).default(768),
  /** What the teacher draws with; a run that goes on from a checkpoint keeps that one's. */
  medium: z.enum(MEDIA).default('screentone'),
  /** Styles of the drawing teacher, of that medium; the first is the default one. Without: all of it. */
  styles: z.array(z.enum(styleNames)).min(1).optional(),
  /** Where drawings are kept between runs. */
  cacheDir: z
    .string()
    .min(1)
    .default(() => join(defaultCacheDirectory(), 'drawings')),
  /** Worker threads. */
  threads: z.coerce
    .number()
    .int()
    .min(1)
    .max(16)
    .default(() => Math.max(1, Math.min(MAX_THREADS, availableParallelism() - 1))),
  /** Micro-batches made ahead, at least: training makes two steps' (ahead.ts). */
  queue: z.coerce.number().int().min(1).max(10_000).default(4),
  /** Decoded pictures kept in memory, all threads together, MB (10^6 bytes). */
  cacheMb: z.coerce.number().min(1).max(65536).default(512),
});

const withPhotos = common.extend({
  /** Folders of photos. */
  photos: paths('folder of photos'),
});

const besidePages = withPhotos.extend({
  /** Have the teacher draw the photos too: the batches then bring layers and fields. */
  paired: flag().default(false),
});

const photosSchema = withPhotos.extend({ kind: z.literal('photos') });

const pagesSchema = besidePages.extend({
  kind: z.literal('pages'),
  /** Folders of manga pages or drawings. */
  pages: paths('folder of pages'),
});

const manga109Schema = besidePages.extend({
  kind: z.literal('manga109'),
  /** Folder that holds books.txt, images and annotations. */
  root: z.string().min(1),
  /** Folder of the annotations: 'annotations' or a dated one, 'annotations.v2020.12.18'. */
  annotations: z
    .string()
    .regex(/^annotations(\.v[\w.-]+)?$/, 'must be annotations or annotations.v…')
    .default('annotations'),
  split: z.enum(['train', 'validation', 'all']).default('train'),
  /** Share of the titles held out for validation. */
  validationShare: z.coerce.number().min(0).max(0.9).default(0.1),
  splitSeed: z.coerce.number().int().min(0).default(1),
  /** inside: within a frame; face: push towards a face; between: from one frame to the next. */
  moves: z
    .array(z.enum(MOVE_KINDS))
    .min(1)
    .default(() => [...MOVE_KINDS]),
  /** Pass over views of speech balloons and sound words. */
  avoidText: flag().default(false),
});

const videoSchema = common.extend({
  kind: z.literal('video'),
  /** Video files, or folders of them. */
  videos: paths('video'),
  /** Frames a second at which sequences are taken. */
  fps: z.coerce.number().min(1).max(60).default(12),
  /** Sequences are drawn by the teacher, frame by frame; without, they are the grey frames. */
  draw: flag().default(false),
});

export const datasetSchema = z.discriminatedUnion('kind', [photosSchema, pagesSchema, manga109Schema, videoSchema]);

/** The styles that the teacher draws in. @throws MangaError BAD_SETTING when one is of another medium */
export function stylesIn({ medium, styles }: Pick<CommonSettings, 'medium' | 'styles'>): DrawingStyle[] {
  const all = stylesOf(medium);
  return (styles ?? all.map(({ name }) => name)).map((wanted) => {
    const found = all.find(({ name }) => name === wanted);
    if (found) return found.style;
    const names = all.map(({ name }) => name).join(', ');
    throw new MangaError('BAD_SETTING', `The style ${wanted} is not drawn in ${medium}.`, `Choose from ${names}.`);
  });
}

export type DatasetSettings = z.infer<typeof datasetSchema>;
export type CommonSettings = z.infer<typeof common>;
export type PhotosSettings = z.infer<typeof photosSchema>;
export type PagesSettings = z.infer<typeof pagesSchema>;
export type Manga109Settings = z.infer<typeof manga109Schema>;
export type VideoSettings = z.infer<typeof videoSchema>;
