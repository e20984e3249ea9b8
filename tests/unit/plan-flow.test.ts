import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { checkPlan } from '../../lib/plan/check.ts';
import { fileReader } from '../../lib/plan/config-reader.ts';
import { planFromFlow } from '../../lib/plan/from-flow.ts';
import { trainerSchema } from '../../lib/plan/settings.ts';
import type { WiringError } from '../../lib/plan/wiring-error.ts';
import { ADAM_DEFAULTS } from '../../lib/training/adam.ts';
import { CHAIN, flowOf, PARALLEL, planOf } from './plan-support.ts';

const FLOWS = join(import.meta.dirname, '../../flows');

test('losses in a row and losses side by side give the same plan, in the order of a chain', async () => {
  const [chain, parallel] = await Promise.all([planOf(CHAIN), planOf(PARALLEL)]);
  assert.deepEqual(parallel.plan, chain.plan);
  assert.deepEqual(
    chain.plan.steps.map(({ id }) => id),
    ['dataset', 'encoder', 'decoder', 'discriminator', 'adversarial', 'content', 'style', 'temporal'],
  );
});

test('the steps are fed by the right steps', async () => {
  const { plan } = await planOf(PARALLEL, { content: { against: 'photo' } });
  const inputs = Object.fromEntries(plan.steps.map((step) => [step.id, step.inputs]));
  assert.deepEqual(inputs.encoder, { photo: { step: 'dataset', kind: 'photo' } });
  assert.deepEqual(inputs.decoder, { content: { step: 'encoder', kind: 'content' } });
  assert.deepEqual(inputs.discriminator, {
    generated: { step: 'decoder', kind: 'generated' },
    real: { step: 'dataset', kind: 'real' },
  });
  assert.deepEqual(inputs.adversarial, { scores: { step: 'discriminator', kind: 'scores' } });
  assert.deepEqual(inputs.content, {
    generated: { step: 'decoder', kind: 'generated' },
    photo: { step: 'dataset', kind: 'photo' },
  });
});

test('a plan is plain JSON', async () => {
  const { plan } = await planOf(PARALLEL);
  const copy = JSON.parse(JSON.stringify(plan));
  assert.deepEqual(copy, plan);
  checkPlan(copy);
});

test('blank fields take the defaults of the method', async () => {
  const { plan, trainer } = await planOf(PARALLEL);
  const settings = Object.fromEntries(plan.steps.map((step) => [step.id, step.settings]));
  assert.deepEqual(settings.decoder, { frames: 6, side: 128 });
  assert.deepEqual(settings.discriminator, { pairing: 'independent', channels: 32, depth: 3, logits: 'clip' });
  assert.deepEqual(settings.adversarial, { weight: 1, objective: 'non-saturating', realLabel: 0.9 });
  assert.equal(settings.content!.weight, 1);
  assert.equal(settings.style!.weight, 5);
  assert.deepEqual(settings.temporal, { weight: 10, lowPass: false });
  assert.deepEqual(settings.dataset!.photos, ['/data/photos']);
  assert.deepEqual([trainer.generatorRate, trainer.discriminatorRate, trainer.batch], [2e-4, 2e-4, 64]);
  assert.deepEqual([ADAM_DEFAULTS.beta1, ADAM_DEFAULTS.beta2], [0.5, 0.999]);
  assert.equal(trainer.out, '/data/out');
});

test('typed fields, several folders, lists of layers, a VGG19 file', async () => {
  process.env.PLAN_TEST_WEIGHT = '2.5';
  const { plan, trainer } = await planOf(PARALLEL, {
    dataset: { photos: '["one", "/two"]', photosType: 'json' },
    style: { weight: 'PLAN_TEST_WEIGHT', weightType: 'env' },
    content: { network: 'vgg19.pth', networkType: 'str', layers: 'relu2_1,  relu4_4' },
    trainer: { out: 'out', outType: 'str', steps: '7', stepsType: 'num', from: 'ink', resume: 'before' },
  });
  const settings = Object.fromEntries(plan.steps.map((step) => [step.id, step.settings]));
  assert.deepEqual(settings.dataset!.photos, ['/data/one', '/two']);
  assert.equal(settings.style!.weight, 2.5);
  assert.equal(settings.content!.network, '/data/vgg19.pth');
  assert.deepEqual(settings.content!.layers, ['relu2_1', 'relu4_4']);
  assert.deepEqual([trainer.steps, trainer.from, trainer.resume], [7, 'ink', '/data/before']);
});

test('yes and no may come as text, from a variable or a flow file: "false" is no', async () => {
  const lowPass = async (value: unknown) => {
    const { plan } = await planOf(PARALLEL, { temporal: { lowPass: value } });
    return plan.steps.find(({ id }) => id === 'temporal')!.settings.lowPass;
  };
  assert.deepEqual([await lowPass('false'), await lowPass('true'), await lowPass(true)], [false, true, true]);
  const { trainer } = await planOf(PARALLEL, { trainer: { out: 'out', outType: 'str', anew: 'false' } });
  assert.equal(trainer.anew, false);
});

