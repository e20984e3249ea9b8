import { Journal } from '../journal.ts';
import { type Progress, readProgress } from './read-report.ts';
import { Runs, type StoredRun, type StoredUpdate } from './runs.ts';
import type { RunUpdate } from './types.ts';

/** The runs a monitor saw, kept in a file: they survive a reload of the page and a restart of Node-RED. */
export class MonitorHistory {
  readonly #runs = new Runs();
  readonly #journal: Journal;

  constructor(path: string, failed: (error: Error) => void) {
    this.#journal = new Journal(path, () => this.#runs.store(), failed);
  }

  /** Reads the file. */
  async open(): Promise<void> {
    for (const line of await this.#journal.read()) {
      const stored = line as StoredRun | StoredUpdate;
      try {
        if ('run' in stored) this.#runs.restore(stored);
        else this.#runs.apply(stored);
      } catch {
        // Not one of our lines.
      }
    }
    this.#runs.interrupt();
  }

  get runs(): Runs {
    return this.#runs;
  }

  /** @returns what browsers need to know, or undefined when the message was no progress */
  take(message: { readonly payload?: unknown; readonly run?: unknown }): RunUpdate | undefined {
    const progress: Progress | undefined = readProgress(message);
    if (!progress) return undefined;
    const change = this.#runs.take(progress);
    this.#journal.append(change);
    return change.update;
  }

  close(): Promise<void> {
    return this.#journal.flush();
  }
}
