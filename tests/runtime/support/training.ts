/** Training flows with the defaults of the editor's forms. */

import { NODES, type Wires } from '../../unit/plan-support.ts';
import { node } from './flow.ts';
import type { FlowNode } from './runtime.ts';

const SMALL: Readonly<Record<string, Record<string, unknown>>> = {
  dataset: { photos: 'photos', side: '64', frames: '4' },
  decoder: { trainSide: '64', trainFrames: '4' },
  trainer: { out: 'out', steps: '50', batch: '2', microBatch: '2' },
};

/** @param more fields by node id; a new id needs its type */
export function trainingNodes(wires: Wires, more: Readonly<Record<string, Record<string, unknown>>> = {}): FlowNode[] {
  return [...new Set([...Object.keys(NODES), ...Object.keys(more)])].map((id) => {
    const type = String(NODES[id]?.type ?? more[id]!.type);
    const { wires: _wires, ...fields } = node(id, type, [], { ...SMALL[id], ...more[id] });
    const outputs = [[...(wires[id] ?? [])]];
    // Progress, checkpoints, the plan.
    return { ...fields, wires: id === 'trainer' ? [['progress'], ['checkpoints'], ['plans']] : outputs } as FlowNode;
  });
}
