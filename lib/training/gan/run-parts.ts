import type { TrainingReport } from '../../plan/types.ts';
import type { GanStep } from './gan-trainer.ts';
import type { LoadedRun, RunState } from './run-folder.ts';
import type { RunRecord } from './run-record.ts';

/** What a run needs done, and tells. */
export interface RunEvents {
  /** After every step, and after a save while paused. */
  onStep?(report: TrainingReport): void;
  /** Writes the exported checkpoint that sessions draw with. @param seconds of training so far @returns its path */
  export(step: number, seconds: number): Promise<string>;
  /** Writes a strip of pictures. @returns its path */
  sample(step: number): Promise<string>;
  /** Seconds that the data source waited. */
  waited(): number;
  /** What the data are, and what of them cannot be used so far. */
  data(): Pick<TrainingReport, 'data' | 'skipped'>;
}

/** What became of a step. */
export type Attempt =
  | { readonly kind: 'done'; readonly result: GanStep }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'left' };

/** What a run goes back to: the state after so many steps. */
export interface SafePoint {
  readonly step: number;
  readonly state: RunState;
}

/** Where a run comes from, and what its states keep of it. */
export interface RunOrigin {
  /** The state that it goes on from. */
  readonly resumed?: LoadedRun;
  readonly record: RunRecord;
}
