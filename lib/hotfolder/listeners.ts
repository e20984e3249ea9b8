import { MangaError } from '../errors/manga-error.ts';
import type { JobRecord, Recipe } from '../ledger/types.ts';
import type { FailureReport, FolderState, HotFolderEvents, Job } from './types.ts';

/** Calls a hot folder's listeners. One that throws must not stop the folder, nor end the process from within a timer. */
export class Listeners {
  readonly #events: HotFolderEvents;

  constructor(events: HotFolderEvents) {
    this.#events = events;
  }

  /** @returns what the listener threw, as an error; undefined if all went well */
  job(job: Job, recipe: Recipe): MangaError | undefined {
    try {
      this.#events.job(job, recipe);
      return undefined;
    } catch (error) {
      return error instanceof MangaError
        ? error
        : new MangaError('INTERNAL', `The job could not be handed out: ${String(error)}.`);
    }
  }

  state(state: FolderState): void {
    this.#guard(() => this.#events.state(state));
  }

  problem(error: MangaError, job?: string): void {
    this.#guard(() => this.#events.problem(error, job));
  }

  failed(report: FailureReport): void {
    this.#guard(() => this.#events.failed?.(report));
  }

  over(record: JobRecord): void {
    this.#guard(() => this.#events.over?.(record));
  }

  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      process.emitWarning(`A listener of a hot folder threw: ${String(error)}`);
    }
  }
}