test('wrong settings name node and field', async () => {
  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['temporal', { lowPass: 'perhaps' }, /manga-loss-temporal: .*lowPass: must be true or false/],
    ['style', { weight: '-1', weightType: 'num' }, /manga-loss-style: .*weight/],
    ['content', { layers: 'relu9_9' }, /manga-loss-content: .*layers.*relu9_9.*relu3_1/],
    ['temporal', { weight: 'w', weightType: 'msg' }, /msg\.w.*running Node-RED/],
    ['dataset', { kind: 'pages' }, /manga-dataset: .*pages/],
    ['trainer', { batch: '10' }, /batch: must be a multiple of the micro-batch \(8\)/],
  ];
  for (const [id, fields, expected] of wrong) {
    await assert.rejects(planOf(PARALLEL, { [id]: fields }), (error) => {
      assert.ok(error instanceof MangaError && error.code === 'BAD_SETTING', String(error));
      assert.match(error.message, expected);
      return true;
    });
  }
  assert.equal(trainerSchema.safeParse({ out: 'x', batch: '64', microBatch: '16' }).success, true);
});

test('junctions and link nodes carry the message on; disabled nodes and tabs do not exist', async () => {
  const { plan } = await planOf(
    { ...CHAIN, dataset: ['junction'], junction: ['encoder'], style: ['out'], in: ['temporal'] },
    {
      junction: { type: 'junction' },
      out: { type: 'link out', links: ['in'] },
      in: { type: 'link in', links: ['out'] },
      second: { type: 'manga-trainer', d: true },
      elsewhere: { type: 'manga-dataset', z: 'off' },
      off: { type: 'tab', disabled: true },
    },
  );
  assert.deepEqual(plan, (await planOf(CHAIN)).plan);
});

test('a node that may change the message, between two blocks: refused, on that node; at the ends it does not matter', async () => {
  const between = (type: string): Parameters<typeof planOf> => [
    { ...CHAIN, content: ['other'], other: ['style'] },
    { other: { type, name: 'my step' } },
  ];
  const types = ['function', 'switch', 'change', 'delay', 'link call', 'subflow:abc', 'manga-preview'];
  const wrongly: [string, ...Parameters<typeof planOf>][] = types.map((type) => [type, ...between(type)]);
  // A branch among others would be lost without a word.
  const branch = { ...PARALLEL, style: ['other'], other: ['trainer'] };
  wrongly.push(['one branch', branch, { other: { type: 'change', name: 'my step' } }]);
  const far = { ...CHAIN, content: ['other'], other: ['second'], second: ['style'] };
  wrongly.push(['two in a row', far, { other: { type: 'delay', name: 'my step' }, second: { type: 'function' } }]);
  const inside = { other: { type: 'subflow:abc', name: 'my step' }, hidden: { type: 'manga-loss-style', z: 'abc' } };
  wrongly.push(['within a subflow', { ...CHAIN, content: ['style', 'other'] }, inside]);
  for (const [what, wires, more] of wrongly) {
    await assert.rejects(planOf(wires, more), (error) => {
      assert.ok(error instanceof MangaError && error.code === 'BAD_WIRING', `${what}: ${error}`);
      assert.equal((error as WiringError).node, 'other', what);
      assert.match(error.message, /my step: manga-\S+ lies behind it.*direct wires.*take this node out/);
      return true;
    });
  }
  const { plan } = await planOf(
    { ...CHAIN, decoder: ['discriminator', 'debug', 'other'], other: ['debug'], trainer: ['other'] },
    { debug: { type: 'debug' }, other: { type: 'function' } },
  );
  assert.deepEqual(plan, (await planOf(CHAIN)).plan);
});

test('what is no flow file is told so', async () => {
  for (const flow of [null, {}, [{ type: 'tab' }], 'x']) {
    await assert.rejects(planFromFlow(flow, fileReader('/data')), { code: 'BAD_SETTING' });
  }
  await assert.rejects(planFromFlow([], fileReader('/data')), /manga-trainer/);
});

test('the example flows, and those that the shipped networks were trained by, wire every block and can be trained', async () => {
  process.env.MANGA109 = '/data/Manga109';
  const files = globSync(['{train*,finetune-style,15*}.json', '../models/*/training.json'], { cwd: FLOWS });
  assert.equal(files.length, 7);
  for (const file of files) {
    const flow = JSON.parse(readFileSync(join(FLOWS, file), 'utf8'));
    const { plan, trainer } = await planFromFlow(flow, fileReader('/data'));
    assert.equal(plan.steps.length, 8, file);
    checkPlan(plan, trainer);
  }
});

test('nodes can be changed before the walk', async () => {
  const { plan } = await planFromFlow(flowOf(CHAIN), fileReader('/data'), (node) =>
    node.id === 'dataset' ? { ...node, photos: '/elsewhere' } : node,
  );
  assert.deepEqual(plan.steps[0]!.settings.photos, ['/elsewhere']);
});
