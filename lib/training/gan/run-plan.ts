import type { Plan, TrainerSettings, TrainingReport } from '../../plan/types.ts';
import { onFirstEngine } from './first-engine.ts';
import { openRun, type TrainingEngine } from './open-run.ts';

export interface RunPlanOptions {
  /** The first of these that is there. */
  readonly engines: readonly TrainingEngine[];
  /** Aborting stops and saves; a long step whose beginning is safe is left, see {@link TrainingRun.leave}. */
  readonly signal?: AbortSignal;
  onStep?(report: TrainingReport): void;
}

/**
 * Trains what a plan says, in this process, to the end of the run or until the signal.
 * @throws MangaError as {@link openRun}, CANCELLED when the signal came before the run began, INTERNAL when learning breaks for good
 */
export async function runPlan(plan: Plan, settings: TrainerSettings, options: RunPlanOptions): Promise<void> {
  const { engines, signal, onStep } = options;
  const { run, close } = await onFirstEngine(engines, (engine) => openRun(plan, settings, engine, { onStep, signal }));
  const stop = () => run.leave();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    await run.run();
  } finally {
    signal?.removeEventListener('abort', stop);
    await close();
  }
}
