/** What is saved of a run that fails, and of one that cannot save for a while. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import type { DataSource } from '../../lib/data/types.ts';
import type { Tfjs } from '../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import type { Plan, TrainerSettings, TrainingReport } from '../../lib/plan/types.ts';
import { loadRun, savedSteps } from '../../lib/training/gan/run-folder.ts';
import type { RunRecord } from '../../lib/training/gan/run-record.ts';
import { RunStore } from '../../lib/training/gan/run-store.ts';
import { TrainingRun } from '../../lib/training/gan/training-run.ts';
import { squareSource, TOY_NETWORK, type ToyOptions, toySettings, toyTrainer } from './gan-toy-square.ts';
import { smallDisk } from './small-disk.ts';
import { withTensorflow } from './training-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'motion-manga-run-rescue-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const PLAN: Plan = { version: 1, session: 's', walk: 'w', steps: [] };
const recordFor = (settings: TrainerSettings): RunRecord => ({
  ...{ plan: PLAN, settings, config: TOY_NETWORK, engine: 'tensorflow' },
});

const SIZES = { batch: 2, side: 32, frames: 2 };
const TOY = { ...SIZES, channels: 2, seed: 1, steps: 70, plan: { temporal: null } } as const;

/** A run of the toy problem, and what it exported. */
function toyRun(tf: Tfjs, options: ToyOptions, onStep: (run: TrainingRun, report: TrainingReport) => void) {
  const settings = toySettings(options);
  const trainer = toyTrainer(tf, options);
  const exported: number[] = [];
  const run: TrainingRun = new TrainingRun(
    trainer,
    settings,
    {
      onStep: (report) => onStep(run, report),
      export: async (step) => {
        exported.push(step);
        return settings.out;
      },
      sample: async () => '',
      waited: () => 0,
      data: () => ({}),
    },
    { record: recordFor(settings) },
  );
  return { run, trainer, exported };
}

test('a full disk: older states make room for the last one', async (t) => {
  const made = smallDisk(t, 256);
  if ('unavailable' in made) return t.skip(made.unavailable);
  const settings = toySettings({ ...TOY, settings: { out: join(made.disk, 'run'), keep: 5 } });
  const store = new RunStore(recordFor(settings));
  const state = {
    tensors: new Map([['w', { shape: [25_000], dtype: 'float32', data: new Float32Array(25_000) } as const]]),
    progress: {},
  };
  const progress = { seconds: 1, rollbacks: 0 };
  await store.save(10, state, progress);
  await store.save(20, state, progress);
  await assert.rejects(store.save(30, state, progress), { code: 'IO', message: /disk is full/ });
  assert.deepEqual([await savedSteps(settings.out), store.savedStep], [[10, 20], 20], 'nothing is lost');
  await store.rescue(30, state, progress);
  assert.deepEqual([await savedSteps(settings.out), store.savedStep], [[20, 30], 30]);
  const only = new RunStore(recordFor({ ...settings, out: join(made.disk, 'other') }));
  await assert.rejects(only.rescue(1, state, progress), { code: 'IO' });
});

await withTensorflow((tf) => {
  test('data that cannot be read any more end a run; its last safe state is saved and told', async () => {
    const source = squareSource(SIZES, TOY_NETWORK);
    let asked = 0;
    const data: DataSource = {
      ...source,
      async next(random) {
        if (++asked > 60) throw new MangaError('IO', 'The disk with the photos is gone.');
        return source.next(random);
      },
    };
    const out = join(folder, 'data');
    const { run, trainer, exported } = toyRun(tf, { ...TOY, data, settings: { out } }, () => {});
    await assert.rejects(run.run(), {
      code: 'IO',
      message: /^The disk with the photos is gone\. Step \d+ was saved\.$/,
    });
    const saved = run.report.checkpointStep!;
    // A machine that is slow now makes more steps safe than every 50th.
    assert.ok(saved > 10 && saved <= 60, `${saved}`);
    assert.equal(run.report.state, 'failed');
    assert.deepEqual([await savedSteps(out), exported], [[saved], [saved]]);
    const { progress } = await loadRun(out);
    assert.deepEqual([progress.step, progress.adamStep], [saved, saved], 'the state is that of the step');
    trainer.dispose();
  });

  test('a checkpoint that cannot be written is told; the run goes on, and writes when it can', async () => {
    const out = join(folder, 'blocked');
    mkdirSync(out);
    const blocker = join(out, 'checkpoints');
    writeFileSync(blocker, 'in the way');
    const problems: string[] = [];
    const { run, trainer, exported } = toyRun(tf, { ...TOY, steps: 12, settings: { out } }, (running, report) => {
      if (report.step === 2 || report.step === 6) running.control('save');
      if (report.step === 4) rmSync(blocker);
      if (report.problem && problems.at(-1) !== report.problem) problems.push(report.problem);
    });
    await run.run();
    assert.equal(run.report.state, 'finished');
    assert.match(problems.join(), /^Step 3 was not saved\. .*in its place/);
    assert.deepEqual([await savedSteps(out), exported], [[12], [7, 12]]);
    trainer.dispose();
  });
});
