/** Small training flows, as the editor would save them. */
import { fileReader, type NodeRecord } from '../../lib/plan/config-reader.ts';
import { planFromFlow, type TrainingFlow } from '../../lib/plan/from-flow.ts';

export type Wires = Readonly<Record<string, readonly string[]>>;

/** A chain: the losses in a row. */
export const CHAIN: Wires = {
  dataset: ['encoder'],
  encoder: ['decoder'],
  decoder: ['discriminator'],
  discriminator: ['adversarial'],
  adversarial: ['content'],
  content: ['style'],
  style: ['temporal'],
  temporal: ['trainer'],
};

/** The losses side by side, joined at the trainer. */
export const PARALLEL: Wires = {
  dataset: ['encoder'],
  encoder: ['decoder'],
  decoder: ['discriminator', 'content', 'style', 'temporal'],
  discriminator: ['adversarial'],
  adversarial: ['trainer'],
  content: ['trainer'],
  style: ['trainer'],
  temporal: ['trainer'],
};

/** Node types by id, with the settings that have no default. */
export const NODES: Readonly<Record<string, Record<string, unknown> & { type: string }>> = {
  dataset: { type: 'manga-dataset', session: 'session', kind: 'photos', photos: 'photos', photosType: 'str' },
  encoder: { type: 'manga-encoder', session: 'session', mode: 'content' },
  decoder: { type: 'manga-tcn-decoder', session: 'session' },
  discriminator: { type: 'manga-discriminator' },
  adversarial: { type: 'manga-loss-adversarial' },
  content: { type: 'manga-loss-content', networkType: 'small' },
  style: { type: 'manga-loss-style', networkType: 'small' },
  temporal: { type: 'manga-loss-temporal' },
  trainer: { type: 'manga-trainer', out: 'out', outType: 'str' },
};

/** @param more fields by node id; a new id needs its type */
export function flowOf(wires: Wires, more: Readonly<Record<string, Record<string, unknown>>> = {}): NodeRecord[] {
  const ids = new Set([...Object.keys(NODES), ...Object.keys(more)]);
  const nodes = [...ids].map(
    (id) => ({ id, z: 'tab', name: '', ...NODES[id], ...more[id], wires: [wires[id] ?? []] }) as unknown as NodeRecord,
  );
  return [{ id: 'tab', type: 'tab' }, { id: 'session', type: 'manga-session', engine: 'auto' }, ...nodes];
}

export function planOf(wires: Wires, more?: Parameters<typeof flowOf>[1]): Promise<TrainingFlow> {
  return planFromFlow(flowOf(wires, more), fileReader('/data'));
}
