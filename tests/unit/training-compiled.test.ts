/** Compiled steps give what the same operations give one by one; what cannot be compiled is told and runs as it is. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type * as core from '@tensorflow/tfjs-core';
import { EagerPrograms, openPrograms } from '../../lib/network/tfjs/compiled/programs.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';
import { type ToyOptions, toyTrainer } from './gan-toy-square.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const TOLERANCE = 1e-3;
/** With 10 steps phase A has 3, B 1 (the last of its share), C 6; the discriminator plays from C's second. */
const TOY: ToyOptions = { seed: 3, steps: 10, batch: 2, side: 32, frames: 2 };

await withTensorflow((tf) => {
  ensureGradients(tf);

  const never = (message: string): void => assert.fail(message);

  for (const [name, settings] of [
    ['one micro-batch', {}],
    ['two micro-batches', { batch: 4, microBatch: 2 }],
  ] as const) {
    test(`compiled steps of ${name} are the eager ones, through all phases`, () =>
      withoutLeak(tf, async () => {
        const eager = toyTrainer(tf, { ...TOY, settings, programs: new EagerPrograms(tf) });
        const compiled = toyTrainer(tf, { ...TOY, settings, programs: openPrograms(tf, never) });
        const phases = new Set<string>();
        for (const index of [0, 1, 2, 3, 4, 5, 6, 7]) {
          const expected = await eager.step(index, async () => {});
          const actual = await compiled.step(index, async () => {});
          phases.add(`${expected.phase}${expected.scores ? ' with opponent' : ''}`);
          assert.deepEqual(Object.keys(actual.losses), Object.keys(expected.losses));
          const pairs = { ...expected.losses, ...expected.scores };
          const found: Record<string, number> = { ...actual.losses, ...actual.scores };
          for (const [key, value] of Object.entries(pairs)) {
            const error = Math.abs(found[key]! - value);
            assert.ok(error <= TOLERANCE * Math.abs(value), `step ${index}, ${key}: ${found[key]}, not ${value}`);
          }
        }
        assert.deepEqual([...phases], ['A', 'B', 'C', 'C with opponent']);
        const [theirs, ours] = [await eager.state(), await compiled.state()];
        for (const [key, { data }] of theirs.tensors) {
          const made = ours.tensors.get(key)!.data;
          const values = Array.from(data);
          const length = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
          const distance = Math.sqrt(values.reduce((sum, x, i) => sum + (x - made[i]!) ** 2, 0));
          // Adam makes whole steps of gradients that are but rounding errors.
          assert.ok(distance <= 0.02 * length + 1e-3, `${key}: ${distance} of ${length}`);
        }
        eager.dispose();
        compiled.dispose();
      }));
  }

  test('a program reads variables as they are, assigns them, and is not called again once it is compiled', () =>
    withoutLeak(tf, () => {
      const programs = openPrograms(tf, never);
      const counter = tf.tidy(() => tf.variable(tf.scalar(10), false));
      let calls = 0;
      const values = [1, 2, 3, 4].map((value) => {
        const x = tf.scalar(value);
        const { sum } = programs.run('count', { x }, () => {
          calls++;
          counter.assign(tf.add(counter, x));
          return { sum: tf.mul(counter, 2) };
        });
        const read = sum!.dataSync()[0];
        tf.dispose([x, sum!]);
        return read;
      });
      assert.deepEqual(values, [22, 26, 32, 40]);
      assert.equal(counter.dataSync()[0], 20);
      assert.equal(calls, 2);
      counter.dispose();
      programs.dispose();
    }));

  for (const [why, body, reason] of [
    [
      'uses a number of the host that changes',
      (x: core.Tensor, call: number) => tf.mul(x, call + 2),
      /constant .* has changed/,
    ],
    ['reads a value back', (x: core.Tensor) => tf.mul(x, x.dataSync()[0]! + 1), /read back/],
  ] as const) {
    test(`what ${why} is not compiled, and that is told`, () =>
      withoutLeak(tf, () => {
        const told: string[] = [];
        const programs = openPrograms(tf, (message) => told.push(message));
        const [x, expected] = [tf.scalar(5), [] as number[]];
        for (const call of [0, 1, 2, 3]) {
          const { y } = programs.run('key', { x }, () => ({ y: body(x, call) }));
          expected.push(y!.dataSync()[0]! - tf.tidy(() => body(x, call).dataSync()[0]!));
          y!.dispose();
        }
        assert.deepEqual(expected, [0, 0, 0, 0]);
        assert.equal(told.length, 1);
        assert.match(told[0]!, reason);
        x.dispose();
        programs.dispose();
      }));
  }
});
