/** A discriminator that wins on purpose: the run tells, slows it and goes on. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type { TrainingReport } from '../../lib/plan/types.ts';
import { TrainingRun } from '../../lib/training/gan/training-run.ts';
import { TOY_NETWORK, toySettings, toyTrainer } from './gan-toy-square.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const RATE = 2e-2;

await withTensorflow((tf) => {
  test('a discriminator that learns far faster than the generator wins: told, slowed, and nothing is taken back', () =>
    withoutLeak(tf, async () => {
      const out = mkdtempSync(join(tmpdir(), 'motion-manga-outplayed-'));
      const toy = {
        ...{ seed: 4, steps: 84, batch: 2, side: 32, frames: 2, channels: 8, plan: { temporal: null } },
        settings: { out, schedule: 'plain', discriminatorRate: RATE, generatorRate: 1e-9 },
      } as const;
      const trainer = toyTrainer(tf, toy);
      const settings = toySettings(toy);
      const reports: TrainingReport[] = [];
      const events = {
        onStep: (report: TrainingReport) => reports.push(report),
        ...{ export: async () => out, sample: async () => '', waited: () => 0, data: () => ({}) },
      };
      const plan = { version: 1, session: 's', walk: 'w', steps: [] } as const;
      const record = { plan, settings, config: TOY_NETWORK, engine: 'tensorflow' } as const;
      try {
        await new TrainingRun(trainer, settings, events, { record }).run();
        const told = reports.find(({ problem }) => problem !== undefined)!;
        assert.match(told.problem!, /told real and generated clips apart.*lower discriminatorRate\. It is halved\./);
        assert.ok(told.step >= 60 && told.scores!.real - told.scores!.fake > 0.5, JSON.stringify(told));
        const last = reports.at(-1)!;
        assert.deepEqual([last.state, last.step, last.rollbacks], ['finished', 84, 0]);
        assert.deepEqual([told.rates!.discriminator, last.rates!.discriminator], [RATE, RATE / 2]);
        // A run that goes on from the state goes on so.
        const { progress } = await trainer.state();
        assert.equal(progress.discriminatorScale, 0.5);
      } finally {
        trainer.dispose();
        rmSync(out, { recursive: true, force: true });
      }
    }));
});
