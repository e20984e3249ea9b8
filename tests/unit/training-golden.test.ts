import assert from 'node:assert/strict';
import test from 'node:test';
import type { TensorData, Weights } from '../../lib/engines/engine.ts';
import { Adam, clipByGlobalNorm } from '../../lib/training/adam.ts';
import { Parameters } from '../../lib/training/parameters.ts';
import { assertSummary, type Case, pattern, readGolden, type Summary, seedOf } from '../golden/golden.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const TOLERANCE = 1e-4;
const golden = await readGolden<{
  weightNorm: Case;
  adam: { betas: [number, number]; steps: Record<string, number[]> }[];
  clip: { limit: number; norm: number; clipped: Summary[] }[];
}>('training');

const NAME = 'w';

await withTensorflow((tf) => {
  for (const { betas, steps } of golden.adam) {
    test(`Adam with betas ${betas} walks as torch.optim.Adam does`, () =>
      withoutLeak(tf, () => {
        const start = pattern([12], 1);
        const variable = tf.tidy(() => tf.variable(tf.tensor1d(start)));
        const adam = new Adam(tf, { beta1: betas[0], beta2: betas[1], epsilon: 1e-8 });
        const last = Math.max(...Object.keys(steps).map(Number));
        for (let step = 0; step < last; step++) {
          const gradient = tf.tensor1d(pattern([12], 10 + step).map((v, i) => v * 10 ** -i));
          adam.apply(new Map([[NAME, variable]]), new Map([[NAME, gradient]]), 0.01);
          gradient.dispose();
          const expected = steps[step + 1];
          if (!expected) continue;
          // The way walked so far, not the place: what must agree is the step, however small.
          const walked = variable.dataSync().map((v, i) => v - start[i]!);
          expected.forEach((value, i) => {
            const should = value - start[i]!;
            const error = Math.abs(walked[i]! - should);
            assert.ok(error < 1e-3 * Math.abs(should) + 5e-7, `step ${step + 1}, ${i}: ${walked[i]} not ${should}`);
          });
        }
        adam.dispose();
        variable.dispose();
      }));
  }

  for (const { limit, norm, clipped } of golden.clip) {
    test(`gradients are clipped to a joint norm of ${limit} as PyTorch does`, () =>
      withoutLeak(tf, () => {
        const shapes = [[4, 3], [7]];
        const gradients = new Map(shapes.map((shape, i) => [`g${i}`, tf.tensor(pattern(shape, 20 + i), shape)]));
        const result = clipByGlobalNorm(tf, gradients, limit);
        assert.ok(Math.abs(result.norm.dataSync()[0]! - norm) < TOLERANCE * norm);
        clipped.forEach((expected, i) => {
          const tensor = result.clipped.get(`g${i}`)!;
          assertSummary({ shape: tensor.shape, data: tensor.dataSync() }, expected, TOLERANCE, `g${i}`);
        });
        tf.dispose([...gradients.values(), ...result.clipped.values(), result.norm]);
      }));
  }

  const shape = [3, 5, 4];
  const direction = pattern(shape, seedOf('direction'));
  const length = pattern([1, 1, 4], seedOf('length'), 0.5, 2);
  const normalised = () => {
    const data: TensorData = { shape, dtype: 'float32', data: direction };
    return new Parameters(tf, { id: 'golden', tensors: new Map([[NAME, data]]) }, () => true);
  };
  const setLength = (parameters: Parameters) =>
    tf.tidy(() => parameters.variables.get(`${NAME}.length`)!.assign(tf.tensor(length, [1, 1, 4])));

  test('weight normalisation and its gradients are those of PyTorch', () =>
    withoutLeak(tf, () => {
      const parameters = normalised();
      setLength(parameters);
      const { outputs, gradients } = golden.weightNorm;
      const w = tf.tidy(() => tf.clone(parameters.weight(NAME)));
      assertSummary({ shape: w.shape, data: w.dataSync() }, outputs.w!, TOLERANCE, 'w');
      const against = tf.tensor(pattern(shape, seedOf('w')), shape);
      const { value, grads } = tf.variableGrads(
        () => tf.sum(tf.mul(parameters.weight(NAME), against)),
        [...parameters.variables.values()],
      );
      for (const [part, expected] of Object.entries(gradients)) {
        const gradient = grads[parameters.variables.get(`${NAME}.${part}`)!.name]!;
        assertSummary({ shape: gradient.shape, data: gradient.dataSync() }, expected, TOLERANCE, part);
      }
      tf.dispose([w, against, value, ...Object.values(grads)]);
      parameters.dispose();
    }));

  test('a normalised weight starts as it was given, and export folds length and direction into it', () =>
    withoutLeak(tf, async () => {
      const parameters = normalised();
      const close = (actual: ArrayLike<number>, expected: ArrayLike<number>) =>
        Array.from(expected).every((value, i) => Math.abs(actual[i]! - value) < 1e-6);
      const exported = async () => (await parameters.export('x')) satisfies Weights;
      assert.ok(close((await exported()).tensors.get(NAME)!.data, direction));

      setLength(parameters);
      parameters.updateAverage(0); // the average is the value now
      const { tensors } = await exported();
      assert.deepEqual([...tensors.keys()], [NAME]);
      const w = tf.tidy(() => parameters.weight(NAME).dataSync());
      assert.deepEqual(tensors.get(NAME)!.data, w);
      assert.deepEqual(tensors.get(NAME)!.shape, shape);
      // One length an output channel: the norm over all other axes.
      for (let channel = 0; channel < 4; channel++) {
        const column = Array.from(w).filter((_, i) => i % 4 === channel);
        assert.ok(Math.abs(Math.hypot(...column) - length[channel]!) < 1e-5);
      }
      parameters.dispose();
    }));

  test('the average follows the weights by its decay', () =>
    withoutLeak(tf, async () => {
      const tensors = new Map([[NAME, { shape: [2], dtype: 'float32', data: Float32Array.of(1, -4) } as const]]);
      const parameters = new Parameters(tf, { id: 'average', tensors }, () => false);
      tf.tidy(() => parameters.variables.get(NAME)!.assign(tf.tensor1d([2, 0])));
      parameters.updateAverage(0.75);
      parameters.updateAverage(0.75);
      const { data } = (await parameters.export('x')).tensors.get(NAME)!;
      assert.ok(Math.abs(data[0]! - (2 - 0.75 ** 2)) < 1e-6);
      assert.ok(Math.abs(data[1]! - -4 * 0.75 ** 2) < 1e-6);
      parameters.dispose();
    }));
});
