import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as core from '@tensorflow/tfjs-core';
import type { NodeBackend } from '../tensorflow.ts';
import { savedModel, TAG, tensorName } from './graph-def.ts';
import type { Edge, Node, Recording, Source } from './recording.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** What a run gives; the caller owns the tensors. */
export interface Made {
  readonly outputs: Readonly<Record<string, T>>;
  readonly assigned: ReadonlyMap<core.Variable, T>;
}

/** A recording as a graph in libtensorflow: one call runs it all, optimised, its branches side by side. */
export class GraphSession {
  readonly #tf: Tf;
  readonly #backend: NodeBackend;
  readonly #session: number;
  readonly #sources: readonly Source[];
  readonly #inputNames: string;
  /** Names of what is fetched, each once, and which of them each output and variable is. */
  readonly #fetches: readonly string[];
  readonly #outputs: readonly (readonly [string, number])[];
  readonly #assigned: readonly (readonly [core.Variable, number])[];

  /** @throws Error with libtensorflow's words when it refuses the graph */
  constructor(tf: Tf, recording: Recording) {
    this.#tf = tf;
    this.#backend = tf.backend() as unknown as NodeBackend;
    const fetches: string[] = [];
    const copies: Node[] = [];
    const fetched = (edge: Edge): number => {
      // What goes in cannot come out itself.
      const from = edge.node.source ? copyOf(edge, this.#backend.binding) : edge;
      if (from !== edge && !copies.some(({ name }) => name === from.node.name)) copies.push(from.node);
      const name = tensorName(from);
      const before = fetches.indexOf(name);
      return before >= 0 ? before : fetches.push(name) - 1;
    };
    this.#outputs = Object.entries(recording.outputs).map(([name, edge]) => [name, fetched(edge)]);
    this.#assigned = [...recording.assigned].map(([variable, edge]) => [variable, fetched(edge)]);
    this.#fetches = fetches;
    const needed = neededBy([...Object.values(recording.outputs), ...recording.assigned.values()]);
    const nodes = [...recording.nodes.filter((node) => needed.has(node)), ...copies];
    const given = nodes.filter(({ source }) => source);
    this.#inputNames = given.map((node) => tensorName({ node, output: 0 })).join();
    this.#sources = given.map(({ source }) =>
      source!.kind === 'kept' ? { kind: 'kept', tensor: tf.keep(tf.clone(source!.tensor)) } : source!,
    );
    this.#session = load(this.#backend.binding, savedModel(this.#backend.binding, nodes));
  }

  /** @param inputs by the names that they were recorded with */
  run(inputs: Readonly<Record<string, T>>): Made {
    const tensors = this.#sources.map((source) => {
      if (source.kind === 'variable') return source.variable;
      return source.kind === 'input' ? inputs[source.name]! : source.tensor;
    });
    const ids = this.#backend.getInputTensorIds(tensors);
    const handles = this.#backend.binding.runSavedModel(this.#session, ids, this.#inputNames, this.#fetches.join());
    const made = this.#tf.tidy(() => {
      const fetched = handles.map((handle) => this.#backend.createOutputTensor(handle));
      // Of one tensor that is wanted twice, each gets its own.
      const own = (index: number) => this.#tf.keep(this.#tf.clone(fetched[index]!));
      return {
        outputs: Object.fromEntries(this.#outputs.map(([name, index]) => [name, own(index)])),
        assigned: new Map(this.#assigned.map(([variable, index]) => [variable, own(index)])),
      } as unknown as core.TensorContainer;
    });
    return made as unknown as Made;
  }

  dispose(): void {
    this.#backend.binding.deleteSavedModel(this.#session);
    for (const source of this.#sources) if (source.kind === 'kept') source.tensor.dispose();
  }
}

function copyOf(edge: Edge, binding: NodeBackend['binding']): Edge {
  const type = { name: 'T', type: binding.TF_ATTR_TYPE!, value: edge.node.value!.dtype };
  return { node: { name: `${edge.node.name}_copy`, op: 'Identity', attributes: [type], inputs: [edge] }, output: 0 };
}

function neededBy(edges: readonly Edge[]): Set<Node> {
  const needed = new Set<Node>();
  const waiting = edges.map(({ node }) => node);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    waiting.push(...node.inputs.map((input) => input.node));
  }
  return needed;
}

/** libtensorflow reads graphs from a folder only. */
function load(binding: NodeBackend['binding'], model: Uint8Array): number {
  const folder = mkdtempSync(join(tmpdir(), 'motion-manga-graph-'));
  try {
    writeFileSync(join(folder, 'saved_model.pb'), model);
    return binding.loadSavedModel(folder, TAG);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
