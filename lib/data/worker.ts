/** Worker thread of batch-queue.ts: makes one batch a request. */
import { parentPort, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { toWire, type WireError } from '../errors/manga-error.ts';
import type { RandomState } from '../random.ts';
import { buffersOf } from './batch.ts';
import type { Catalogue } from './catalogue.ts';
import { createSampler } from './sampler.ts';
import { SkipList, type Skipped } from './skipped.ts';
import type { TrainingBatch } from './types.ts';

export type DataRequest = { readonly make: RandomState } | { readonly close: true };
export type DataReply =
  | { readonly batch: TrainingBatch }
  | { readonly error: WireError }
  | { readonly skipped: Skipped }
  | { readonly closed: true };

const port = parentPort!;
const reply = (message: DataReply, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

// Each thread is one core's work already.
sharp.concurrency(1);

const sampler = createSampler(workerData as Catalogue, new SkipList((skipped) => reply({ skipped })));

port.on('message', async (request: DataRequest) => {
  if ('close' in request) {
    await sampler.close();
    reply({ closed: true });
    return;
  }
  try {
    const batch = await sampler.batch(request.make);
    reply({ batch }, buffersOf(batch));
  } catch (error) {
    reply({ error: toWire(error) });
  }
});
