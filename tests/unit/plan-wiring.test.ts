import assert from 'node:assert/strict';
import test from 'node:test';
import { addStep, beginPlan } from '../../lib/plan/build.ts';
import { checkPlan } from '../../lib/plan/check.ts';
import { WalkCollector } from '../../lib/plan/collector.ts';
import { mergePlans } from '../../lib/plan/merge.ts';
import type { Plan } from '../../lib/plan/types.ts';
import { WiringError } from '../../lib/plan/wiring-error.ts';
import type { Handle } from '../../lib/session/types.ts';
import { CHAIN, PARALLEL, planOf, type Wires } from './plan-support.ts';

interface Mistake {
  readonly what: string;
  readonly wires: Wires;
  readonly more?: Readonly<Record<string, Record<string, unknown>>>;
  /** Id of the node that is wrong; undefined: the trainer, where something is missing. */
  readonly node: string | undefined;
  readonly says: RegExp;
}

const without = (wires: Wires, ...ids: string[]): Wires =>
  Object.fromEntries(Object.entries(wires).filter(([id]) => !ids.includes(id)));

const MISTAKES: readonly Mistake[] = [
  {
    what: 'an adversarial loss without a discriminator',
    wires: { ...without(CHAIN, 'discriminator'), decoder: ['adversarial'] },
    node: 'adversarial',
    says: /msg\.scores is missing.*Wire a manga-discriminator/,
  },
  {
    what: 'a discriminator behind the encoder',
    wires: { ...CHAIN, encoder: ['discriminator'] },
    node: 'discriminator',
    says: /msg\.payload is the 'content' output.*Wire a manga-tcn-decoder/,
  },
  {
    what: 'a loss behind the dataset',
    wires: { dataset: ['style'], style: ['trainer'] },
    node: 'style',
    says: /Wire a manga-tcn-decoder/,
  },
  {
    what: 'a decoder without an encoder',
    wires: { ...without(CHAIN, 'encoder'), dataset: ['decoder'] },
    node: 'decoder',
    says: /Wire a manga-encoder/,
  },
  {
    what: 'an encoder of styles',
    wires: CHAIN,
    more: { encoder: { mode: 'style' } },
    node: 'encoder',
    says: /mode to 'content'/,
  },
  {
    what: 'two sessions',
    wires: CHAIN,
    more: { other: { type: 'manga-session' }, decoder: { session: 'other' } },
    node: 'decoder',
    says: /another session.*same manga-session/,
  },
  { what: 'no session', wires: CHAIN, more: { dataset: { session: '' } }, node: 'dataset', says: /no session/ },
  {
    what: 'a block used twice, in a row',
    wires: { ...CHAIN, style: ['second'], second: ['temporal'] },
    more: { second: { type: 'manga-loss-style', networkType: 'small' } },
    node: 'second',
    says: /has a manga-loss-style already/,
  },
  {
    what: 'a block used twice, side by side',
    wires: { ...PARALLEL, decoder: [...PARALLEL.decoder!, 'second'], second: ['trainer'] },
    more: { second: { type: 'manga-loss-style', networkType: 'small', name: 'other style' } },
    node: 'second',
    says: /other style: the plan has a manga-loss-style already/,
  },
  {
    what: 'a dataset behind another',
    wires: { ...CHAIN, first: ['dataset'] },
    more: { first: { type: 'manga-dataset', session: 'session', kind: 'photos', photos: 'photos' } },
    node: 'dataset',
    says: /has a manga-dataset already/,
  },
  {
    what: 'a loop',
    wires: { ...CHAIN, temporal: ['trainer', 'decoder'] },
    node: 'decoder',
    says: /loop.*Remove the wire/,
  },
  {
    what: 'a loop to the dataset',
    wires: { ...CHAIN, temporal: ['trainer', 'dataset'] },
    node: 'dataset',
    says: /loop/,
  },
  {
    what: 'sides that do not meet',
    wires: CHAIN,
    more: { decoder: { trainSide: '256' } },
    node: 'decoder',
    says: /side 256.*side 128.*Set the same/,
  },
  {
    what: 'numbers of frames that do not meet',
    wires: CHAIN,
    more: { dataset: { frames: '4' } },
    node: 'discriminator',
    says: /\[B,6,128,128,1\].*\[B,4,128,128,1\]/,
  },
  {
    what: 'a discriminator that nothing trains',
    wires: { ...CHAIN, discriminator: ['content'] },
    node: 'discriminator',
    says: /Wire a manga-loss-adversarial/,
  },
  { what: 'no loss', wires: { ...without(CHAIN), decoder: ['trainer'] }, node: undefined, says: /no loss/ },
  {
    what: 'no decoder',
    wires: { dataset: ['encoder'], encoder: ['trainer'] },
    node: undefined,
    says: /no manga-tcn-decoder/,
  },
  {
    what: 'layers of drawings that are not there',
    wires: CHAIN,
    more: { dataset: { kind: 'pages', pages: 'pages' }, style: { transform: 'layers' } },
    node: 'style',
    says: /paired drawings.*'gram'/,
  },
  {
    what: 'content of pages that show something else',
    wires: CHAIN,
    more: { dataset: { kind: 'pages', pages: 'pages' } },
    node: 'content',
    says: /show something else than the photos.*Compare with to 'the photo'.*'Draw the photos too'/,
  },
  {
    what: 'content of Manga109 likewise',
    wires: PARALLEL,
    more: { dataset: { kind: 'manga109', root: 'root' } },
    node: 'content',
    says: /show something else than the photos/,
  },
  {
    what: 'two datasets',
    wires: { ...CHAIN, second: ['encoder'] },
    more: { second: { type: 'manga-dataset', session: 'session', kind: 'photos', photos: 'photos' } },
    node: undefined,
    says: /one manga-dataset/,
  },
  { what: 'nothing at the trainer', wires: { dataset: ['encoder'] }, node: 'trainer', says: /No wire leads/ },
];

