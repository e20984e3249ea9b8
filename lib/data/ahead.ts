import { FIELD_CHANNELS } from './batch.ts';
import { PAGE_SIDE } from './crops.ts';

/** What waits to be trained on may take so much memory, bytes. */
const MOST_BYTES = 256e6;
const LEAST = 4;

interface StepSizes {
  /** Samples an optimiser step, and samples a micro-batch. */
  readonly batch: number;
  readonly microBatch: number;
  /** Side of the crops, pixels, and frames of a sequence. */
  readonly side: number;
  readonly frames: number;
}

/**
 * Micro-batches to make ahead: those of the step that comes and of the one after it, since a step takes all of its own before
 * it computes; fewer where they are large.
 */
export function batchesAhead({ batch, microBatch, side, frames }: StepSizes): number {
  const pixels = side * side;
  // Photo, layers, sequence; position and fields at a quarter of the side; the page.
  const values = pixels * (3 + 4 + frames) + (pixels / 16) * (2 + FIELD_CHANNELS) + PAGE_SIDE ** 2;
  const fitting = Math.floor(MOST_BYTES / (microBatch * values * Float32Array.BYTES_PER_ELEMENT));
  return Math.max(LEAST, Math.min((2 * batch) / microBatch, fitting));
}
