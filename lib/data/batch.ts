import { LAYERS } from '../network/blocks/canonical-decoder.ts';
import { FLOW_BASES } from '../render/depth.ts';
import { PAGE_SIDE } from './crops.ts';
import type { TrainingBatch } from './types.ts';

export const FIELD_CHANNELS = 1 + 2 * FLOW_BASES;

/** One sample's part of a batch's arrays: the same without B. */
export interface SampleArrays {
  readonly photo: Float32Array;
  readonly page: Float32Array;
  readonly position: Float32Array;
  readonly layers: Float32Array | null;
  readonly fields: Float32Array | null;
  readonly real: Float32Array | null;
}

/** @param has which of the optional arrays the batch brings */
export function emptyBatch(
  { batch: size, side, frames }: { batch: number; side: number; frames: number },
  has: { layers: boolean; real: boolean },
): TrainingBatch {
  const quarter = side / 4;
  return {
    size,
    frames,
    side,
    photo: new Float32Array(size * side * side * 3),
    page: new Float32Array(size * PAGE_SIDE * PAGE_SIDE),
    position: new Float32Array(size * quarter * quarter * 2),
    layers: has.layers ? new Float32Array(size * side * side * LAYERS) : null,
    fields: has.layers ? new Float32Array(size * quarter * quarter * FIELD_CHANNELS) : null,
    real: has.real ? new Float32Array(size * frames * side * side) : null,
  };
}

export function sampleArrays(batch: TrainingBatch, index: number): SampleArrays {
  const part = (all: Float32Array) => {
    const length = all.length / batch.size;
    return all.subarray(index * length, (index + 1) * length);
  };
  return {
    photo: part(batch.photo),
    page: part(batch.page),
    position: part(batch.position),
    layers: batch.layers && part(batch.layers),
    fields: batch.fields && part(batch.fields),
    real: batch.real && part(batch.real),
  };
}

/** The memory to hand over when a batch goes to another thread. */
export function buffersOf(batch: TrainingBatch): ArrayBuffer[] {
  return [batch.photo, batch.page, batch.position, batch.layers, batch.fields, batch.real]
    .filter((array) => array !== null)
    .map((array) => array.buffer as ArrayBuffer);
}