for (const { what, wires, more, node, says } of MISTAKES) {
  test(`${what}: reported on the node that is wrong, with what to wire`, async () => {
    await assert.rejects(planOf(wires, more), (error) => {
      assert.ok(error instanceof WiringError, String(error));
      assert.deepEqual([error.code, error.node], ['BAD_WIRING', node], error.message);
      assert.match(error.message, says);
      assert.ok(error.hint);
      return true;
    });
  });
}

const dataset = {
  id: 'd',
  name: 'photos',
  block: 'dataset',
  session: 's',
  inputs: {},
  settings: { kind: 'photos', photos: 'p' },
} as const;
const encoder = { id: 'e', name: 'enc', block: 'encoder', session: 's', settings: {} } as const;
const isWiring = (expected: RegExp) => (error: unknown) => {
  assert.ok(error instanceof WiringError, String(error));
  assert.match(error.message, expected);
  return true;
};

test('symbols tell session, walk, step, kind and shape', () => {
  const { plan, outputs } = beginPlan('w', dataset);
  assert.deepEqual(outputs.photo, {
    manga: 'symbol',
    session: 's',
    walk: 'w',
    step: 'd',
    kind: 'photo',
    shape: ['B', 128, 128, 3],
  });
  const added = addStep(plan, { ...encoder, inputs: { photo: outputs.photo } });
  assert.equal(plan.steps.length, 1, 'the plan that came in is left as it is');
  assert.deepEqual(added.outputs.content!.shape.slice(0, 3), ['B', 16, 16]);
});

test('a picture on a training wire, and training without a dataset', () => {
  const { plan } = beginPlan('w', dataset);
  const handle: Handle = {
    ...{ manga: 'handle', session: 's', generation: 1, arena: '1.1', id: 1 },
    ...{ kind: 'image', shape: [1, 8, 8, 3], dtype: 'uint8' },
  };
  const mixed = isWiring(/enc: msg\.payload is a handle of one picture.*apart/);
  assert.throws(() => addStep(plan, { ...encoder, inputs: { photo: handle } }), mixed);
  const lost = isWiring(/enc: no training message.*Wire a manga-dataset/);
  assert.throws(() => addStep(undefined, { ...encoder, inputs: { photo: undefined } }), lost);
});

test('a symbol of another walk', () => {
  const { plan } = beginPlan('w', dataset);
  const { outputs } = beginPlan('other', dataset);
  const expected = isWiring(/another training message/);
  assert.throws(() => addStep(plan, { ...encoder, inputs: { photo: outputs.photo } }), expected);
});

test('branches that contradict each other, or are of two sessions or walks, cannot be joined', async () => {
  const { plan } = await planOf(CHAIN);
  const change = (fields: Partial<Plan>) => ({ ...structuredClone(plan), ...fields });
  const settled = { ...plan.steps[7]!, settings: { weight: 3, lowPass: false } };
  const conflict = change({ steps: [...plan.steps.slice(0, 7), settled] });
  assert.throws(() => mergePlans([plan, conflict]), isWiring(/manga-loss-temporal: .*different inputs or settings/));
  assert.throws(() => mergePlans([plan, change({ session: 'other' })]), isWiring(/two sessions/));
  assert.throws(() => mergePlans([plan, change({ walk: 'other' })]), isWiring(/two training messages/));
  assert.throws(() => mergePlans([]), isWiring(/No training message/));
  assert.deepEqual(mergePlans([plan, change({}), plan]), plan);
});

