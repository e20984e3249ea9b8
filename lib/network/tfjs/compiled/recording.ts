import { createHash } from 'node:crypto';
import type * as core from '@tensorflow/tfjs-core';
import type { Attribute, NodeBackend } from '../tensorflow.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** Where a value comes from that a graph is given: an input by name, a variable, or a tensor that stays as it is. */
export type Source =
  | { readonly kind: 'input'; readonly name: string }
  | { readonly kind: 'variable'; readonly variable: core.Variable }
  | { readonly kind: 'kept'; readonly tensor: T };

/** One output of a node. */
export interface Edge {
  readonly node: Node;
  readonly output: number;
}

export interface Node {
  readonly name: string;
  readonly op: string;
  readonly attributes: readonly Attribute[];
  readonly inputs: readonly Edge[];
  /** Of placeholders and constants; `dtype` in TensorFlow's numbers. */
  readonly value?: { readonly shape: readonly number[]; readonly dtype: number };
  readonly source?: Source;
  /** Of constants: elements as they lie in memory. */
  readonly bytes?: Uint8Array;
}

/** The operations that a function ran, each that was run twice on the same values once. */
export interface Recording {
  /** Every node after those that it reads. */
  readonly nodes: readonly Node[];
  /** What the function returned. */
  readonly outputs: Readonly<Record<string, Edge>>;
  /** Variables that it assigned to, and their new values. */
  readonly assigned: ReadonlyMap<core.Variable, Edge>;
}

type Binding = NodeBackend['binding'];

/**
 * Runs a function of tensors eagerly on TensorFlow and writes down every operation. Numbers that the function makes tensors
 * of become constants: what changes from call to call has to come in as a tensor.
 * @param inputs by name @param body may read and assign variables; it must not read tensors back
 * @returns what was run, and what the function returned, which the caller or the tidy around owns
 * @throws Error when the function does what a graph cannot
 */
export function record(
  tf: Tf,
  inputs: Readonly<Record<string, T>>,
  body: () => Readonly<Record<string, T>>,
): { recording: Recording; results: Readonly<Record<string, T>> } {
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding, getInputTensorIds } = backend;
  const idOf = (tensor: T): number => getInputTensorIds.call(backend, [tensor])[0]!;
  const nodes: Node[] = [];
  const known = new Map<string, Node>();
  const edges = new Map<number, Edge>();
  const sources = new Map<number, Source>();
  const tensors = new Map<number, T>();

  const add = (key: string, node: Omit<Node, 'name'>): Node => {
    const before = known.get(key);
    if (before) return before;
    const added = { name: `n${nodes.length}`, ...node };
    nodes.push(added);
    known.set(key, added);
    return added;
  };
  const given = (id: number): Edge => {
    const tensor = tensors.get(id);
    if (!tensor) throw new Error('an operation reads a value that no tensor holds');
    const value = { shape: tensor.shape, dtype: backend.getDTypeInteger(tensor.dtype) };
    const source = sources.get(id) ?? { kind: 'kept', tensor };
    const node = add(`given ${id}`, { op: 'Placeholder', attributes: [], inputs: [], value, source });
    return { node, output: 0 };
  };
  const edgeOf = (id: number): Edge => {
    const edge = edges.get(id) ?? given(id);
    edges.set(id, edge);
    return edge;
  };

  const executeOp: Binding['executeOp'] = (op, attributes, ids, count) => {
    const from = ids.map(edgeOf);
    const made = binding.executeOp(op, attributes, ids, count);
    const key = `${op} ${JSON.stringify(attributes)} ${from.map(({ node, output }) => `${node.name}:${output}`)}`;
    const node = add(key, { op, attributes: [...attributes], inputs: from });
    made.forEach(({ id }, output) => {
      edges.set(id, { node, output });
    });
    return made;
  };
  const createTensor: Binding['createTensor'] = (shape, dtype, values) => {
    if (!ArrayBuffer.isView(values)) throw new Error('a constant is no array of numbers');
    const id = binding.createTensor(shape, dtype, values);
    const bytes = Uint8Array.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    const key = `constant ${dtype} ${shape} ${createHash('sha1').update(bytes).digest('hex')}`;
    const node = add(key, { op: 'Const', attributes: [], inputs: [], value: { shape: [...shape], dtype }, bytes });
    edges.set(id, { node, output: 0 });
    return id;
  };
  const tensorDataSync: Binding['tensorDataSync'] = () => {
    throw new Error('a value is read back');
  };

  for (const variable of variablesOf(tf)) sources.set(idOf(variable), { kind: 'variable', variable });
  for (const [name, tensor] of Object.entries(inputs)) sources.set(idOf(tensor), { kind: 'input', name });
  const before = new Map(variablesOf(tf).map((variable) => [variable, variable.dataId]));
  const property = (value: unknown) => ({ value, enumerable: true });
  backend.binding = Object.create(binding, {
    executeOp: property(executeOp),
    createTensor: property(createTensor),
    tensorDataSync: property(tensorDataSync),
  });
  const recorder = backend.binding;
  // Values reach libtensorflow when they are first used: those from before are no constants of the function's.
  const { write } = backend;
  const written = new Set<object>();
  backend.write = (...values) => {
    const dataId = write.apply(backend, values);
    written.add(dataId);
    return dataId;
  };
  backend.getInputTensorIds = (asked) => {
    backend.binding = binding;
    for (const tensor of asked) if (!written.has(tensor.dataId)) idOf(tensor);
    backend.binding = recorder;
    const ids = getInputTensorIds.call(backend, asked);
    asked.forEach((tensor, i) => {
      tensors.set(ids[i]!, tensor);
    });
    return ids;
  };
  try {
    const results = body();
    const edgeOfTensor = (tensor: T) => edgeOf(backend.getInputTensorIds([tensor])[0]!);
    const outputs = Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, edgeOfTensor(tensor)]));
    const assigned = new Map<core.Variable, Edge>();
    for (const [variable, dataId] of before)
      if (variable.dataId !== dataId) assigned.set(variable, edgeOfTensor(variable));
    return { recording: { nodes, outputs, assigned }, results };
  } finally {
    backend.binding = binding;
    // The methods of the class again.
    for (const method of ['getInputTensorIds', 'write']) Reflect.deleteProperty(backend, method);
  }
}

/** All that are alive. */
export function variablesOf(tf: Tf): core.Variable[] {
  return Object.values(tf.engine().registeredVariables);
}
