/** Training in the real Node-RED: started by a message, watched, drawn with, killed, resumed. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { idleProcess } from '../../bench/event-loop-idle.ts';
import { LoopWindows } from '../../bench/event-loop-windows.ts';
import type { SessionHost } from '../../lib/session/host.ts';
import { savedSteps } from '../../lib/training/gan/run-folder.ts';
import type { SessionNode } from '../../nodes/session-of.ts';
import { catcher } from './support/flow.ts';
import { Runtime } from './support/runtime.ts';
import { draw, drawing, progressUntil, smallTraining } from './support/training-run.ts';

/** 99th percentile. A busy machine delays an idle process, too: up to twice its figure is the machine's doing. */
const MOST_DELAY_MS = 50;
const MOST_TIMES_IDLE = 2;

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

const sessionOf = (id: string): SessionHost =>
  (runtime.red.nodes.getNode(id) as unknown as SessionNode).session as SessionHost;

/** The bytes of the first drawn frame. */
async function firstFrame(): Promise<Buffer> {
  const { payload } = await draw(runtime);
  return Buffer.from((await sessionOf('learner').read(payload, 0, 1)).data as Uint8Array);
}

const training = smallTraining({ 'manga-trainer': { steps: '1000', sampleEvery: '5' } });

const { z: tab } = training.flow.find(({ id }) => id === training.trainer)!;

test('a message starts training; progress comes, and what was learned draws without a restart', async (t) => {
  const out = join(runtime.userDir, 'training');
  await runtime.deploy([...training.flow, ...drawing('training'), { ...catcher(), z: tab }]);
  const idle = idleProcess();
  t.after(() => idle.stop());
  await idle.take();
  const loop = new LoopWindows();
  runtime.send(training.trainer, { action: 'start' });
  const reports = await progressUntil(runtime, training, ({ step }) => step >= 5);
  const running = reports.filter(({ step }) => step > 0);
  for (const [i, report] of running.slice(1).entries()) assert.ok(report.step >= running[i]!.step);
  const last = running.at(-1)!;
  assert.equal(last.state, 'running');
  assert.equal(last.engine, 'tensorflow');
  // Phases B and C are dearer than A, C three times: 2,350 steps of A, on the whole.
  const left = last.etaSeconds! * last.stepsPerSecond!;
  assert.ok(left > 1000 && left < 3000, `${left}`);
  assert.ok(Number.isFinite(last.losses.content));
  const drawn: Buffer[] = [];
  const steps: number[] = [];
  const { pid } = await sessionOf('learner').stats();
  assert.equal(pid, 0, 'nothing was drawn yet');
  const pids = new Set<number>();
  for (let i = 0; i < 2; i++) {
    runtime.send(training.trainer, { action: 'save' });
    const saved = (await runtime.message(training.checkpoint)) as unknown as { payload: string; step: number };
    assert.equal(saved.payload, join(out, 'generator.safetensors'));
    steps.push(saved.step);
    drawn.push(await firstFrame());
    pids.add((await sessionOf('learner').stats()).pid);
    await progressUntil(runtime, training, ({ step }) => step > saved.step + 3);
  }
  assert.ok(steps[1]! > steps[0]!, `${steps}`);
  assert.equal(pids.size, 1, 'the drawing session went on');
  assert.ok(!drawn[0]!.equals(drawn[1]!), 'the newer checkpoint draws otherwise, with the same seed');
  const [own, machine] = [loop.take(), await idle.take()];
  const figures = `event loop delay ${JSON.stringify(own)} ms, of an idle process ${JSON.stringify(machine)} ms`;
  t.diagnostic(`${figures}, steps ${steps}`);
  assert.ok(own.p99 <= Math.max(MOST_DELAY_MS, MOST_TIMES_IDLE * machine.p99), figures);
  assert.equal(runtime.arrived('catch'), 0);
});

test('a killed training process is told to Catch with what to do, and resume goes on', async () => {
  await progressUntil(runtime, training, ({ state }) => state === 'running');
  const { pid } = await sessionOf(training.session).stats();
  process.kill(pid, 'SIGKILL');
  const { error } = await runtime.message('catch');
  assert.equal(error?.source.id, training.trainer);
  assert.equal(error.code, 'SESSION_CRASHED', error.message);
  assert.match(error.message, /The training ended at step \d+ or soon after\. .*'resume'/);
  runtime.send(training.trainer, { action: 'resume' });
  const first = (await progressUntil(runtime, training, ({ phase }) => phase !== undefined)).at(-1);
  assert.ok(first!.step > 5, `goes on from a checkpoint, not from 0: ${first!.step}`);
  runtime.send(training.trainer, { action: 'stop' });
  const ended = (await progressUntil(runtime, training, ({ state }) => state === 'finished')).at(-1)!;
  assert.ok(ended.step > first!.step || ended.step === ended.checkpointStep);
  assert.equal(runtime.arrived('catch'), 0);
});

test('a run that is starting is stopped, or given up by a redeployment, without an error; the next one trains', async () => {
  const early = (out: string) => smallTraining({ 'manga-trainer': { steps: '1000', out } });
  const flowFor = (out: string) => [...early(out).flow, { ...catcher(), z: tab }];
  const { trainer } = training;
  const plans = (training.flow.find(({ id }) => id === trainer)!.wires as string[][])[2]![0]!;
  await runtime.deploy(flowFor('stopped'));
  await runtime.completed(trainer);
  runtime.send(trainer, { action: 'start' });
  await runtime.message(plans);
  runtime.send(trainer, { action: 'stop' });
  for (const open = new Set<unknown>(['start', 'stop']); open.size > 0; ) {
    open.delete(((await runtime.completed(trainer)) as { action?: unknown }).action);
  }
  runtime.send(trainer, { action: 'start' });
  await runtime.message(plans);
  // Only the trainer is deployed anew: its session, and what goes on there, stays.
  await runtime.deploy(flowFor('next'), 'nodes');
  runtime.send(trainer, { action: 'start' });
  await progressUntil(runtime, training, ({ step }) => step >= 1);
  runtime.send(trainer, { action: 'stop' });
  await progressUntil(runtime, training, ({ state }) => state === 'finished');
  assert.equal(runtime.arrived('catch'), 0);
  const left = ['stopped', 'next'].map((out) => existsSync(join(runtime.userDir, out)));
  assert.deepEqual(left, [false, true]);
});

test('a redeployment lets a run save what it learned, and start does not overwrite it', async () => {
  // A step takes longer than other sessions are given to end.
  const slow = smallTraining({ 'manga-trainer': { steps: '1000', batch: '16', out: 'redeployed' } });
  const flow = [...slow.flow, { ...catcher(), z: tab }];
  await runtime.deploy(flow);
  runtime.send(slow.trainer, { action: 'start' });
  const { step } = (await progressUntil(runtime, slow, (report) => report.step >= 1)).at(-1)!;
  await runtime.deploy(flow);
  const [saved] = await savedSteps(join(runtime.userDir, 'redeployed'));
  assert.ok(saved! >= step, `saved step ${saved}, seen ${step}`);
  runtime.send(slow.trainer, { action: 'start' });
  const { error } = await runtime.message('catch');
  assert.deepEqual([error?.source.id, error?.code], [slow.trainer, 'BAD_SETTING']);
  assert.match(
    error!.message,
    new RegExp(`redeployed holds a run that is not finished: step ${saved} of 1000\\. .*'resume'`),
  );
});
