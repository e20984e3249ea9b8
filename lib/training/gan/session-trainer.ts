import { MangaError } from '../../errors/manga-error.ts';
import { throwIfAborted } from '../../media/abort.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../../plan/types.ts';
import type { SessionTrainer } from '../../session/parts.ts';
import type { TrainingAction } from '../../session/training-session.ts';
import { onFirstEngine } from './first-engine.ts';
import { type OpenRun, openRun, type TrainingEngine } from './open-run.ts';

/** A run that is being opened. */
interface Starting {
  report: TrainingReport;
  readonly abort: AbortController;
  /** What it was told meanwhile, for when it runs. */
  readonly told: TrainingAction[];
  /** Opened, failed or given up. */
  readonly over: Promise<void>;
}

/**
 * One training run at a time in a session's process.
 * @param engines to try, in this order: the session's own if it trains
 */
export function createSessionTrainer(engines: readonly TrainingEngine[]): SessionTrainer {
  let current: OpenRun | null = null;
  let starting: Starting | null = null;
  let last: TrainingReport | null = null;
  let ended: Promise<void> = Promise.resolve();

  async function open(plan: Plan, settings: TrainerSettings, { abort, told }: Starting): Promise<void> {
    const { signal } = abort;
    const opened = await onFirstEngine(engines, (engine) => openRun(plan, settings, engine, { signal }));
    if (signal.aborted) await opened.close();
    throwIfAborted(signal);
    const { run } = opened;
    for (const action of told) run.control(action);
    current = opened;
    ended = run
      .run()
      // Told of by the report.
      .catch(() => {})
      .finally(async () => {
        last = run.report;
        current = null;
        await opened.close();
      });
    ended.catch(() => {});
  }

  function giveUp(): void {
    if (!starting) return;
    starting.abort.abort();
    starting.report = { ...starting.report, state: 'stopping' };
  }

  return {
    async startTraining(plan, settings) {
      // A run that was told to stop finishes its step and saves; one that was opened only is closed.
      if (current?.run.report.state === 'stopping') await ended;
      if (starting?.abort.signal.aborted) await starting.over;
      if (current || starting) {
        throw new MangaError(
          'BUSY',
          'This session is training already.',
          'Stop that run first, or use another session.',
        );
      }
      let resolve = (): void => {};
      const over = new Promise<void>((settled) => {
        resolve = settled;
      });
      const report: TrainingReport = { state: 'starting', step: 0, steps: settings.steps, losses: {}, rollbacks: 0 };
      const mine: Starting = { report, abort: new AbortController(), told: [], over };
      starting = mine;
      try {
        await open(plan, settings, mine);
      } catch (error) {
        if (mine.abort.signal.aborted) last = { ...report, state: 'finished' };
        throw error;
      } finally {
        starting = null;
        resolve();
      }
    },
    /** What a run is told while it is being opened counts from its first step on; 'stop' gives it up: startTraining rejects CANCELLED. */
    async controlTraining(action: TrainingAction) {
      if (current) return current.run.control(action);
      if (!starting) throw new MangaError('BAD_INPUT', 'This session is not training.', 'Start a run first.');
      if (action === 'stop') giveUp();
      else starting.told.push(action);
    },
    async trainingReport() {
      const report = current?.run.report ?? starting?.report ?? last;
      if (report) return report;
      throw new MangaError('BAD_INPUT', "The session's process knows of no training: it was started anew.");
    },
    tensors: () => current?.tensors() ?? 0,
    async close() {
      giveUp();
      await starting?.over;
      current?.run.leave();
      await ended;
    },
  };
}
