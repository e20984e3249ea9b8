/** Runs that go on in another process: accumulated batches, a checkpoint that is gone, other settings, roll-backs. */
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { modelFolder } from '../../lib/checkpoint/shipped.ts';
import { trainerSchema } from '../../lib/plan/settings.ts';
import { openRun } from '../../lib/training/gan/open-run.ts';
import { loadRun, savedSteps, saveRun } from '../../lib/training/gan/run-folder.ts';
import { assertSameLosses, folder, Run, tinyPlan } from './gan-run-support.ts';
import { withTensorflow } from './training-support.ts';

const problemOf = (run: Run): string => run.reports.at(-1)?.problem ?? '';

/** Changes what the newest state of a run keeps. */
async function change(out: string, edit: (progress: Record<string, unknown>) => void, name?: string): Promise<void> {
  const { tensors, progress } = await loadRun(out);
  const changed = structuredClone(progress) as Record<string, unknown>;
  edit(changed);
  // A weight that is no number: the next step breaks.
  if (name) tensors.get(name)!.data.fill(Number.NaN);
  await saveRun(out, Number(progress.step), { tensors, progress: changed }, 1);
}

await withTensorflow(() => {
  test('killed in the midst of a batch of two micro-batches, a run begun from a checkpoint goes on with the same numbers, without that checkpoint', async () => {
    const plan = await tinyPlan();
    const from = join(folder, 'begin-with');
    cpSync(modelFolder('pencil'), from, { recursive: true });
    const settings = { from, steps: 8, batch: 4, microBatch: 2 };
    const whole = new Run(plan, 'whole', settings);
    await whole.exited;
    assert.equal(whole.reports.at(-1)?.state, 'finished');
    const killed = new Run(plan, 'killed', settings);
    await killed.until(({ step }) => step === 3);
    killed.tell('save');
    const { checkpointStep } = await killed.until((report) => report.checkpointStep !== undefined);
    await killed.until(({ step }) => step > checkpointStep!);
    await sleep(Math.random() * 200);
    killed.kill();
    await killed.exited;
    rmSync(from, { recursive: true });
    const resumed = new Run(plan, 'killed', { ...settings, resume: killed.out });
    await resumed.exited;
    assert.equal(resumed.losses.size, 8 - checkpointStep!);
    assert.ok(resumed.reports.every(({ phase }) => phase === 'C'));
    assertSameLosses(resumed, whole, `saved at ${checkpointStep}`);
    assert.equal((await loadRun(resumed.out)).progress.step, 8);
  });

  test('a run that goes on: refused with other settings, roll-backs count on, other rates count anew, earlier versions go on as they did', async () => {
    const plan = await tinyPlan();
    const plain = { schedule: 'plain', seed: 7 };
    const first = new Run(plan, 'begun', { ...plain, steps: 2 });
    await first.exited;
    const resume = first.out;
    const otherwise = trainerSchema.parse({ out: resume, resume, schedule: 'plain', batch: 2, microBatch: 2 });
    await assert.rejects(openRun(plan, otherwise, 'tensorflow'), { message: /seed: was 7, is 1.*Set it as it was/ });

    await change(resume, (progress) => Object.assign(progress, { rollbacks: 3, rateScale: 0.125 }));
    const slower = new Run(plan, 'slower', { ...plain, steps: 3, generatorRate: 1e-4, resume });
    await slower.exited;
    const [report] = slower.reports;
    assert.deepEqual([report?.rollbacks, report?.rates?.generator], [0, 1e-4], 'as they are set now');

    await change(resume, (progress) => {
      for (const added of ['record', 'guard', 'rollbacks']) delete progress[added];
    });
    const older = new Run(plan, 'older', { schedule: 'plain', steps: 3, resume });
    await older.exited;
    assert.deepEqual([older.reports.at(-1)?.state, older.reports.at(-1)?.step], ['finished', 3]);
    const deeper = await tinyPlan({ discriminator: { channels: 8, depth: 4 } });
    const unfit = new Run(deeper, 'unfit', { ...plain, steps: 4, resume });
    await unfit.exited;
    assert.match(problemOf(unfit), /had other networks: discriminator\/\S+ is .*channels and depth/);

    const layers = 'generator/variable/decoder.layers.bias';
    await change(resume, (progress) => Object.assign(progress, { rollbacks: 5 }), layers);
    const lost = new Run(plan, 'lost', { ...plain, steps: 3, resume });
    await lost.exited;
    assert.match(problemOf(lost), /broke 6 times/);
    assert.deepEqual(await savedSteps(lost.out), [], 'nothing broken is saved');
  });
});
