import { MangaError, toMangaError } from '../../errors/manga-error.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../../plan/types.ts';
import type { SessionTrainer } from '../../session/parts.ts';
import type { TrainingAction } from '../../session/training-session.ts';
import { type OpenRun, openRun, type TrainingEngine } from './open-run.ts';

const IDLE: TrainingReport = { state: 'finished', step: 0, steps: 0, losses: {}, rollbacks: 0 };

/**
 * One training run at a time in a session's process.
 * @param engines to try, in this order: the session's own if it trains
 */
export function createSessionTrainer(engines: readonly TrainingEngine[]): SessionTrainer {
  let current: OpenRun | null = null;
  let starting: TrainingReport | null = null;
  let last = IDLE;
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
      if (current || starting) {
        throw new MangaError(
          'BUSY',
          'This session is training already.',
          'Stop that run first, or use another session.',
        );
      }
      starting = { ...IDLE, state: 'starting', steps: settings.steps };
      try {
        const { opened, engine } = await open(plan, settings);
        current = opened;
        last = { ...opened.run.report, engine };
        ended = opened.run
          .run()
          .catch((error) => {
            last = { ...opened.run.report, state: 'failed', problem: toMangaError(error).message };
          })
          .finally(async () => {
            if (opened.run.report.state !== 'failed') last = { ...opened.run.report, engine };
            current = null;
            await opened.close();
          });
        // A run that fails is told of by its report.
        ended.catch(() => {});
      } finally {
        starting = null;
      }
    },
    async controlTraining(action: TrainingAction) {
      if (!current) throw new MangaError('BAD_INPUT', 'This session is not training.', 'Start a run first.');
      current.run.control(action);
    },
    async trainingReport() {
      return current?.run.report ?? starting ?? last;
    },
    async close() {
      current?.run.control('stop');
      await ended;
    },
  };
}
