/** Training runs by a plan, in processes of their own: killed, resumed, paused, saved, broken. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readSafetensors } from '../../lib/checkpoint/safetensors.ts';
import { savedSteps } from '../../lib/training/gan/run-folder.ts';
import { assertSameLosses, Run, STEPS, tinyPlan } from './gan-run-support.ts';
import { withTensorflow } from './training-support.ts';

await withTensorflow(() => {
  test('killed at a random step and resumed, a run goes on with the numbers of one that was never stopped', async () => {
    const plan = await tinyPlan();
    const whole = new Run(plan, 'whole');
    await whole.exited;
    assert.equal(whole.reports.at(-1)?.state, 'finished');
    const saveAfter = 1 + Math.floor(Math.random() * 6);
    const killAfter = 1 + Math.floor(Math.random() * 2);
    // Pictures of samples must not change the numbers either.
    const killed = new Run(plan, 'killed', { sampleEvery: 1 });
    await killed.until(({ step }) => step === saveAfter);
    killed.tell('save');
    const { checkpointStep } = await killed.until((report) => report.checkpointStep !== undefined);
    const at = checkpointStep! + killAfter;
    await killed.until(({ step }) => step === at);
    killed.kill();
    await killed.exited;
    assert.deepEqual(await savedSteps(killed.out), [checkpointStep]);
    assert.ok(readdirSync(join(killed.out, 'samples')).length >= checkpointStep!);
    const resumed = new Run(plan, 'killed', { resume: killed.out });
    await resumed.exited;
    const where = `saved at ${checkpointStep}, killed at ${at}`;
    assert.equal(resumed.reports[0]?.step, checkpointStep! + 1, where);
    assert.equal(resumed.losses.size, STEPS - checkpointStep!, where);
    assertSameLosses(resumed, whole, where);
    assert.deepEqual(Object.keys(whole.losses.get(STEPS)!).sort(), [
      'adversarial',
      'content',
      'discriminator',
      'fields',
      'layers',
      'style',
      'temporal',
      'trajectory',
    ]);
    const weights = [whole, resumed].map(({ out }) =>
      readSafetensors(readFileSync(join(out, 'generator.safetensors'))),
    );
    assert.deepEqual(weights[0]!.tensors, weights[1]!.tensors, 'the checkpoints are the same');
  });

  test('pause holds, save while paused writes, resume goes on, stop saves; the newest checkpoints are kept', async () => {
    const run = new Run(await tinyPlan(), 'controlled', { steps: 500, keep: 2 });
    // What a killed process left behind.
    const states = join(run.out, 'checkpoints');
    mkdirSync(states, { recursive: true });
    writeFileSync(join(states, 'step-00000400.safetensors.0a1b2c.tmp'), 'half');
    await run.until(({ step }) => step > 0);
    // And what a roll-back gave up.
    writeFileSync(join(states, 'step-00000400.safetensors'), 'later than all');
    const saved: number[] = [];
    for (let i = 0; i < 3; i++) {
      run.tell('save');
      const { checkpointStep } = await run.until((report) => report.checkpointStep !== saved.at(-1));
      saved.push(checkpointStep!);
      await run.until(({ step }) => step > checkpointStep!);
    }
    assert.deepEqual(await savedSteps(run.out), saved.slice(-2));
    assert.deepEqual(readdirSync(states).length, 2, 'nothing else lies there');
    run.tell('pause');
    const paused = await run.until(({ state }) => state === 'paused');
    run.tell('save');
    const whilePaused = await run.until(({ checkpointStep }) => checkpointStep !== saved.at(-1));
    assert.deepEqual([whilePaused.step, whilePaused.checkpointStep], [paused.step, paused.step]);
    run.tell('resume');
    const resumed = await run.until(({ step }) => step > paused.step);
    assert.equal(resumed.state, 'running');
    run.tell('stop');
    await run.exited;
    const last = run.reports.at(-1)!;
    assert.equal(last.state, 'finished');
    assert.ok(last.step < 500);
    assert.deepEqual(await savedSteps(run.out), [paused.step, last.step]);
  });

  test('numbers that are none take the run back, three times at half the rate; then it says why it gave up', async () => {
    const run = new Run(await tinyPlan(), 'broken', { generatorRate: 1, clipNorm: 1e6 });
    await run.exited;
    const last = run.reports.at(-1)!;
    assert.equal(last.state, 'failed');
    assert.equal(last.rollbacks, 3);
    assert.match(last.problem!, /broke 4 times\. The \w+ loss is NaN\. .*smaller learning rate/);
    const back = run.reports.filter(({ rollbacks, state }) => rollbacks > 0 && state === 'running');
    assert.match(back[0]!.problem!, /Back to step 0, learning rate halved\./);
    assert.deepEqual(await savedSteps(run.out), [], 'nothing broken was saved');
  });
});
