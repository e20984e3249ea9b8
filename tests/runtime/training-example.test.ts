import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { TrainingReport } from '../../lib/plan/types.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

const idOf = (flow: readonly FlowNode[], type: string, name: string): string =>
  flow.find((each) => each.type === type && each.name === name)!.id;

/** The example that trains, with fewer steps. */
function example(steps: number): FlowNode[] {
  const flow = JSON.parse(readFileSync(join(ROOT, 'examples', '07 Train.json'), 'utf8')) as FlowNode[];
  return flow.map((node) =>
    node.type === 'manga-trainer'
      ? { ...node, steps: String(steps), batch: '1', microBatch: '1', sampleEvery: '0' }
      : node,
  );
}

/** Progress up to the first report in one of these states. */
async function until(progress: string, ...states: TrainingReport['state'][]): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for (;;) {
    const report = (await runtime.message(progress)).payload as TrainingReport;
    reports.push(report);
    if (states.includes(report.state)) return reports;
    assert.notEqual(report.state, 'failed', report.problem);
  }
}

const press = async (id: string): Promise<void> =>
  assert.equal((await fetch(`${runtime.url}/inject/${id}`, { method: 'POST' })).status, 200);

test('the example trains: plan, progress, a checkpoint; start again goes anew, pause and stop work', async () => {
  const flow = example(4);
  await runtime.deploy(flow);
  const progress = idOf(flow, 'debug', 'progress');
  await press(idOf(flow, 'inject', 'start'));
  assert.equal((await runtime.message(idOf(flow, 'debug', 'plan'))).payload.steps.length, 8);
  const reports = await until(progress, 'finished');
  assert.equal(reports.at(-1)!.step, 4);
  assert.ok(Number.isFinite(reports.at(-1)!.losses.discriminator));
  const checkpoint = await runtime.message(idOf(flow, 'debug', 'checkpoint'));
  assert.ok(checkpoint.payload.startsWith(join(runtime.userDir, 'training')), checkpoint.payload);
  assert.ok(existsSync(checkpoint.payload));

  const trainer = flow.find(({ type }) => type === 'manga-trainer')!;
  await runtime.deploy(flow.map((node) => (node === trainer ? { ...node, steps: '100000', out: 'long' } : node)));
  await press(idOf(flow, 'inject', 'start'));
  await until(progress, 'running');
  await press(idOf(flow, 'inject', 'pause'));
  const paused = (await until(progress, 'paused')).at(-1)!;
  await press(idOf(flow, 'inject', 'resume'));
  await until(progress, 'running');
  await press(idOf(flow, 'inject', 'stop'));
  const stopped = (await until(progress, 'finished')).at(-1)!;
  assert.ok(stopped.step >= paused.step);

  // After a stop, resume goes on from the folder.
  await press(idOf(flow, 'inject', 'resume'));
  const resumed = await until(progress, 'running');
  assert.ok(resumed.at(-1)!.step >= stopped.step, `${resumed.at(-1)!.step} follows ${stopped.step}`);
  await press(idOf(flow, 'inject', 'stop'));
  await until(progress, 'finished');
  assert.deepEqual(runtime.complaints, []);
});
