/** Data without the teacher's drawing: what is compared with what. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type * as core from '@tensorflow/tfjs-core';
import type { DataSource, TrainingBatch } from '../../lib/data/types.ts';
import { temporalLoss } from '../../lib/losses/temporal.ts';
import { weightNormalised } from '../../lib/network/blocks/motion-tcn.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { openPrograms } from '../../lib/network/tfjs/compiled/programs.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random, type RandomState } from '../../lib/random.ts';
import type { CompiledPlan } from '../../lib/training/gan/compiled-plan.ts';
import { GeneratorObjective } from '../../lib/training/gan/generator-objective.ts';
import { generate, moved, type Sample, sampleOf, upload } from '../../lib/training/gan/sequences.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';
import { Parameters } from '../../lib/training/parameters.ts';
import { squares, TOY_NETWORK, toyTrainer } from './gan-toy-square.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const SIZES = { batch: 2, side: 32, frames: 3 };

/** Squares as photos, and noise of some brightness as pages that have nothing to do with them. */
function unpaired(random: Random, brightness: number): TrainingBatch {
  const { batch, side, frames } = SIZES;
  const real = Float32Array.from({ length: batch * frames * side * side }, () => brightness * random.uniform(0, 1));
  return { ...squares(random, SIZES, TOY_NETWORK), layers: null, fields: null, real };
}

const source: DataSource = {
  summary: 'Squares and noise.',
  waitedSeconds: 0,
  async next(state: RandomState) {
    const random = new Random(state);
    return { batch: unpaired(random, 1), random: random.state() };
  },
  async close() {},
};

const plan: CompiledPlan = {
  dataset: {},
  frames: SIZES.frames,
  side: SIZES.side,
  discriminator: null,
  adversarial: null,
  content: null,
  style: null,
  temporal: { weight: 10, lowPass: false },
};

await withTensorflow((tf) => {
  ensureGradients(tf);
  const ops = createTfjsOps(tf);

  test('the temporal loss compares with G’s own drawing, moved as z asks, and not with pages that move otherwise', () =>
    withoutLeak(tf, async () => {
      const start = randomWeights(generatorSpecs(TOY_NETWORK), new Random(5), 'start');
      const parameters = new Parameters(tf, start, weightNormalised);
      const variables = [...parameters.variables.values()];
      const objective = new GeneratorObjective(tf, ops, TOY_NETWORK, plan, { content: null, style: null });
      const measured = async (loss: (sample: Sample) => core.Scalar, brightness: number) => {
        const uploaded = upload(tf, TOY_NETWORK, unpaired(new Random(7), brightness), new Random(3));
        const { value, grads } = tf.variableGrads(() => loss(sampleOf(tf, ops, TOY_NETWORK, uploaded)), variables);
        const numbers = await Promise.all([value, ...Object.values(grads)].map((x) => x.data()));
        tf.dispose([value, ...Object.values(grads), ...Object.values(uploaded.tensors)]);
        return numbers.flatMap((part) => [...part]);
      };
      const own = (sample: Sample) =>
        objective.parts(parameters, sample, { temporal: 1 }, null, () => {}).temporal as core.Scalar;
      const onNoise = await measured(own, 1);
      assert.ok(onNoise[0]! > 1e-4, 'the network does not move yet as it is asked to');
      assert.deepEqual(await measured(own, 0.1), onNoise, 'the pages do not count');

      // The same, with the drawing as a constant.
      const expected = await measured((sample) => {
        const { layers, fields } = generate(tf, ops, parameters, TOY_NETWORK, sample);
        const target = tf.tensor(moved(ops, TOY_NETWORK, sample, layers, fields).arraySync() as number[][][][]);
        const { frames } = generate(tf, ops, parameters, TOY_NETWORK, sample);
        return temporalLoss(tf, target, frames, sample.frames);
      }, 1);
      const size = Math.hypot(...expected);
      expected.forEach((value, i) => {
        assert.ok(Math.abs(value - onNoise[i]!) <= 1e-5 * size, `${i}: ${onNoise[i]}, not ${value}`);
      });
      parameters.dispose();
    }));

  test('a trainer takes such steps, compiled ones too', () =>
    withoutLeak(tf, async () => {
      const trainer = toyTrainer(tf, {
        ...{ ...SIZES, seed: 1, steps: 40, data: source, settings: { from: 'start' } },
        programs: openPrograms(tf, (message) => assert.fail(message)),
      });
      for (let index = 0; index < 4; index++) {
        const { losses } = await trainer.step(index, async () => {});
        const names = ['adversarial', 'discriminator', 'temporal', 'trajectory'].slice(index === 0 ? 2 : 0);
        assert.deepEqual(Object.keys(losses).sort(), names);
        for (const [name, value] of Object.entries(losses)) assert.ok(Number.isFinite(value), `${name}: ${value}`);
      }
      trainer.dispose();
    }));
});
