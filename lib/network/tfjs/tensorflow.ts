/**
 * TensorFlow's own kernels, by their names: those that TensorFlow.js does not offer, for gradients above all. Only on the
 * backend of tfjs-node.
 */
import type * as core from '@tensorflow/tfjs-core';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

type Attribute = { readonly name: string; readonly type: number; readonly value: unknown };

/** What is used of tfjs-node's backend (nodejs_kernel_backend.js). */
interface NodeBackend {
  readonly binding: Readonly<Record<`TF_${string}`, number>>;
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly T[]): T;
}

/** An op's attributes; `float32` is the attribute T that nearly every op has. */
export interface Attributes {
  readonly float32: Attribute;
  integer(name: string, value: number | readonly number[]): Attribute;
  float(name: string, value: number): Attribute;
  text(name: string, value: string): Attribute;
  boolean(name: string, value: boolean): Attribute;
  type(name: string, value: 'float32' | 'int32'): Attribute;
}

export interface Tensorflow {
  readonly attributes: Attributes;
  /** Runs one op. @returns its only output, which the caller or the tidy around owns */
  run(name: string, attributes: readonly Attribute[], inputs: readonly T[]): T;
}

/** @returns null on another backend */
export function tensorflowOf(tf: Tf): Tensorflow | null {
  if (tf.getBackend() !== 'tensorflow') return null;
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding } = backend;
  const types = { float32: binding.TF_FLOAT!, int32: binding.TF_INT32! };
  const attribute = (kind: string) => (name: string, value: unknown) => ({
    name,
    type: binding[`TF_ATTR_${kind}`]!,
    value,
  });
  const attributes: Attributes = {
    float32: attribute('TYPE')('T', types.float32),
    integer: attribute('INT'),
    float: attribute('FLOAT'),
    text: attribute('STRING'),
    boolean: attribute('BOOL'),
    type: (name, value) => attribute('TYPE')(name, types[value]),
  };
  return { attributes, run: (name, given, inputs) => backend.executeSingleOutput(name, given, inputs) };
}
