/** What a run keeps of how it was begun, and what it refuses to go on with. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { trainerSchema } from '../../lib/plan/settings.ts';
import type { Plan, TrainerSettings } from '../../lib/plan/types.ts';
import { onFirstEngine } from '../../lib/training/gan/first-engine.ts';
import { RunClock } from '../../lib/training/gan/run-clock.ts';
import { checkFits, loadRun, type RunState, savedSteps, saveRun } from '../../lib/training/gan/run-folder.ts';
import { checkSameRun, type RunRecord, recordOf } from '../../lib/training/gan/run-record.ts';
import { CHAIN, PARALLEL, planOf } from './plan-support.ts';

const folder = mkdtempSync(join(tmpdir(), 'motion-manga-run-record-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const settings = (more: Partial<TrainerSettings> = {}): TrainerSettings =>
  trainerSchema.parse({ out: 'out', steps: 300, batch: 4, microBatch: 2, ...more });
const record = (plan: Plan, more: Partial<TrainerSettings> = {}): RunRecord => ({
  ...{ plan, settings: settings(more), config: DEFAULT_CONFIG, engine: 'tensorflow' },
});
const state = (progress: RunState['progress']): RunState => ({
  tensors: new Map([['w', { shape: [2], dtype: 'float32', data: new Float32Array([1, 2]) }]]),
  progress,
});

/** Says nothing, or why the run cannot go on. */
function refusal(was: RunRecord, plan: Plan, is: TrainerSettings): string {
  try {
    checkSameRun('my-run', was, plan, is);
    return '';
  } catch (error) {
    assert.ok(error instanceof MangaError && error.code === 'BAD_SETTING', `${error}`);
    return error.message;
  }
}

test('a state tells what its run was begun with, paths and all; one of an earlier version tells nothing', async () => {
  const { plan } = await planOf(CHAIN);
  const out = join(folder, 'told');
  const was = record(plan, { from: 'ink', out });
  await saveRun(out, 7, state({ step: 7, record: was }), 3);
  assert.deepEqual(recordOf(await loadRun(out)), was);
  assert.equal(recordOf(state({ step: 7, steps: 9 })), null);
});

test('other numbers are refused: field, how it was, how it is, what to do', async () => {
  const { plan } = await planOf(PARALLEL, { dataset: { side: 64 }, decoder: { trainSide: 64 } });
  const was = record(plan, { from: 'ink' });
  for (const [more, says] of [
    [{}, /from: was ink, is not set\. .*as it was.*another folder.*--from/],
    [{ from: 'ink', steps: 400 }, /steps: was 300, is 400\. The steps divide a run into its phases\./],
    [{ from: 'ink', seed: 9 }, /seed: was 1, is 9/],
    [{ from: 'ink', batch: 8 }, /batch: was 4, is 8/],
    [{ from: 'ink', microBatch: 4 }, /microBatch: was 2, is 4/],
    [{ from: 'pencil', schedule: 'plain' }, /from: was ink, is pencil; schedule: was phases, is plain/],
  ] as const) {
    assert.match(refusal(was, plan, settings(more)), says);
  }
  for (const [wires, nodes, says] of [
    [PARALLEL, { dataset: { photos: 'others' } }, /photos of manga-dataset: was \/data\/photos, is \/data\/others/],
    [PARALLEL, { discriminator: { channels: 8 } }, /channels of manga-discriminator: was 32, is 8/],
    [PARALLEL, { style: { name: 'hand', weight: 2 } }, /weight of hand: was 5, is 2/],
    [{ ...PARALLEL, temporal: [] }, {}, /manga-loss-temporal: was wired, is not wired/],
  ] as const) {
    const all = {
      ...nodes,
      dataset: { side: 64, ...('dataset' in nodes ? nodes.dataset : {}) },
      decoder: { trainSide: 64 },
    };
    const other = await planOf(wires, all);
    assert.match(refusal(was, other.plan, settings({ from: 'ink' })), says);
  }
});

test('what does not change the numbers is taken as it is now', async () => {
  const { plan } = await planOf(CHAIN);
  const was = record(plan);
  // Other ids, names and wiring; other threads; a default that the run knew nothing of.
  const { plan: again } = await planOf(PARALLEL, { style: { name: 'mine' } });
  const dataset = again.steps[0]!;
  const { medium: _, ...older } = dataset.settings;
  const moved = { ...dataset, id: 'moved', settings: { ...older, threads: 1, cacheDir: '/elsewhere' } };
  const free = { saveMinutes: 1, sampleEvery: 7, keep: 9, licence: 'CC0', out: 'other', resume: 'x', anew: true };
  const slower = { generatorRate: 1e-5, discriminatorRate: 1e-5 };
  assert.equal(
    refusal(was, { ...again, walk: 'w', steps: [moved, ...again.steps.slice(1)] }, settings({ ...free, ...slower })),
    '',
  );
  assert.equal(refusal(record(plan, { schedule: 'plain' }), plan, settings({ schedule: 'plain', steps: 900 })), '');
});