test('a plan with a step missing is refused', async () => {
  const { plan } = await planOf(CHAIN);
  for (const { id, block } of plan.steps) {
    const rest = { ...plan, steps: plan.steps.filter((step) => step.id !== id) };
    if (['loss-content', 'loss-style', 'loss-temporal'].includes(block)) checkPlan(rest);
    else assert.throws(() => checkPlan(rest), WiringError, block);
  }
});

test('pages without drawings of the photos: what needs none is accepted', async () => {
  const pages = { kind: 'pages', pages: 'pages' };
  await planOf(CHAIN, { dataset: { ...pages, paired: true } });
  await planOf(CHAIN, { dataset: pages, content: { against: 'photo' } });
  // What counts nothing compares nothing.
  await planOf(CHAIN, { dataset: pages, content: { weight: '0', weightType: 'num' } });
  // A film shows what its first frame shows.
  await planOf(CHAIN, { dataset: { kind: 'video', videos: 'films' } });
});

test('the phases that learn from pairs are refused without pairs, on the dataset; from a checkpoint they do not come', async () => {
  const content = { against: 'photo' };
  const { plan: pages } = await planOf(CHAIN, { dataset: { kind: 'pages', pages: 'pages' }, content });
  const { plan: films } = await planOf(CHAIN, { dataset: { kind: 'video', videos: 'films' } });
  const { plan: paired } = await planOf(CHAIN, { dataset: { kind: 'pages', pages: 'pages', paired: true } });
  const refused = (plan: Plan, says: RegExp) =>
    assert.throws(
      () => checkPlan(plan, { schedule: 'phases' }),
      (error) => {
        assert.ok(error instanceof WiringError && error.node === 'dataset', String(error));
        assert.match(error.message, says);
        return true;
      },
    );
  refused(pages, /first phases.*Tick 'Draw the photos too'.*checkpoint.*plain/);
  refused(films, /first phases.*\. Start from a checkpoint.*plain/);
  for (const plan of [pages, films]) {
    checkPlan(plan, { schedule: 'phases', from: 'ink' });
    checkPlan(plan, { schedule: 'plain' });
    checkPlan(plan);
  }
  checkPlan(paired, { schedule: 'phases' });
});

test('the branches of a walk are joined once, those of another walk apart', async () => {
  const { plan } = await planOf(CHAIN);
  const branch = (last: number): Plan => ({ ...plan, steps: [...plan.steps.slice(0, 5), plan.steps[last]!] });
  const collector = new WalkCollector(20);
  const [first, second, third, other] = await Promise.all([
    collector.add(branch(5)),
    collector.add(branch(6)),
    collector.add(branch(7)),
    collector.add({ ...branch(7), walk: 'other' }),
  ]);
  assert.deepEqual(first, plan);
  assert.deepEqual([second, third], [undefined, undefined]);
  assert.equal(other!.steps.length, 6);
  const late = collector.add(plan);
  collector.close();
  assert.deepEqual(await late, plan, 'closing ends the wait');
});

test('a contradiction is told once, to the first branch', async () => {
  const { plan } = await planOf(CHAIN);
  const twin = { ...plan.steps[7]!, id: 'second' };
  const collector = new WalkCollector(5);
  const first = collector.add(plan);
  const second = collector.add({ ...plan, steps: [...plan.steps.slice(0, 7), twin] });
  await assert.rejects(first, isWiring(/already/));
  assert.equal(await second, undefined);
});

test('a branch that comes when its walk was joined already joins what is there', async () => {
  const { plan } = await planOf(PARALLEL);
  const branch = (last: number): Plan => ({ ...plan, steps: [...plan.steps.slice(0, 3), plan.steps[last]!] });
  const collector = new WalkCollector(5);
  assert.equal((await collector.add(branch(5)))!.steps.length, 4);
  const both = (await collector.add(branch(7)))!;
  assert.deepEqual(
    both.steps.map(({ block }) => block),
    ['dataset', 'encoder', 'tcn-decoder', 'loss-content', 'loss-temporal'],
  );
  const next = (await collector.add({ ...branch(6), walk: 'next' }))!;
  assert.equal(next.steps.length, 4, 'a new walk begins anew');
});
