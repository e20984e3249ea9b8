import type { TensorData } from '../../engines/engine.ts';

/** A size, or null when it is known only when the graph runs. */
export type Size = number | null;

/** A value of the graph being recorded. Rank-4 values lie channels first (NCHW) under their name. */
export interface OnnxValue {
  /** Name in the graph. A weight has none until an op decides in which order of axes it needs it. */
  readonly name: string;
  /** As blocks see it: images [batch, height, width, channels]. */
  readonly shape: readonly Size[];
  /** Default float32. */
  readonly dtype?: 'float32' | 'uint8';
  /** The data, when this is a weight straight from the checkpoint. */
  readonly weight?: { readonly name: string; readonly data: TensorData };
  /** What a concat of images joined, so that `warp` can take x and y without slicing them out again. */
  readonly parts?: readonly OnnxValue[];
}

/** @returns [B, C, H, W] of [B, H, W, C] */
export function channelsFirst<S>(shape: readonly S[]): S[] {
  return shape.length === 4 ? [shape[0], shape[3], shape[1], shape[2]] : [...shape];
}

/** @throws Error when the two do not broadcast (numpy's rule, equal ranks). */
export function broadcast(a: readonly Size[], b: readonly Size[]): Size[] {
  if (a.length !== b.length) throw new Error(`ranks differ: [${a}] and [${b}]`);
  return a.map((size, i) => {
    const other = b[i];
    if (size === 1) return other;
    if (other === 1) return size;
    if (size === null || other === null) return size ?? other;
    if (size !== other) throw new Error(`sizes differ: [${a}] and [${b}]`);
    return size;
  });
}

/** Reorders axes: axis i of the result is axis order[i] of the data. */
export function permute(tensor: TensorData, order: readonly number[]): TensorData {
  const source = tensor.data;
  const shape = order.map((axis) => tensor.shape[axis]);
  const strides = tensor.shape.map((_, i) => tensor.shape.slice(i + 1).reduce((a, b) => a * b, 1));
  const steps = order.map((axis) => strides[axis]);
  const data = source.slice();
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    data[to] = source[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += steps[axis];
      if (++index[axis] < shape[axis]) break;
      from -= steps[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return { shape, dtype: tensor.dtype, data };
}
