import type * as core from '@tensorflow/tfjs-core';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;
type Gradient = (dy: T, saved: T[], attrs: { readonly axis?: number | number[] }) => Record<string, () => T>;

/**
 * Replaces gradients of TensorFlow.js by ones of fewer whole-tensor operations, with the same values: the library reshapes
 * to the shape that a tensor has already, multiplies by ones to repeat, and takes a step function of five operations for a
 * sign. For every user of the library in this process.
 */
export function registerLeanGradients(tf: Tf): void {
  const register = (kernelName: string, inputsToSave: string[], gradFunc: Gradient) =>
    tf.registerGradient({ kernelName, inputsToSave, gradFunc: gradFunc as unknown as core.GradFunc });

  register('Add', ['a', 'b'], (dy, [a, b]) => ({ a: () => summedTo(tf, dy, a!), b: () => summedTo(tf, dy, b!) }));
  register('Sub', ['a', 'b'], (dy, [a, b]) => ({
    a: () => summedTo(tf, dy, a!),
    b: () => tf.neg(summedTo(tf, dy, b!)),
  }));
  register('Multiply', ['a', 'b'], (dy, [a, b]) => ({
    a: () => summedTo(tf, tf.mul(dy, b!), a!),
    b: () => summedTo(tf, tf.mul(dy, a!), b!),
  }));
  register('Abs', ['x'], (dy, [x]) => ({ x: () => tf.mul(dy, tf.sign(x!)) }));
  register('Relu', ['x'], (dy, [x]) => ({ x: () => tf.mul(dy, tf.cast(tf.greater(x!, 0), 'float32')) }));
  register('Sum', ['x'], (dy, [x], { axis }) => ({ x: () => repeated(tf, dy, x!, axis) }));
  register('Mean', ['x'], (dy, [x], { axis }) => ({
    x: () => repeated(tf, tf.mul(dy, dy.size / x!.size), x!, axis),
  }));
}

/** Sums over the axes along which `like` was broadcast. */
function summedTo(tf: Tf, dy: T, like: T): T {
  const lead = dy.rank - like.rank;
  const axes = dy.shape.flatMap((size, axis) => (axis < lead || like.shape[axis - lead] !== size ? axis : []));
  // A tensor of its own: the library frees gradients one by one.
  if (axes.length === 0) return tf.clone(dy);
  const sum = tf.sum(dy, axes, lead === 0);
  return lead === 0 ? sum : tf.reshape(sum, like.shape);
}

/** The same value at every place that was summed over. */
function repeated(tf: Tf, dy: T, x: T, axis: number | number[] | undefined): T {
  const axes = tf.util.parseAxisParam(axis as number[], x.shape);
  const kept = x.shape.map((size, i) => (axes.includes(i) ? 1 : size));
  return tf.tile(
    tf.reshape(dy, kept),
    x.shape.map((size, i) => size / kept[i]!),
  );
}
