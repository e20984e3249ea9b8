import { Worker } from 'node:worker_threads';
import { fromWire, MangaError } from '../errors/manga-error.ts';
import type { RandomState } from '../random.ts';
import { sibling } from '../sibling.ts';
import type { Catalogue } from './catalogue.ts';
import type { Skipped } from './skipped.ts';
import type { TrainingBatch } from './types.ts';
import type { DataReply, DataRequest } from './worker.ts';

/** Time a closing thread is given to end a program that it runs, milliseconds. */
const CLOSING = 1000;

/** One worker thread: makes one batch at a time. A thread that dies is started anew with the next request. */
export class DataThread {
  readonly #catalogue: Catalogue;
  readonly #onSkipped: (skipped: Skipped) => void;
  #worker: Worker | null = null;
  #held = false;
  #settle: { resolve(batch: TrainingBatch): void; reject(error: Error): void } | null = null;

  constructor(catalogue: Catalogue, onSkipped: (skipped: Skipped) => void) {
    this.#catalogue = catalogue;
    this.#onSkipped = onSkipped;
  }

  /** @throws MangaError INTERNAL when the thread dies of it, else as the sampler */
  make(state: RandomState): Promise<TrainingBatch> {
    this.#worker ??= this.#start();
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      worker.postMessage({ make: state } satisfies DataRequest);
    });
  }

  /** Whether it keeps the process alive. */
  hold(held: boolean): void {
    this.#held = held;
    if (held) this.#worker?.ref();
    else this.#worker?.unref();
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const closed = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSING);
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      worker.on('message', (reply: DataReply) => 'closed' in reply && done()).once('exit', done);
    });
    worker.postMessage({ close: true } satisfies DataRequest);
    await closed;
    await worker.terminate();
  }

  #start(): Worker {
    const worker = new Worker(sibling('./worker', import.meta.url), { workerData: this.#catalogue });
    const died = (reason: string) => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#fail(
        new MangaError(
          'INTERNAL',
          `A thread that prepares training data died: ${reason}.`,
          'If memory ran out: a smaller photo size, smaller samples, or fewer frames in the manga-dataset.',
        ),
      );
    };
    worker.on('message', (reply: DataReply) => {
      if ('skipped' in reply) this.#onSkipped(reply.skipped);
      else if ('error' in reply) this.#fail(fromWire(reply.error));
      else if ('batch' in reply) this.#take()?.resolve(reply.batch);
    });
    worker.on('error', (error) => died(error instanceof Error ? error.message : String(error)));
    worker.on('exit', (code) => died(`it ended with code ${code}`));
    if (!this.#held) worker.unref();
    return worker;
  }

  #fail(error: Error): void {
    this.#take()?.reject(error);
  }

  #take() {
    const settle = this.#settle;
    this.#settle = null;
    return settle;
  }
}
