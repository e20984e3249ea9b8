import type { TensorData } from '../../engines/engine.ts';
import { MangaError } from '../../errors/manga-error.ts';
import type { Attribute, OnnxConstant, OnnxGraph, OnnxNode, OnnxPort } from './model.ts';

/** An output port and the name of the value it shows. */
export interface OutputValue {
  readonly port: OnnxPort;
  readonly value: string;
}

/**
 * Collects the nodes and constants of one graph. Equal constants, and nodes of equal type, inputs and attributes, are
 * kept once; {@link finish} leaves out what no output needs.
 */
export class GraphRecorder {
  readonly #nodes: OnnxNode[] = [];
  readonly #constants = new Map<string, OnnxConstant>();
  readonly #known = new Map<string, string>();
  #counter = 0;

  /** Records a node. An empty input name leaves an optional input out. @returns the name of its one output */
  node(type: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string {
    const key = JSON.stringify([type, inputs, attributes]);
    return this.#once(key, () => {
      const output = `${type}#${this.#counter++}`;
      this.#nodes.push({ type, inputs, output, attributes });
      return output;
    });
  }

  /** A number as float32, without axes. */
  scalar(value: number): string {
    return this.floats([], [value]);
  }

  floats(shape: readonly number[], values: readonly number[]): string {
    return this.#once(`float ${shape.join(',')}: ${values.join(',')}`, () =>
      this.#constant({ shape, dtype: 'float32', data: Float32Array.from(values) }),
    );
  }

  /** A vector of integers (shapes, axes). */
  ints(...values: number[]): string {
    return this.#once(`ints ${values.join(',')}`, () => this.#constant({ shape: [values.length], int64: values }));
  }

  /** An integer without axes. */
  int(value: number): string {
    return this.#once(`int ${value}`, () => this.#constant({ shape: [], int64: [value] }));
  }

  /** A weight, under its own name. @param make called once, also when the weight is asked for again */
  weight(name: string, make: () => TensorData): string {
    if (!this.#constants.has(name)) this.#constants.set(name, make());
    return name;
  }

  #constant(value: OnnxConstant): string {
    const name = `const#${this.#counter++}`;
    this.#constants.set(name, value);
    return name;
  }

  #once(key: string, make: () => string): string {
    let name = this.#known.get(key);
    if (name === undefined) {
      name = make();
      this.#known.set(key, name);
    }
    return name;
  }

  /** The nodes that lead to these values, in order. */
  #neededBy(values: readonly string[]): OnnxNode[] {
    const needed = new Set(values);
    const nodes: OnnxNode[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!needed.has(node.output)) continue;
      nodes.push(node);
      for (const input of node.inputs) needed.add(input);
    }
    return nodes.reverse();
  }

  /** @returns the graph, without what no output needs */
  finish(name: string, inputs: readonly OnnxPort[], outputs: readonly OutputValue[]): OnnxGraph {
    for (const { name: port } of [...inputs, ...outputs.map((output) => output.port)]) {
      if (this.#constants.has(port)) {
        throw new MangaError(
          'INTERNAL',
          `Program "${name}" has a weight and an input or output of the same name "${port}".`,
        );
      }
    }
    const nodes = this.#neededBy(outputs.map(({ value }) => value));
    const { renamed, copies } = nameOutputs(nodes, outputs);
    const needed = new Set([...renamed, ...copies].flatMap((node) => node.inputs));
    return {
      name,
      nodes: [...renamed, ...copies],
      constants: new Map([...this.#constants].filter(([key]) => needed.has(key))),
      inputs,
      outputs: outputs.map((output) => output.port),
    };
  }
}

/**
 * Gives values the names of the output ports. What is an output twice, an input or a weight keeps its name and is
 * copied: ONNX Runtime does not leave out such a copy, so the rest is renamed.
 */
function nameOutputs(nodes: readonly OnnxNode[], outputs: readonly OutputValue[]) {
  const computed = new Set(nodes.map(({ output }) => output));
  const names = new Map<string, string>();
  for (const { port, value } of outputs) {
    if (computed.has(value) && !names.has(value)) names.set(value, port.name);
  }
  const rename = (value: string) => names.get(value) ?? value;
  const renamed = nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename), output: rename(node.output) }));
  const copies: OnnxNode[] = outputs
    .filter(({ port, value }) => names.get(value) !== port.name)
    .map(({ port, value }) => ({ type: 'Identity', inputs: [rename(value)], output: port.name, attributes: {} }));
  return { renamed, copies };
}
