import assert from 'node:assert/strict';
import test from 'node:test';
import { layerErrors } from '../../lib/losses/layers.ts';
import { temporalLoss } from '../../lib/losses/temporal.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { assertSummary, pattern, readGolden, type Summary, seedOf } from '../golden/golden.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const TOLERANCE = 1e-4;
const golden = await readGolden<{
  layerErrors: { errors: Summary; loss: number; gradient: Summary };
  temporalLoss: { loss: number; gradient: Summary };
}>('training');

const input = (name: string, shape: number[], scale = 1, offset = 0) => pattern(shape, seedOf(name), scale, offset);

await withTensorflow((tf) => {
  test('paired drawing loss and its gradient are those of PyTorch', () =>
    withoutLeak(tf, () => {
      const ops = createTfjsOps(tf);
      const shape = [2, 6, 8, 4];
      const layers = tf.tensor(input('layers', shape, 1.2, 0.5), shape);
      const target = tf.tensor(input('target', shape, 0.5, 0.5), shape);
      const errors = tf.tidy(() => layerErrors(ops, layers, target));
      assertSummary({ shape: errors.shape, data: errors.dataSync() }, golden.layerErrors.errors, TOLERANCE, 'errors');
      const { value, grad } = tf.valueAndGrad((x) => tf.mean(layerErrors(ops, x, target)))(layers);
      assert.ok(Math.abs(value.dataSync()[0]! - golden.layerErrors.loss) < TOLERANCE * golden.layerErrors.loss);
      assertSummary({ shape, data: grad.dataSync() }, golden.layerErrors.gradient, TOLERANCE, 'gradient');
      tf.dispose([layers, target, errors, value, grad]);
    }));

  test('temporal loss and its gradient are those of PyTorch', () =>
    withoutLeak(tf, () => {
      const shape = [8, 5, 6, 1];
      const real = tf.tensor(input('real', shape), shape);
      const generated = tf.tensor(input('generated', shape), shape);
      const { value, grad } = tf.valueAndGrad((x) => temporalLoss(tf, real, x, 4))(generated);
      assert.ok(Math.abs(value.dataSync()[0]! - golden.temporalLoss.loss) < TOLERANCE * golden.temporalLoss.loss);
      assertSummary({ shape, data: grad.dataSync() }, golden.temporalLoss.gradient, TOLERANCE, 'gradient');
      tf.dispose([real, generated, value, grad]);
    }));

  test('temporal loss is blind to what does not change over time, and never compares across clips', () =>
    withoutLeak(tf, () => {
      const shape: [number, number, number, number] = [6, 2, 2, 1];
      const loss = tf.tidy(() => {
        const real = tf.tensor4d(input('real', shape), shape);
        // Another constant for each clip of three frames: nothing flickers within a clip.
        const constant = tf.tensor4d([5, 5, 5, -9, -9, -9], [6, 1, 1, 1]);
        return temporalLoss(tf, real, tf.add(real, constant), 3);
      });
      assert.ok(loss.dataSync()[0]! < 1e-5);
      loss.dispose();
    }));
});
