import type { Claim, ClaimStore } from './claims.ts';
import { type EndingPlaces, endDone, endFailed } from './endings.ts';
import { ioError } from './io-error.ts';
import type { Listeners } from './listeners.ts';
import type { Settings } from './options.ts';
import { makeReport } from './report.ts';
import type { FailureReport } from './types.ts';

export interface FilingOptions extends EndingPlaces {
  readonly claims: ClaimStore;
  readonly doneAction: Settings['doneAction'];
  readonly listeners: Listeners;
  /** Called after each attempt. */
  changed(): void;
}

/** Files claims away. What fails (disk full, folder gone) stays claimed, is reported, and waits for {@link retry}. */
export class Filing {
  readonly #options: FilingOptions;
  #again: (() => Promise<void>)[] = [];
  /** Claims being filed or waiting for another try. */
  readonly unfiled = new Set<Claim>();
  doneCount = 0;
  failedCount = 0;

  constructor(options: FilingOptions) {
    this.#options = options;
  }

  /** Disposes of the original of a job that succeeded. Never rejects. */
  async done(claim: Claim, outputs: readonly string[]): Promise<void> {
    const { doneAction, listeners } = this.#options;
    await this.#file(claim, async () => {
      const remark = await endDone(claim, outputs, doneAction, this.#options);
      this.doneCount++;
      if (remark) listeners.problem(remark);
    });
  }

  /** Moves the original to the failed folder with its report. Never rejects. */
  async failed(claim: Claim, error: unknown, job?: string): Promise<FailureReport> {
    const { folders, listeners } = this.#options;
    let report = makeReport(claim.relativePath, error, claim.attempt, job);
    await this.#file(claim, async () => {
      const movedTo = await endFailed(claim, report, folders);
      report = { ...report, movedTo };
      this.failedCount++;
      listeners.failed(report);
    });
    return report;
  }

  /** Tries again what failed before. */
  async retry(): Promise<void> {
    const again = this.#again;
    this.#again = [];
    for (const attempt of again) await attempt();
  }

  #file(claim: Claim, move: () => Promise<void>): Promise<void> {
    const { claims, listeners, changed } = this.#options;
    const attempt = async () => {
      try {
        await move();
        await claims.drop(claim);
        this.unfiled.delete(claim);
      } catch (error) {
        listeners.problem(ioError('file away', claim.sourcePath, error));
        this.#again.push(attempt);
      }
      changed();
    };
    this.unfiled.add(claim);
    return attempt();
  }
}
