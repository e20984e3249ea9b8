import assert from 'node:assert/strict';
import test from 'node:test';
import { weightNormalised } from '../../lib/network/blocks/motion-tcn.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random } from '../../lib/random.ts';
import { DrawnSet } from '../../lib/training/drawn-set.ts';
import { Parameters } from '../../lib/training/parameters.ts';
import { DrawingPhase } from '../../lib/training/phase-drawing.ts';
import { MotionPhase } from '../../lib/training/phase-motion.ts';
import { placedPhoto, TINY } from './training-photos.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const SIDE = 32;
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const finite = (losses: Record<string, number>) => Object.values(losses).every(Number.isFinite);

await withTensorflow((tf) => {
  const ops = createTfjsOps(tf);
  const data = new DrawnSet([placedPhoto(160, 132)], 2 * SIDE);
  const parametersOf = () =>
    new Parameters(tf, randomWeights(generatorSpecs(TINY), new Random(1), 'tiny'), weightNormalised);

  test('drawing: the loss falls, every drawing weight learns, no TCN weight does, and no tensor stays', () =>
    withoutLeak(tf, async () => {
      const parameters = parametersOf();
      const before = await parameters.export('before');
      const phase = new DrawingPhase(tf, ops, parameters, TINY, data);
      const totals: number[] = [];
      const counts = new Set<number>();
      for (let i = 0; i < 40; i++) {
        // The same four batches again and again: what differs between batches is more than what forty steps teach.
        const losses = await phase.step(i, new Random(2 + (i % 4)), 4, SIDE, 4e-3);
        assert.deepEqual(Object.keys(losses).sort(), ['fields', 'gradient', 'layers', 'total']);
        assert.ok(finite(losses));
        assert.ok(Math.abs(losses.total! - losses.layers! - losses.fields!) < 1e-4 * losses.total!);
        totals.push(losses.total!);
        counts.add(tf.memory().numTensors);
      }
      assert.equal(counts.size, 1, `tensors after steps: ${[...counts]}`);
      assert.ok(mean(totals.slice(-4)) < 0.85 * mean(totals.slice(0, 4)), `${totals.map((v) => v.toFixed(2))}`);

      parameters.updateAverage(0);
      const after = await parameters.export('after');
      for (const [name, { data: values }] of after.tensors) {
        const learned = values.some((value, i) => value !== before.tensors.get(name)!.data[i]);
        assert.equal(learned, !/^tcn\.|^style\.default/.test(name), name);
      }
      phase.dispose();
      parameters.dispose();
    }));

  test('motion: the TCN learns to follow its controls', () =>
    withoutLeak(tf, async () => {
      const parameters = parametersOf();
      const phase = new MotionPhase(tf, ops, parameters, TINY, data);
      const random = new Random(3);
      const errors: number[] = [];
      const counts = new Set<number>();
      for (let i = 0; i < 40; i++) {
        const losses = await phase.trajectoryStep(random, 1e-2);
        assert.ok(finite(losses));
        errors.push(losses.trajectory!);
        counts.add(tf.memory().numTensors);
      }
      assert.equal(counts.size, 1, `tensors after steps: ${[...counts]}`);
      const [first, last] = [mean(errors.slice(0, 5)), mean(errors.slice(-10))];
      assert.ok(last < 0.75 * first, `${first} to ${last}`);
      phase.dispose();
      parameters.dispose();
    }));

  test('motion: sequences are rendered and compared, and what is learned reaches the drawing weights', () =>
    withoutLeak(tf, async () => {
      const parameters = parametersOf();
      const before = (await parameters.export('before')).tensors.get('decoder.layers.weight')!.data;
      const phase = new MotionPhase(tf, ops, parameters, TINY, data);
      const random = new Random(4);
      const counts = new Set<number>();
      for (let i = 0; i < 6; i++) {
        const losses = await phase.sequenceStep(random, 4, SIDE, 4e-3);
        assert.deepEqual(Object.keys(losses).sort(), ['fields', 'gradient', 'layers', 'temporal', 'total']);
        assert.ok(finite(losses) && losses.temporal! > 0);
        counts.add(tf.memory().numTensors);
      }
      assert.equal(counts.size, 1, `tensors after steps: ${[...counts]}`);
      parameters.updateAverage(0);
      const after = (await parameters.export('after')).tensors.get('decoder.layers.weight')!.data;
      assert.notDeepEqual(after, before);
      phase.dispose();
      parameters.dispose();
    }));
});
