import { isDeepStrictEqual } from 'node:util';
import { MangaError, toMangaError } from '../../lib/errors/manga-error.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../../lib/plan/types.ts';
import type { TrainingAction, TrainingSession } from '../../lib/session/training-session.ts';

export interface RunEvents {
  /** At most twice a second, and only when something changed. */
  report(report: TrainingReport): void;
  checkpoint(path: string, report: TrainingReport): void;
  /** The run ended by an error; nothing more comes. */
  failed(error: MangaError): void;
}

const POLL_MS = 500;
/** Before the engine process lets go of a run that is told to stop. */
const STOP_MS = 3000;
/** The session is alive but has no time to answer now. */
const ASK_AGAIN = new Set(['BUSY', 'TIMEOUT']);

/** One run of the trainer, watched from this process while it goes on in the session's. */
export class TrainingRun {
  readonly #session: TrainingSession;
  readonly #events: RunEvents;
  #last: TrainingReport | undefined;
  #timer: NodeJS.Timeout | undefined;
  #active = true;
  #stopping = false;
  #out = '';

  constructor(session: TrainingSession, events: RunEvents) {
    this.#session = session;
    this.#events = events;
  }

  /** Neither finished nor failed. */
  get active(): boolean {
    return this.#active;
  }

  get paused(): boolean {
    return this.#last?.state === 'paused';
  }

  /**
   * @returns false when it was stopped before it began
   * @throws MangaError when the run cannot start; it is over then
   */
  async start(plan: Plan, settings: TrainerSettings): Promise<boolean> {
    this.#out = settings.out;
    try {
      await this.#session.startTraining(plan, settings);
    } catch (thrown) {
      clearTimeout(this.#timer);
      const wanted = this.#stopping && toMangaError(thrown).code === 'CANCELLED';
      this.#active = false;
      if (wanted) return false;
      throw thrown;
    }
    void this.#poll();
    return true;
  }

  async control(action: TrainingAction): Promise<void> {
    if (action === 'stop') this.#stopping = true;
    await this.#session.controlTraining(action);
    clearTimeout(this.#timer);
    await this.#poll();
  }

  /** Stops the run if it goes on, and watches it no longer. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    if (!this.#active) return;
    this.#active = false;
    this.#stopping = true;
    const stopped = this.#session.controlTraining('stop').catch(() => undefined);
    await Promise.race([stopped, new Promise((late) => setTimeout(late, STOP_MS).unref())]);
  }

  async #poll(): Promise<void> {
    try {
      const report = await this.#session.trainingReport();
      if (!this.#active) return;
      this.#take(report);
    } catch (thrown) {
      const error = toMangaError(thrown);
      if (!this.#active) return;
      if (!ASK_AGAIN.has(error.code)) return this.#fail(this.#lost(error));
    }
    clearTimeout(this.#timer);
    if (this.#active) this.#timer = setTimeout(() => void this.#poll(), POLL_MS).unref();
  }

  #take(report: TrainingReport): void {
    const before = this.#last;
    this.#last = report;
    if (report.state === 'finished' || report.state === 'failed') this.#active = false;
    if (!isDeepStrictEqual(report, before)) this.#events.report(report);
    if (report.checkpoint !== undefined && report.checkpointStep !== before?.checkpointStep) {
      this.#events.checkpoint(report.checkpoint, report);
    }
    if (report.state === 'failed') {
      const hint = "Look at msg.payload.problem of the progress messages; 'resume' goes on from the last checkpoint.";
      this.#events.failed(new MangaError('INTERNAL', report.problem ?? 'The training failed.', hint));
    }
  }

  /** The session's process ended, or is a new one by now that knows of no run. */
  #lost(cause: MangaError): MangaError {
    const at = this.#last ? ` at step ${this.#last.step} or soon after` : '';
    const hint = `Send msg.action 'resume' to go on from the newest checkpoint in ${this.#out}; 'start' begins anew.`;
    return new MangaError('SESSION_CRASHED', `The training ended${at}. ${cause.message}`, hint, { cause });
  }

  #fail(error: MangaError): void {
    this.#active = false;
    this.#events.failed(error);
  }
}
