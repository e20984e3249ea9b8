/** On TensorFlow training runs its native kernels, elsewhere what TensorFlow.js composes: both give the same, backwards too. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type * as core from '@tensorflow/tfjs-core';
import type { Ops } from '../../lib/network/ops.ts';
import { createTfjsOps, portableOps } from '../../lib/network/tfjs/ops.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';
import { pattern } from '../golden/golden.ts';
import { withoutLeak, withTensorflow } from '../unit/training-support.ts';

type T = core.Tensor;
type Build = (ops: Ops<T>, x: readonly T[]) => T;

const TOLERANCE = 2e-5;

/** Name, input shapes, what is built. */
const cases: readonly [string, readonly number[][], Build][] = [
  ['conv2d', [[2, 7, 9, 3], [3, 3, 3, 5], [5]], (ops, [x, w, b]) => ops.conv2d(x!, w!, b!, 1)],
  ['conv2d, stride 2', [[2, 8, 9, 3], [5, 5, 3, 4], [4]], (ops, [x, w, b]) => ops.conv2d(x!, w!, b!, 2)],
  [
    'conv2d without bias',
    [
      [1, 6, 6, 2],
      [1, 1, 2, 4],
    ],
    (ops, [x, w]) => ops.conv2d(x!, w!, null, 1),
  ],
  ['dense', [[3, 4], [4, 5], [5]], (ops, [x, w, b]) => ops.dense(x!, w!, b!)],
  ['dense over steps', [[2, 3, 4], [4, 5], [5]], (ops, [x, w, b]) => ops.dense(x!, w!, b!)],
  ['leakyRelu', [[2, 3, 3, 4]], (ops, [x]) => ops.leakyRelu(x!, 0.2)],
  ['relu', [[2, 3, 3, 4]], (ops, [x]) => ops.relu(x!)],
  [
    'scaleShift',
    [
      [2, 3, 5, 4],
      [2, 4],
      [2, 4],
    ],
    (ops, [x, a, b]) => ops.scaleShift(x!, a!, b!),
  ],
  ['pixelShuffle2', [[2, 3, 5, 8]], (ops, [x]) => ops.pixelShuffle2(x!)],
  ['spaceToDepth2', [[2, 4, 6, 3]], (ops, [x]) => ops.spaceToDepth2(x!)],
  // Coordinates beyond the border too: clamped, without a gradient.
  [
    'warp',
    [
      [2, 6, 9, 3],
      [2, 5, 4, 2],
    ],
    (ops, [x, at]) => ops.warp(x!, ops.affine(at!, 1.3, 0)),
  ],
  [
    'warp of one row',
    [
      [1, 1, 5, 2],
      [1, 4, 4, 2],
    ],
    (ops, [x, at]) => ops.warp(x!, at!),
  ],
];

await withTensorflow((tf) => {
  ensureGradients(tf);
  const [native, portable] = [createTfjsOps(tf), portableOps(tf)];
  for (const [name, shapes, build] of cases) {
    test(`native ${name} is the portable one, and so are its gradients`, () =>
      withoutLeak(tf, async () => {
        assert.notEqual(native, portable);
        const inputs = shapes.map((shape, i) => tf.tensor(pattern(shape, 5 + i), shape));
        const run = (ops: Ops<T>): T[] =>
          tf.tidy(() => {
            const output = build(ops, inputs);
            const weight = tf.tensor(pattern(output.shape, 99), output.shape);
            const gradients = tf.grads((...x: T[]) => tf.sum(tf.mul(build(ops, x), weight)))(inputs);
            return [output, ...gradients];
          });
        const [ours, theirs] = [run(native), run(portable)];
        for (const [i, tensor] of ours.entries()) {
          assert.deepEqual(tensor.shape, theirs[i]!.shape);
          const expected = await theirs[i]!.data();
          (await tensor.data()).forEach((value, at) => {
            const error = Math.abs(value - expected[at]!);
            assert.ok(error <= TOLERANCE * (1 + Math.abs(expected[at]!)), `${i}, ${at}: ${value}, not ${expected[at]}`);
          });
        }
        tf.dispose([...inputs, ...ours, ...theirs]);
      }));
  }

  test('columns that were cut before a tape began are cut again on it', () =>
    withoutLeak(tf, async () => {
      const read = tf.tidy(() => {
        const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
        const before = native.column(x, 0);
        const gradient = tf.grad((y) => tf.sum(tf.square(native.column(y, 1))))(x);
        return [before, gradient, native.column(x, 1)].map((column) => tf.clone(column));
      });
      const values = await Promise.all(read.map(async (tensor) => Array.from(await tensor.data())));
      assert.deepEqual(values, [
        [1, 3],
        [0, 4, 0, 8],
        [2, 4],
      ]);
      tf.dispose(read);
    }));
});
