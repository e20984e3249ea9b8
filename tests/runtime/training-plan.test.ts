import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileReader } from '../../lib/plan/config-reader.ts';
import { planFromFlow } from '../../lib/plan/from-flow.ts';
import type { Plan } from '../../lib/plan/types.ts';
import type { Handle } from '../../lib/session/types.ts';
import { CHAIN, PARALLEL, type Wires } from '../unit/plan-support.ts';
import { around, node, PHOTO, session, sink } from './support/flow.ts';
import { type FlowNode, ROOT, Runtime } from './support/runtime.ts';
import { trainingNodes } from './support/training.ts';

let runtime: Runtime;
before(async () => {
  runtime = await Runtime.start();
});
after(() => runtime.stop());

const sinks = ['progress', 'checkpoints', 'plans'].map((id) => sink(id));
const flowOf = (wires: Wires, more?: Parameters<typeof trainingNodes>[1]): FlowNode[] =>
  around(...trainingNodes(wires, more), ...sinks).map((each) =>
    each.id === 'catch' ? { ...each, wires: [['sink']] } : each,
  );

/** The plan that the trainer has after the deployment's own walk. */
async function planInRuntime(flow: FlowNode[], trainer = 'trainer', plans = 'plans'): Promise<Plan> {
  await runtime.deploy(flow);
  runtime.send(trainer, { action: 'check' });
  return (await runtime.message(plans)).payload;
}

async function planInFile(flow: FlowNode[]): Promise<Plan> {
  return (await planFromFlow(flow, fileReader(runtime.userDir))).plan;
}

/** Each walk has a name of its own. */
const nameless = (plan: Plan): Plan => ({ ...plan, walk: '' });

test('a deployment leaves a plan at the trainer: in a row, side by side, and from the file the same', async () => {
  const chain = await planInRuntime(flowOf(CHAIN));
  const parallel = await planInRuntime(flowOf(PARALLEL));
  assert.equal(chain.steps.length, 8);
  assert.deepEqual(nameless(parallel), nameless(chain));
  assert.deepEqual(nameless(await planInFile(flowOf(PARALLEL))), nameless(chain));
});

test('the example gives the same plan in the editor and on the command line', async () => {
  const flow = JSON.parse(readFileSync(join(ROOT, 'examples', '07 Train.json'), 'utf8')) as FlowNode[];
  const trainer = flow.find(({ type }) => type === 'manga-trainer')!;
  const plans = (trainer.wires as string[][])[2]![0]!;
  assert.deepEqual(nameless(await planInRuntime(flow, trainer.id, plans)), nameless(await planInFile(flow)));
});

test('settings come from the environment and from the message', async () => {
  process.env.TRAINING_TEST_WEIGHT = '7';
  const flow = flowOf(CHAIN, {
    style: { weight: 'TRAINING_TEST_WEIGHT', weightType: 'env' },
    temporal: { weight: 'steady', weightType: 'msg' },
  });
  await runtime.deploy(flow);
  await runtime.completed('trainer');
  runtime.send('dataset', { steady: 3 });
  await runtime.completed('trainer');
  runtime.send('trainer', { action: 'check' });
  const { steps } = (await runtime.message('plans')).payload as Plan;
  const weights = Object.fromEntries(steps.map(({ id, settings }) => [id, settings.weight]));
  assert.deepEqual([weights.style, weights.temporal, weights.content], [7, 3, 1]);
});

test('the message carries symbols, and what else was on it', async () => {
  await runtime.deploy(flowOf(CHAIN));
  await runtime.completed('trainer');
  runtime.send('dataset', { note: 'kept' });
  const atTrainer = (await runtime.message('trainer')) as unknown as Record<string, { kind?: string; shape?: unknown }>;
  await runtime.completed('trainer');
  const next = (await runtime.message('trainer')) as unknown as Record<string, { kind?: string; shape?: unknown }>;
  assert.equal(atTrainer.note, undefined);
  assert.equal(next.note, 'kept');
  assert.equal(next.topic, 'train');
  const kinds = ['payload', 'photo', 'real', 'scores'].map((property) => next[property]!.kind);
  assert.deepEqual(kinds, ['generated', 'photo', 'real', 'scores']);
  assert.deepEqual(next.payload!.shape, ['B', 4, 64, 64, 1]);
});

