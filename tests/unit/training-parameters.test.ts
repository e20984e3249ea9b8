import assert from 'node:assert/strict';
import test from 'node:test';
import type { TensorData } from '../../lib/engines/engine.ts';
import { Parameters } from '../../lib/training/parameters.ts';
import { pattern } from '../golden/golden.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const NAME = 'w';
const SHAPE = [3, 5, 4];
const VALUES = pattern(SHAPE, 1);

await withTensorflow((tf) => {
  const parametersOf = (weight: TensorData, normalised: boolean) =>
    new Parameters(tf, { id: 'test', tensors: new Map([[NAME, weight]]) }, () => normalised);
  const exported = async (parameters: Parameters) => (await parameters.export('x')).tensors;

  test('a normalised weight starts as it was given, and export folds length and direction into it', () =>
    withoutLeak(tf, async () => {
      const parameters = parametersOf({ shape: SHAPE, dtype: 'float32', data: VALUES }, true);
      const start = (await exported(parameters)).get(NAME)!;
      assert.ok(VALUES.every((value, i) => Math.abs(start.data[i]! - value) < 1e-6));

      const lengths = [1, 2, 0.5, 3];
      tf.tidy(() => parameters.variables.get(`${NAME}.length`)!.assign(tf.tensor(lengths, [1, 1, 4])));
      parameters.updateAverage(0); // the average is the value now
      const tensors = await exported(parameters);
      assert.deepEqual([...tensors.keys()], [NAME]);
      const { data, shape } = tensors.get(NAME)!;
      assert.deepEqual(shape, SHAPE);
      assert.deepEqual(
        data,
        tf.tidy(() => parameters.weight(NAME).dataSync()),
      );
      // One length an output channel: the norm over all other axes.
      lengths.forEach((length, channel) => {
        const column = Array.from(data).filter((_, i) => i % 4 === channel);
        assert.ok(Math.abs(Math.hypot(...column) - length) < 1e-5);
      });
      parameters.dispose();
    }));

  test('the average follows the weights by its decay', () =>
    withoutLeak(tf, async () => {
      const parameters = parametersOf({ shape: [2], dtype: 'float32', data: Float32Array.of(1, -4) }, false);
      tf.tidy(() => parameters.variables.get(NAME)!.assign(tf.tensor1d([2, 0])));
      parameters.updateAverage(0.75);
      parameters.updateAverage(0.75);
      const { data } = (await exported(parameters)).get(NAME)!;
      assert.ok(Math.abs(data[0]! - (2 - 0.75 ** 2)) < 1e-6);
      assert.ok(Math.abs(data[1]! - -4 * 0.75 ** 2) < 1e-6);
      parameters.dispose();
    }));
});
