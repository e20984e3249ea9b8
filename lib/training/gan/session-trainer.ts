import { MangaError } from '../../errors/manga-error.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../../plan/types.ts';
import type { SessionTrainer } from '../../session/parts.ts';
import type { TrainingAction } from '../../session/training-session.ts';
import { type OpenRun, openRun, type TrainingEngine } from './open-run.ts';

/**
 * One training run at a time in a session's process.
 * @param engines to try, in this order: the session's own if it trains
 */
export function createSessionTrainer(engines: readonly TrainingEngine[]): SessionTrainer {
  let current: { readonly opened: OpenRun; readonly engine: TrainingEngine } | null = null;
  let starting: TrainingReport | null = null;
  let last: TrainingReport | null = null;
  let ended: Promise<void> = Promise.resolve();

  async function open(plan: Plan, settings: TrainerSettings): Promise<{ opened: OpenRun; engine: TrainingEngine }> {
    let failure: unknown;
    for (const engine of engines) {
      try {
        return { opened: await openRun(plan, settings, engine), engine };
      } catch (error) {
        failure ??= error;
        if (!(error instanceof MangaError && error.code === 'ENGINE_MISSING')) throw error;
      }
    }
    throw failure;
  }

  return {
    async startTraining(plan, settings) {
      // A run that was told to stop finishes its step and saves.
      if (current?.opened.run.report.state === 'stopping') await ended;
      if (current || starting) {
        throw new MangaError(
          'BUSY',
          'This session is training already.',
          'Stop that run first, or use another session.',
        );
      }
      starting = { state: 'starting', step: 0, steps: settings.steps, losses: {}, rollbacks: 0 };
      try {
        const { opened, engine } = await open(plan, settings);
        const { run } = opened;
        current = { opened, engine };
        ended = run
          .run()
          // Told of by the report.
          .catch(() => {})
          .finally(async () => {
            last = { ...run.report, engine };
            current = null;
            await opened.close();
          });
        ended.catch(() => {});
      } finally {
        starting = null;
      }
    },
    async controlTraining(action: TrainingAction) {
      if (!current) throw new MangaError('BAD_INPUT', 'This session is not training.', 'Start a run first.');
      current.opened.run.control(action);
    },
    async trainingReport() {
      if (current) return { ...current.opened.run.report, engine: current.engine };
      const report = starting ?? last;
      if (report) return report;
      throw new MangaError('BAD_INPUT', "The session's process knows of no training: it was started anew.");
    },
    tensors: () => current?.opened.tensors() ?? 0,
    async close() {
      current?.opened.run.leave();
      await ended;
    },
  };
}
