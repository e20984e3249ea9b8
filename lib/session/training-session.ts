import type { Plan, TrainerSettings, TrainingReport } from '../plan/types.ts';

/** What can be told a run that goes on. */
export type TrainingAction = 'pause' | 'resume' | 'stop' | 'save';

/** A session that trains. One run at a time; every method rejects with MangaError. */
export interface TrainingSession {
  /** Compiles the plan and begins to train. Rejects when the plan cannot run here, or a run goes on already (BUSY). */
  startTraining(plan: Plan, settings: TrainerSettings): Promise<void>;
  /** Takes effect after the step that is running. 'stop' saves first. */
  controlTraining(action: TrainingAction): Promise<void>;
  /** How far the run is, or how the last one ended. */
  trainingReport(): Promise<TrainingReport>;
}
