import type { RandomState } from '../random.ts';

/** One micro-batch. Images row-major, values as the network sees them. */
export interface TrainingBatch {
  readonly size: number;
  /** T frames of a sequence. */
  readonly frames: number;
  readonly side: number;
  /** [B,S,S,3] in -1..1 */
  readonly photo: Float32Array;
  /** [B,P,P,1] in -1..1, P = 128: a page in the style to draw in. */
  readonly page: Float32Array;
  /** [B,S/4,S/4,2], motion/position-map.ts */
  readonly position: Float32Array;
  /** Paired with the photo: the teacher's layers [B,S,S,4] and fields [B,S/4,S/4,1+2K]; null without a teacher's drawing. */
  readonly layers: Float32Array | null;
  readonly fields: Float32Array | null;
  /**
   * Real sequences that are not renderings of `layers`: [B,T,S,S,1] in 0..1 (255 paper = 1). Null: the trainer renders
   * x from `layers` and `fields` under the same camera as the generated sequence.
   */
  readonly real: Float32Array | null;
}

/** Where training data come from. Decoding and drawing run ahead in worker threads. */
export interface DataSource {
  /** For people: how many photos, pages, clips; what was skipped and why. */
  readonly summary: string;
  /** Same state, same batch: the order is a function of `random` alone, whatever the workers' speed. */
  next(random: RandomState): Promise<{ batch: TrainingBatch; random: RandomState }>;
  /** Seconds that next() waited for workers since the start. */
  readonly waitedSeconds: number;
  close(): Promise<void>;
}