test('a state of other networks is refused by name, not by a crash', () => {
  const tensors = (names: Record<string, number>): RunState => ({
    ...state({}),
    tensors: new Map(
      Object.entries(names).map(([name, size]) => [
        name,
        { shape: [size], dtype: 'float32', data: new Float32Array(size) },
      ]),
    ),
  });
  const saved = tensors({ 'generator/variable/a': 2, 'discriminator/weights/variable/b': 8 });
  checkFits(saved, tensors({ 'generator/variable/a': 2, 'adam/a.m': 2 }));
  checkFits(tensors({ 'generator/variable/a': 2 }), saved);
  for (const [fresh, says] of [
    [{ 'generator/variable/a': 3 }, /generator\/variable\/a is \[2\] there, but \[3\] by these settings/],
    [{ 'discriminator/weights/variable/c': 8 }, /variable\/c is not there.*channels and depth/],
  ] as const) {
    assert.throws(
      () => checkFits(saved, tensors(fresh)),
      (error) => error instanceof MangaError && error.code === 'BAD_SETTING' && says.test(error.message),
    );
  }
});

test('a damaged state is passed over for the one before it, saying so; when all are, there is nothing to go on with', async () => {
  const out = join(folder, 'damaged');
  for (const step of [10, 20, 30]) await saveRun(out, step, state({ step }), 3);
  const damage = (step: number) =>
    writeFileSync(join(out, 'checkpoints', `step-${String(step).padStart(8, '0')}.safetensors`), 'cut');
  damage(30);
  const loaded = await loadRun(out);
  assert.equal(loaded.progress.step, 20);
  assert.match(loaded.passedOver!, /state of step 30 cannot be read: .* Training went on from step 20\./);
  assert.equal((await loadRun(out, 10)).passedOver, undefined);
  damage(20);
  damage(10);
  await assert.rejects(loadRun(out), (error) => error instanceof MangaError && error.code === 'BAD_INPUT');
  await saveRun(out, 21, state({ step: 21 }), 1);
  assert.deepEqual(await savedSteps(out), [21], 'a state from before the damage takes its place');
});

test('time left: recent steps count, compiling does not, and phases cost what they cost', () => {
  const clock = new RunClock({ schedule: 'phases', steps: 1000 });
  clock.took(0, 9);
  // 250 steps of A, 150 of B at twice, 600 of C at three times the cost of A.
  assert.equal(clock.secondsLeft(1), 9 * (249 + 2 * 150 + 3 * 600));
  for (let step = 1; step < 4; step++) clock.took(step, 3);
  for (let step = 4; step < 24; step++) clock.took(step, 1);
  assert.equal(clock.stepsPerSecond(23), 1);
  assert.equal(clock.secondsLeft(24), 226 + 2 * 150 + 3 * 600);
  // Something else uses the machine from now on.
  for (let step = 24; step < 44; step++) clock.took(step, 2);
  assert.equal(clock.stepsPerSecond(43), 0.5);
  // C's own steps are known once it is warm; until then what is known best counts.
  for (let step = 400; step < 404; step++) clock.took(step, 60);
  assert.equal(clock.secondsLeft(404), 6 * 596);
  for (let step = 404; step < 424; step++) clock.took(step, 5);
  assert.equal(clock.secondsLeft(424), 5 * 576);
  assert.equal(clock.secondsLeft(1000), 0);

  const fine = new RunClock({ schedule: 'phases', steps: 100, from: 'ink' });
  for (let step = 0; step < 10; step++) fine.took(step, 2);
  assert.equal(fine.secondsLeft(10), 180, 'from a checkpoint all is phase C');
});

test('training takes the first engine that is there; what else goes wrong is not hidden by trying on', async () => {
  const tried: string[] = [];
  const missing = (engine: string) => new MangaError('ENGINE_MISSING', `${engine} is not here.`);
  const open = (lacking: readonly string[]) => async (engine: string) => {
    tried.push(engine);
    if (lacking.includes(engine)) throw missing(engine);
    return engine;
  };
  const both = ['tensorflow', 'webgpu'] as const;
  assert.equal(await onFirstEngine(both, open([])), 'tensorflow');
  assert.equal(await onFirstEngine(both, open(['tensorflow'])), 'webgpu');
  await assert.rejects(onFirstEngine(both, open(both)), { message: 'tensorflow is not here.' });
  const wrong = onFirstEngine(both, async () => {
    tried.push('wrong');
    throw new MangaError('BAD_INPUT', 'No photos.');
  });
  await assert.rejects(wrong, { code: 'BAD_INPUT' });
  assert.deepEqual(tried, ['tensorflow', ...both, ...both, 'wrong']);
});
