import type { Program, TensorData, Weights } from '../lib/engines/engine.ts';
import { GraphRecorder } from '../lib/network/onnx/graph-recorder.ts';
import { OnnxOps } from '../lib/network/onnx/ops.ts';
import type { OnnxValue } from '../lib/network/onnx/value.ts';

const product = (sizes: readonly (number | null)[]): number => sizes.reduce<number>((a, b) => a * b!, 1);

/** A weight as the ONNX interpreter takes it. */
export function weightValue(name: string, data: TensorData): OnnxValue {
  return { name, shape: data.shape, weight: { name, data } };
}

/** Records a graph and counts its multiplications with additions (MAC) in convolutions and dense layers; needs fixed sizes. */
export class CountingOps extends OnnxOps {
  macs = 0;

  override conv2d(x: OnnxValue, filter: OnnxValue, bias: OnnxValue | null, stride: 1 | 2): OnnxValue {
    const y = super.conv2d(x, filter, bias, stride);
    this.macs += product(y.shape.slice(0, 3)) * product(filter.shape);
    return y;
  }

  override dense(x: OnnxValue, w: OnnxValue, b: OnnxValue | null): OnnxValue {
    this.macs += product(x.shape.slice(0, -1)) * product(w.shape);
    return super.dense(x, w, b);
  }
}

/** MAC of one run. @param sizes the size of each named axis of the program's inputs */
export function countMacs(program: Program, weights: Weights, sizes: Readonly<Record<string, number>>): number {
  const ops = new CountingOps(new GraphRecorder());
  const inputs = Object.entries(program.inputs).map(([name, axes]): [string, OnnxValue] => [
    name,
    { name, shape: axes.map((axis) => (typeof axis === 'number' ? axis : sizes[axis]!)) },
  ]);
  program.build(ops, (name) => weightValue(name, weights.tensors.get(name)!), Object.fromEntries(inputs));
  return ops.macs;
}
