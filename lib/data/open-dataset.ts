import { parseSettings } from '../settings/settings.ts';
import { BatchQueue } from './batch-queue.ts';
import { takeInventory } from './catalogue.ts';
import { datasetSchema } from './settings.ts';
import { SkipList } from './skipped.ts';

/**
 * Opens training data: lists the files, reads their headers and annotations, and gets worker threads ready that decode,
 * draw and crop ahead of the trainer. Nothing is decoded before the first batch is asked for.
 * @param settings checked against {@link datasetSchema}
 * @param signal aborting rejects CANCELLED while the data are being opened
 * @throws MangaError BAD_SETTING, BAD_INPUT when a folder has nothing to learn from (what to do is said), ENGINE_MISSING
 * without ffmpeg for videos, IO, CANCELLED
 */
export async function openDataset(settings: unknown, signal?: AbortSignal): Promise<BatchQueue> {
  const checked = parseSettings(datasetSchema, settings);
  const skipped = new SkipList();
  const { catalogue, summary } = await takeInventory(checked, skipped, signal);
  return new BatchQueue(catalogue, summary, skipped);
}
