import type { Plan, TrainerSettings, TrainingReport } from '../../plan/types.ts';
import { openRun, type TrainingEngine } from './open-run.ts';

export interface RunPlanOptions {
  readonly engine: TrainingEngine;
  /** Aborting stops after the step that is running, and saves. */
  readonly signal?: AbortSignal;
  onStep?(report: TrainingReport): void;
}

/**
 * Trains what a plan says, in this process, to the end of the run or until the signal.
 * @throws MangaError as {@link openRun}, and INTERNAL when learning breaks for good
 */
export async function runPlan(plan: Plan, settings: TrainerSettings, options: RunPlanOptions): Promise<void> {
  const { run, close } = await openRun(plan, settings, options.engine, options.onStep);
  const stop = () => run.control('stop');
  options.signal?.addEventListener('abort', stop);
  if (options.signal?.aborted) stop();
  try {
    await run.run();
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await close();
  }
}
