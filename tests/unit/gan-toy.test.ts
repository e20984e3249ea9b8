import assert from 'node:assert/strict';
import test from 'node:test';
import type { GanStep, GanTrainer } from '../../lib/training/gan/gan-trainer.ts';
import { Guard } from '../../lib/training/gan/guard.ts';
import { type ToyOptions, toyTrainer } from './gan-toy-square.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

/** docs/training.md, "What the losses do", states the same numbers. */
const LAYERS_LEFT = 0.4;
const TRAJECTORY_LEFT = 0.8;
const TEMPORAL_LEFT = 1;
const LARGEST_GAP = 0.5;
const LAST_GAP = 0.1;

const STEPS = 60;
/** Phase A draws: from here on motion is learned too. */
const DRAWN = STEPS / 4;
const LAST = 15;
const now = async () => {};

/** The default schedule in few steps; rates for a network of 20,000 weights. */
function options(seed: number): ToyOptions {
  const settings = { generatorRate: 2e-3, discriminatorRate: 1e-2 };
  return { seed, steps: STEPS, batch: 4, side: 32, frames: 4, settings };
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Mean losses over the run's first four batches, at rate 0. The trainer is left as it was. */
async function measure(trainer: GanTrainer, first: Readonly<Record<string, unknown>>): Promise<Record<string, number>> {
  const state = await trainer.state();
  const { random, dataRandom } = first;
  trainer.restore({ ...state, progress: { ...state.progress, random, dataRandom, rateScale: 0 } });
  const steps: GanStep[] = [];
  for (let i = 0; i < 4; i++) steps.push(await trainer.step(STEPS - 1, now));
  trainer.restore(state);
  return Object.fromEntries(
    Object.keys(steps[0]!.losses).map((name) => [name, mean(steps.map(({ losses }) => losses[name]!))]),
  );
}

await withTensorflow((tf) => {
  for (const seed of [1, 2, 3, 4, 5, 6, 7]) {
    test(`seed ${seed}: a moving square is learned, and the guard has no complaint`, (t) =>
      withoutLeak(tf, async () => {
        const trainer = toyTrainer(tf, options(seed));
        const { progress } = await trainer.state();
        const before = await measure(trainer, progress);
        const guard = new Guard();
        const gaps: number[] = [];
        const phases: string[] = [];
        let drawn = before;
        for (let step = 0; step < STEPS; step++) {
          if (step === DRAWN) drawn = await measure(trainer, progress);
          const result = await trainer.step(step, now);
          phases.push(result.phase);
          assert.equal(guard.check(result), null, `step ${step}`);
          if (result.scores) gaps.push(result.scores.real - result.scores.fake);
        }
        const after = await measure(trainer, progress);
        trainer.dispose();

        // Blank paper has little that could move wrongly: motion is compared from when there is ink.
        const layers = after.layers! / before.layers!;
        const left = (name: 'temporal' | 'trajectory') => after[name]! / drawn[name]!;
        const highest = Math.max(...gaps);
        const last = mean(gaps.slice(-LAST));
        t.diagnostic(
          `left of layers ${layers.toFixed(2)}, trajectory ${left('trajectory').toFixed(2)}, temporal ` +
            `${left('temporal').toFixed(2)}; gap at most ${highest.toFixed(2)}, at last ${last.toFixed(2)}`,
        );
        assert.deepEqual([...new Set(phases)], ['A', 'B', 'C']);
        assert.equal(
          gaps.length,
          phases.filter((phase) => phase === 'C').length - 1,
          'it judges from the second step of C',
        );
        assert.ok(layers < LAYERS_LEFT, `layers ${layers}`);
        assert.ok(left('trajectory') < TRAJECTORY_LEFT, `trajectory ${left('trajectory')}`);
        assert.ok(left('temporal') < TEMPORAL_LEFT, `temporal ${left('temporal')}`);
        assert.ok(highest < LARGEST_GAP, `gap ${highest}`);
        assert.ok(Math.abs(last) < LAST_GAP, `last gap ${last}`);
      }));
  }
});
