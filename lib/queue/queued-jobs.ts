/** Has a hot folder's jobs drawn by the workers of a queue, instead of by the flow. */
import { dirname, join, parse } from 'node:path';
import { MangaError, toMangaError } from '../errors/manga-error.ts';
import { outputPath } from '../hotfolder/output-path.ts';
import type { Job } from '../hotfolder/types.ts';
import { readStillView, type StillView } from '../motion/still-view.ts';
import type { ClipResult } from '../session/types.ts';
import { openDrawQueue } from './client.ts';
import type { FlowDrawing } from './flow-drawing.ts';
import type { DrawQueue, QueueOptions } from './types.ts';

/** What is used of a hot folder. */
export interface JobTaker {
  complete(jobId: string, outputs: readonly string[], handOut?: string, still?: StillView): Promise<void>;
  fail(jobId: string, error: unknown, handOut?: string): Promise<unknown>;
}

export interface QueuedJobsOptions extends QueueOptions {
  /** The flow as it is now. @throws MangaError BAD_SETTING */
  drawing(): FlowDrawing;
  /** Absolute path of a folder as typed in the clip node. */
  folder(typed: string): string;
}

export class QueuedJobs {
  readonly #options: QueuedJobsOptions;
  readonly #closing = new AbortController();
  #queue: Promise<DrawQueue> | undefined;

  constructor(options: QueuedJobsOptions) {
    this.#options = options;
  }

  /** Connects at the first job, and again where that failed. @throws MangaError like `openDrawQueue` */
  #connected(): Promise<DrawQueue> {
    this.#queue ??= openDrawQueue(this.#options).catch((error: unknown) => {
      this.#queue = undefined;
      throw error;
    });
    return this.#queue;
  }

  /**
   * Draws a job and tells the hot folder how it went. Never rejects.
   * @param comment written into the clip, as the clip node does
   */
  async run(job: Job, folder: JobTaker, comment?: string): Promise<void> {
    try {
      const { path, still } = await this.#draw(job, comment);
      await folder.complete(job.id, [path], job.handOut, readStillView(still));
    } catch (error) {
      // Closed: the hot folder keeps the job, the queue too, and the next start finds both.
      if (this.#closing.signal.aborted) return;
      await folder.fail(job.id, toMangaError(error), job.handOut).catch(() => undefined);
    }
  }

  async #draw(job: Job, comment: string | undefined): Promise<ClipResult> {
    const { drawing, folder } = this.#options;
    const { recipe, folder: typed, existing, clipNode } = drawing();
    const queue = await this.#connected();
    const name = join(dirname(job.clipName), parse(job.clipName).name);
    const { format } = recipe.output;
    const place = await outputPath(folder(typed), name, format, existing, `${job.owner}/${clipNode}`);
    try {
      const output = { ...recipe.output, comment };
      const request = { id: job.id, name: job.name, picture: job.claimedPath, recipe: { ...recipe, output } };
      return await queue.submit({ ...request, output: place.path });
    } catch (error) {
      // A closing Node-RED finds the name held at its next start.
      if (!this.#closing.signal.aborted) await place.discard();
      throw error;
    } finally {
      place.release();
    }
  }

  /** Jobs under way are left to the workers and to the next start. */
  async close(): Promise<void> {
    this.#closing.abort(new MangaError('CANCELLED', 'The hot folder was closed.'));
    await (await this.#queue?.catch(() => undefined))?.close();
  }
}
