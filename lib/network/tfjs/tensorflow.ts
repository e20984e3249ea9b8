/**
 * TensorFlow's own kernels, by their names: those that TensorFlow.js does not offer, for gradients above all. Only on the
 * backend of tfjs-node.
 */
import type * as core from '@tensorflow/tfjs-core';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

export type Attribute = { readonly name: string; readonly type: number; readonly value: unknown };

/** A tensor as libtensorflow holds it; `dtype` in its own numbers. */
export interface TensorHandle {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

/** What is used of tfjs-node's native part (tfjs_binding.cc). */
interface Binding extends Readonly<Record<`TF_${string}`, number>> {
  executeOp(op: string, attributes: readonly Attribute[], inputs: readonly number[], outputs: number): TensorHandle[];
  createTensor(shape: readonly number[], dtype: number, values: ArrayLike<number>): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): Float32Array;
  loadSavedModel(folder: string, tag: string): number;
  runSavedModel(session: number, inputs: readonly number[], inputNames: string, outputNames: string): TensorHandle[];
  deleteSavedModel(session: number): void;
}

/** What is used of tfjs-node's backend (nodejs_kernel_backend.js). */
export interface NodeBackend {
  binding: Binding;
  readonly isUsingGpuDevice: boolean;
  getDTypeInteger(dtype: core.DataType): number;
  getInputTensorIds(tensors: readonly T[]): number[];
  createOutputTensor(handle: TensorHandle): T;
  write(values: core.DataValues, shape: number[], dtype: core.DataType): object;
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly T[]): T;
}

/** An op's attributes; `float32` is the attribute T that nearly every op has. */
export interface Attributes {
  readonly float32: Attribute;
  integer(name: string, value: number | readonly number[]): Attribute;
  float(name: string, value: number): Attribute;
  text(name: string, value: string): Attribute;
  boolean(name: string, value: boolean): Attribute;
}

export interface Tensorflow {
  /** Computes on the processor: tensors lie in host memory. */
  readonly onProcessor: boolean;
  readonly attributes: Attributes;
  /** Runs one op. @returns its only output, which the caller or the tidy around owns */
  run(name: string, attributes: readonly Attribute[], inputs: readonly T[]): T;
}

/** @returns null on another backend */
export function tensorflowOf(tf: Tf): Tensorflow | null {
  if (tf.getBackend() !== 'tensorflow') return null;
  const backend = tf.backend() as unknown as NodeBackend;
  const { binding } = backend;
  const attribute = (kind: string) => (name: string, value: unknown) => ({
    name,
    type: binding[`TF_ATTR_${kind}`]!,
    value,
  });
  const attributes: Attributes = {
    float32: attribute('TYPE')('T', binding.TF_FLOAT),
    integer: attribute('INT'),
    float: attribute('FLOAT'),
    text: attribute('STRING'),
    boolean: attribute('BOOL'),
  };
  return {
    onProcessor: !backend.isUsingGpuDevice,
    attributes,
    run: (name, given, inputs) => backend.executeSingleOutput(name, given, inputs),
  };
}
