/** What losses are for; that they are what PyTorch computes is checked with the goldens (network-golden.test.ts). */
import assert from 'node:assert/strict';
import test from 'node:test';
import { layerErrors } from '../../lib/losses/layers.ts';
import { temporalLoss } from '../../lib/losses/temporal.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { pattern } from '../golden/golden.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

await withTensorflow((tf) => {
  test('a missed line costs five times an invented one, a missed tone as much as an invented one', () =>
    withoutLeak(tf, () => {
      const ops = createTfjsOps(tf);
      const costs = (drawn: number[], wanted: number[]) =>
        tf.tidy(() => {
          const image = (layers: number[]) => tf.tensor4d(layers, [1, 1, 1, 4]);
          return [...layerErrors(ops, image(drawn), image(wanted)).dataSync()];
        });
      assert.deepEqual(costs([0, 0, 0, 0], [1, 1, 0, 0]), [5, 1, 0, 0]);
      assert.deepEqual(costs([1, 1, 0, 0], [0, 0, 0, 0]), [1, 1, 0, 0]);
      assert.deepEqual(costs([0.5, 0, 1, 0], [0.5, 0, 1, 0]), [0, 0, 0, 0]);
    }));

  test('temporal loss is blind to what does not change over time, and never compares across clips', () =>
    withoutLeak(tf, () => {
      const shape: [number, number, number, number] = [6, 2, 2, 1];
      const loss = tf.tidy(() => {
        const real = tf.tensor4d(pattern(shape, 1), shape);
        // Another constant for each clip of three frames: nothing flickers within a clip.
        const constant = tf.tensor4d([5, 5, 5, -9, -9, -9], [6, 1, 1, 1]);
        return temporalLoss(tf, real, tf.add(real, constant), 3).dataSync()[0]!;
      });
      assert.ok(loss < 1e-5, `${loss}`);
    }));

  test('temporal loss sees a single frame that flickers', () =>
    withoutLeak(tf, () => {
      const loss = tf.tidy(() => {
        const real = tf.zeros([4, 1, 1, 1]);
        return temporalLoss(tf, real, tf.tensor4d([0, 1, 0, 0], [4, 1, 1, 1]), 4).dataSync()[0]!;
      });
      assert.ok(Math.abs(loss - 2 / 3) < 1e-6, `${loss}`); // up and down, of three steps
    }));
});
