/** Makes batches in a worker thread: a batch is a function of the catalogue, the settings and its random numbers. */
import { Random, type RandomState } from '../random.ts';
import { emptyBatch, type SampleArrays, sampleArrays } from './batch.ts';
import type { Catalogue } from './catalogue.ts';
import { randomStyle } from './crops.ts';
import { looseSource, mangaSource } from './page-source.ts';
import { DrawnPhotos, PlainPhotos } from './photo-source.ts';
import { type DatasetSettings, stylesIn } from './settings.ts';
import type { SkipList } from './skipped.ts';
import type { TrainingBatch } from './types.ts';
import { VideoSource } from './video/video-source.ts';

export interface Sampler {
  batch(random: RandomState): Promise<TrainingBatch>;
  /** Ends what runs outside this thread. */
  close(): Promise<void>;
}

interface Filler {
  fill(random: Random, out: SampleArrays): Promise<void>;
  close?(): Promise<void>;
}

export function createSampler(catalogue: Catalogue, skipped: SkipList): Sampler {
  const { settings } = catalogue;
  const filler = createFiller(catalogue, skipped);
  const has = { layers: isPaired(settings), real: settings.kind !== 'photos' };
  return {
    async batch(state) {
      const random = new Random(state);
      const batch = emptyBatch(settings, has);
      for (let b = 0; b < batch.size; b++) await filler.fill(random, sampleArrays(batch, b));
      return batch;
    },
    close: async () => filler.close?.(),
  };
}

function isPaired(settings: DatasetSettings): boolean {
  return settings.kind === 'photos' || (settings.kind !== 'video' && settings.paired);
}

function createFiller(catalogue: Catalogue, skipped: SkipList): Filler {
  const { settings } = catalogue;
  const styles = stylesIn(settings).length;
  const cacheBytes = (settings.cacheMb * 1e6) / settings.threads;
  if (catalogue.kind === 'photos') {
    const photos = new DrawnPhotos(catalogue.photos, catalogue.settings, cacheBytes, skipped);
    return {
      async fill(random, out) {
        const style = randomStyle(random, styles);
        await photos.sample(random, style, out);
        await photos.page(random, style, out.page);
      },
    };
  }
  if (catalogue.kind === 'video') {
    const videos = new VideoSource(catalogue.videos, catalogue.settings, catalogue.ffmpeg, cacheBytes, skipped);
    return {
      fill: (random, out) => videos.sample(random, randomStyle(random, styles), out),
      close: () => videos.close(),
    };
  }
  const Photos = catalogue.settings.paired ? DrawnPhotos : PlainPhotos;
  const photos = new Photos(catalogue.photos, catalogue.settings, cacheBytes / 2, skipped);
  const pages =
    catalogue.kind === 'pages'
      ? looseSource(catalogue.pages, catalogue.settings, cacheBytes / 2, skipped)
      : mangaSource(catalogue.pages, catalogue.settings, cacheBytes / 2, skipped);
  return {
    async fill(random, out) {
      // The style to reach is the pages'; the teacher's default drawing only keeps the generator near its photo.
      await photos.sample(random, 0, out);
      await pages.sample(random, out.real!, out.page);
    },
  };
}
