/** Losses, weight normalisation, clipping and Adam on a TensorFlow.js backend against the numbers that PyTorch gave. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../../lib/engines/engine.ts';
import type { LoadedTfjs } from '../../lib/engines/load-tfjs.ts';
import { layerErrors } from '../../lib/losses/layers.ts';
import { temporalLoss } from '../../lib/losses/temporal.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { ADAM_DEFAULTS, Adam, clipFactor } from '../../lib/training/adam.ts';
import { Flat } from '../../lib/training/flat.ts';
import { Parameters } from '../../lib/training/parameters.ts';
import { Optimiser } from '../../lib/training/step.ts';
import { assertSummary, type Case, pattern, readGolden, type Summary, seedOf } from './golden.ts';

type Tf = LoadedTfjs['tf'];

const golden = await readGolden<{
  layerErrors: { errors: Summary; loss: number; gradient: Summary };
  temporalLoss: { loss: number; gradient: Summary };
  weightNorm: Case;
  adam: { betas: [number, number]; steps: Record<string, number[]> }[];
  clip: { limit: number; norm: number; clipped: Summary[] }[];
}>('training');

const NAME = 'w';

/** @param tolerance relative to the norm of each tensor */
export function checkRules(tf: Tf, tolerance: number): void {
  const backend = tf.getBackend();
  /** A test that leaves no tensors. */
  const check = (title: string, action: () => Promise<void>) =>
    test(`${backend}: ${title}`, async () => {
      const before = tf.memory().numTensors;
      await action();
      assert.equal(tf.memory().numTensors, before, 'tensors are left');
    });
  const matches = async (tensor: core.Tensor, expected: Summary, name: string) =>
    assertSummary({ shape: tensor.shape, data: await tensor.data() }, expected, tolerance, name);
  const input = (name: string, shape: number[], scale = 1, offset = 0) =>
    tf.tensor(pattern(shape, seedOf(name), scale, offset), shape);
  const isScalar = async (tensor: core.Tensor, expected: number) => {
    const [value] = await tensor.data();
    assert.ok(Math.abs(value! - expected) <= tolerance * Math.abs(expected), `${value}, not ${expected}`);
  };

  check('paired drawing loss and its gradient are PyTorch’s', async () => {
    const ops = createTfjsOps(tf);
    const layers = input('layers', [2, 6, 8, 4], 1.2, 0.5);
    const target = input('target', [2, 6, 8, 4], 0.5, 0.5);
    const errors = tf.tidy(() => layerErrors(ops, layers, target));
    const { value, grad } = tf.valueAndGrad((x) => tf.mean(layerErrors(ops, x, target)))(layers);
    await matches(errors, golden.layerErrors.errors, 'errors');
    await isScalar(value, golden.layerErrors.loss);
    await matches(grad, golden.layerErrors.gradient, 'gradient');
    tf.dispose([layers, target, errors, value, grad]);
  });

  check('temporal loss and its gradient are PyTorch’s', async () => {
    const real = input('real', [8, 5, 6, 1]);
    const generated = input('generated', [8, 5, 6, 1]);
    const { value, grad } = tf.valueAndGrad((x) => temporalLoss(tf, real, x, 4))(generated);
    await isScalar(value, golden.temporalLoss.loss);
    await matches(grad, golden.temporalLoss.gradient, 'gradient');
    tf.dispose([real, generated, value, grad]);
  });

  check('weight normalisation and its gradients are PyTorch’s', async () => {
    const { outputs, gradients } = golden.weightNorm;
    const shape = [3, 5, 4];
    const data: TensorData = { shape, dtype: 'float32', data: pattern(shape, seedOf('direction')) };
    const parameters = new Parameters(tf, { id: 'golden', tensors: new Map([[NAME, data]]) }, () => true);
    tf.tidy(() => parameters.variables.get(`${NAME}.length`)!.assign(input('length', [1, 1, 4], 0.5, 2)));
    const against = input('w', shape);
    const w = tf.tidy(() => tf.clone(parameters.weight(NAME)));
    const { value, grads } = tf.variableGrads(
      () => tf.sum(tf.mul(parameters.weight(NAME), against)),
      [...parameters.variables.values()],
    );
    await matches(w, outputs.w!, 'w');
    for (const [part, expected] of Object.entries(gradients)) {
      await matches(grads[parameters.variables.get(`${NAME}.${part}`)!.name]!, expected, part);
    }
    tf.dispose([w, against, value, ...Object.values(grads)]);
    parameters.dispose();
  });

  for (const { betas, steps } of golden.adam) {
    check(`Adam with betas ${betas} walks as torch.optim.Adam does`, async () => {
      const start = pattern([12], 1, 1e-3);
      const variable = tf.tidy(() => tf.variable(tf.tensor1d(start)));
      const adam = new Adam(tf, new Map([[NAME, variable]]), { beta1: betas[0], beta2: betas[1], epsilon: 1e-8 });
      const last = Math.max(...Object.keys(steps).map(Number));
      for (let step = 0; step < last; step++) {
        const gradient = tf.tensor1d(pattern([12], 10 + step).map((v, i) => v * 10 ** -i));
        adam.descend(gradient, new Set([NAME]), adam.next(0.01));
        gradient.dispose();
        const expected = steps[step + 1];
        if (!expected) continue;
        // The way walked so far, not the place: what must agree is the step, however small.
        const walked = (await variable.data()).map((v, i) => v - start[i]!);
        expected.forEach((value, i) => {
          const should = value - start[i]!;
          const error = Math.abs(walked[i]! - should);
          assert.ok(error <= tolerance * Math.abs(should), `step ${step + 1}, ${i}: ${walked[i]} not ${should}`);
        });
      }
      adam.dispose();
      variable.dispose();
    });
  }

  for (const { limit, norm, clipped } of golden.clip) {
    check(`gradients are clipped to a joint norm of ${limit} as PyTorch does`, async () => {
      const gradients = new Map(
        clipped.map(({ shape }, i) => [`g${i}`, tf.tensor(pattern(shape, 20 + i), [...shape])] as const),
      );
      const flat = new Flat(tf, gradients);
      const { norm: found, result } = tf.tidy(() => {
        const vector = flat.gather(gradients);
        const clip = clipFactor(tf, vector, limit);
        return { norm: clip.norm, result: Object.fromEntries(flat.scatter(tf.mul(vector, clip.factor))) };
      });
      await isScalar(found, norm);
      for (const [i, expected] of clipped.entries()) await matches(result[`g${i}`]!, expected, `g${i}`);
      tf.dispose([...gradients.values(), ...Object.values(result), found]);
    });
  }

  check('a variable without a gradient stays, and so do its moments', async () => {
    const variables = new Map(
      ['still', 'moved'].map((name) => [name, tf.tidy(() => tf.variable(tf.tensor1d([1, 2])))] as const),
    );
    const adam = new Adam(tf, variables);
    const step = (present: string[]) => {
      const gradient = tf.tensor1d([3, 3, 3, 3]);
      adam.descend(gradient, new Set(present), adam.next(0.1));
      gradient.dispose();
    };
    step(['still', 'moved']);
    const before = {
      m: (await adam.state()).tensors.get('still.m'),
      w: Array.from(await variables.get('still')!.data()),
    };
    step(['moved']);
    assert.deepEqual((await adam.state()).tensors.get('still.m'), before.m);
    assert.deepEqual(Array.from(await variables.get('still')!.data()), before.w);
    assert.ok((await variables.get('moved')!.data())[0]! < 0.85);
    // A value that is assigned from outside is what the next step starts from.
    tf.tidy(() => variables.get('moved')!.assign(tf.tensor1d([7, 7])));
    step(['moved']);
    assert.ok((await variables.get('moved')!.data())[0]! > 6);
    // Moments that a state does not have are none: going back to before there were any must not keep them.
    adam.restore({ tensors: new Map(), step: 0 });
    for (const { data } of (await adam.state()).tensors.values()) assert.ok(data.every((value) => value === 0));
    adam.dispose();
    tf.dispose([...variables.values()]);
  });

  check('an optimiser goes downhill over many weights, and tells each part of the loss', async () => {
    const variables = new Map(
      Array.from({ length: 24 }, (_, i) => [`v${i}`, tf.tidy(() => tf.variable(tf.tensor1d([1 + i, -1])))] as const),
    );
    const optimiser = new Optimiser(tf, variables, { ...ADAM_DEFAULTS, clipNorm: 1 });
    const objective = () => {
      const sum = (values: core.Tensor[]) => values.reduce((a, b) => tf.add(a, b)) as core.Scalar;
      const all = [...variables.values()];
      return { near: sum(all.map((v) => tf.mean(tf.square(v)))), flat: sum(all.map((v) => tf.mean(tf.abs(v)))) };
    };
    const first = await optimiser.step(objective, 0.1);
    // Means over the two entries of (1+i)² and 1, and of their sizes.
    const sizes = Array.from({ length: 24 }, (_, i) => 1 + i);
    const near = sizes.reduce((sum, size) => sum + (size * size + 1) / 2, 0);
    const flat = sizes.reduce((sum, size) => sum + (size + 1) / 2, 0);
    const gradient = Math.sqrt(sizes.reduce((sum, size) => sum + (size + 0.5) ** 2 + 1.5 ** 2, 0));
    for (const [name, expected] of Object.entries({ near, flat, total: near + flat, gradient })) {
      assert.ok(Math.abs(first[name]! - expected) <= tolerance * expected, `${name}: ${first[name]}, not ${expected}`);
    }
    const second = await optimiser.step(objective, 0.1);
    // Adam's steps are as long as the rate, whatever the gradient's size.
    const moved = sizes.reduce((sum, size) => sum + (size - 0.1 + 0.9) / 2, 0);
    assert.ok(Math.abs(second.flat! - moved) <= 1e-3 * moved, `${second.flat}, not ${moved}`);
    optimiser.dispose();
    tf.dispose([...variables.values()]);
  });
}