test('mistakes in the wires are reported on the node that is wrong, at the deployment', async () => {
  const second = { type: 'manga-loss-style' };
  const mistakes: [string, Wires, Parameters<typeof trainingNodes>[1], string, RegExp][] = [
    ['no discriminator', { ...CHAIN, decoder: ['adversarial'] }, {}, 'adversarial', /manga-discriminator/],
    ['a loop', { ...CHAIN, content: ['decoder'] }, {}, 'decoder', /loop/],
    ['twice, in a row', { ...CHAIN, style: ['second'], second: ['trainer'] }, { second }, 'second', /already/],
    [
      'twice, side by side',
      { ...PARALLEL, decoder: [...PARALLEL.decoder!, 'second'], second: ['trainer'] },
      { second },
      'second',
      /already/,
    ],
    ['sizes', CHAIN, { decoder: { trainSide: '128' } }, 'decoder', /side 128.*side 64/],
    ['style code', CHAIN, { encoder: { mode: 'style' } }, 'encoder', /content/],
    ['another session', CHAIN, { decoder: { session: 'other' } }, 'decoder', /same manga-session/],
    ['no session', CHAIN, { dataset: { session: '' } }, 'dataset', /session/],
    ['no loss', { ...CHAIN, decoder: ['trainer'] }, {}, 'trainer', /no loss/],
    ['untrained', { ...CHAIN, discriminator: ['content'] }, {}, 'discriminator', /manga-loss-adversarial/],
    ['a clip', { ...CHAIN, decoder: ['clip'] }, { clip: { type: 'manga-clip' } }, 'clip', /training symbol/],
  ];
  for (const [what, wires, more, wrong, says] of mistakes) {
    await runtime.deploy([...flowOf(wires, more), session('other')]);
    const { error } = await runtime.message('sink');
    assert.equal(error!.source.id, wrong, `${what}: ${error!.message}`);
    assert.match(error!.message, says, what);
    assert.equal(runtime.arrived('plans'), 0, what);
  }
});

test('two datasets at one trainer', async () => {
  const second = { type: 'manga-dataset', photos: 'photos', side: '64', frames: '4' };
  await runtime.deploy(flowOf({ ...CHAIN, second: ['encoder'] }, { second }));
  const { error } = await runtime.message('sink');
  assert.ok(['dataset', 'second'].includes(error!.source.id), error!.source.id);
  assert.match(error!.message, /another dataset.*disable/);
});

test('a plan that is not whole is not kept', async () => {
  await runtime.deploy(flowOf({ ...CHAIN, decoder: ['trainer'] }));
  await runtime.message('sink');
  runtime.send('trainer', { action: 'start' });
  const { error } = await runtime.message('sink');
  assert.match(error!.message, /No whole plan/);
});

test('a picture on the wires of training', async () => {
  await runtime.deploy([...flowOf(CHAIN), node('image', 'manga-image', ['sink'])]);
  runtime.send('image', { payload: PHOTO });
  const image = (await runtime.message('sink')).payload as Handle;
  runtime.send('trainer', { action: 'check' });
  const plan = (await runtime.message('plans')).payload as Plan;
  runtime.send('encoder', { payload: structuredClone(image), plan: { ...plan, steps: plan.steps.slice(0, 1) } });
  const { error } = await runtime.message('sink');
  assert.deepEqual([error!.source.id, error!.code], ['encoder', 'BAD_WIRING']);
  assert.match(error!.message, /one picture.*apart/);
});

test('what the trainer cannot do is said', async () => {
  await runtime.deploy(flowOf(CHAIN));
  await runtime.completed('trainer');
  for (const [message, says] of [
    [{ action: 'pause' }, /no training to pause/],
    [{ action: 'save' }, /no training to save/],
    [{ action: 'dance' }, /start, pause, resume, stop, save, check/],
    [{ payload: 1 }, /without msg\.plan/],
  ] as const) {
    runtime.send('trainer', message);
    assert.match((await runtime.message('sink')).error!.message, says);
  }
});

test('the buttons of dataset and trainer work on deployed nodes only', async () => {
  await runtime.deploy(flowOf(CHAIN));
  await runtime.completed('trainer');
  const post = async (path: string) => (await fetch(`${runtime.url}/motion-manga/${path}`, { method: 'POST' })).status;
  assert.equal(await post('dataset/dataset'), 204);
  await runtime.completed('trainer');
  assert.equal(await post('trainer/trainer/check'), 204);
  assert.equal((await runtime.message('plans')).payload.steps.length, 8);
  assert.deepEqual(
    [await post('dataset/trainer'), await post('trainer/none/start'), await post('trainer/trainer/dance')],
    [404, 404, 404],
  );
});
