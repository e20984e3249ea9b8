/** Training data are made ahead: enough of them, once, and waiting is told as it is. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { batchesAhead } from '../../lib/data/ahead.ts';
import { emptyBatch } from '../../lib/data/batch.ts';
import type { DataSource } from '../../lib/data/types.ts';
import { EagerPrograms } from '../../lib/network/tfjs/compiled/programs.ts';
import type { RandomState } from '../../lib/random.ts';
import { squareSource, TOY_NETWORK, toyTrainer } from './gan-toy-square.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

test('two steps are made ahead: what a step takes before it computes, and what is made meanwhile', () => {
  const sizes = { batch: 64, microBatch: 8, side: 128, frames: 6 };
  assert.equal(batchesAhead(sizes), 16, 'at the defaults');
  assert.equal(batchesAhead({ ...sizes, batch: 4, microBatch: 4 }), 4);
  const large = { batch: 64, microBatch: 8, side: 512, frames: 16 };
  const { photo, page, position, layers, fields, real } = emptyBatch(
    { ...large, batch: large.microBatch },
    { layers: true, real: true },
  );
  const bytes = [photo, page, position, layers!, fields!, real!].reduce((sum, part) => sum + part.byteLength, 0);
  assert.equal(batchesAhead(large), 4, 'never fewer than four');
  const middle = batchesAhead({ ...sizes, batch: 4096 });
  assert.ok(middle > 16 && middle * (bytes / 16) <= 2 * 256e6, `${middle} batches fit the memory`);
});

await withTensorflow((tf) => {
  const sizes = { batch: 2, side: 32, frames: 2 };
  const toySizes = { ...sizes, seed: 1, steps: 10, settings: { schedule: 'plain' } } as const;

  test('a sample strip shows the batch that the next step learns from, which is asked for once; its wait is no step’s', () =>
    withoutLeak(tf, async () => {
      const toy = squareSource(sizes, TOY_NETWORK);
      const asked: string[] = [];
      let delay = 0;
      const data: DataSource = {
        ...toy,
        async next(state: RandomState) {
          asked.push(state.words.join());
          await pause(delay);
          return toy.next(state);
        },
      };
      const trainer = toyTrainer(tf, { ...toySizes, data, programs: new EagerPrograms(tf) });
      await trainer.step(0, async () => {});
      const before = trainer.waitedSeconds;
      delay = 200;
      await trainer.strip();
      await trainer.strip();
      assert.equal(trainer.waitedSeconds, before, 'no step waited');
      await trainer.step(1, async () => {});
      assert.ok(trainer.waitedSeconds < before + 0.1, 'it was there already');
      assert.equal(asked.length, 2);
      await trainer.step(2, async () => {});
      assert.ok(trainer.waitedSeconds > before + 0.15, 'this one had to wait');
      assert.equal(new Set(asked).size, 3, 'nothing is made twice');

      // Back to an earlier state, another batch is the next.
      const state = await trainer.state();
      await trainer.step(3, async () => {});
      await trainer.strip();
      trainer.restore(state);
      await trainer.step(3, async () => {});
      assert.equal(asked.at(-1), asked[3]);
      trainer.dispose();
    }));

  test('a batch that could not be made is asked for again', () =>
    withoutLeak(tf, async () => {
      const toy = squareSource(sizes, TOY_NETWORK);
      let fails = 1;
      const data: DataSource = {
        ...toy,
        async next(state: RandomState) {
          if (fails-- > 0) throw new Error('the disk is gone');
          return toy.next(state);
        },
      };
      const trainer = toyTrainer(tf, { ...toySizes, data, programs: new EagerPrograms(tf) });
      await assert.rejects(trainer.strip(), /the disk is gone/);
      await trainer.step(0, async () => {});
      trainer.dispose();
    }));
});
