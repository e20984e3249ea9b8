import assert from 'node:assert/strict';
import test from 'node:test';
import type { TensorData, Weights } from '../../lib/engines/engine.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random } from '../../lib/random.ts';
import { type StepReport, type TrainOptions, trainGenerator } from '../../lib/training/train-generator.ts';
import { placedPhoto, TINY } from './training-photos.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const photos = Array.from({ length: 10 }, (_, i) => placedPhoto(136 + 4 * i, 132, `photo-${i}.png`));
const NAMES = Object.keys(generatorSpecs(TINY)).sort();

interface Run {
  readonly reports: StepReport[];
  readonly saved: { readonly step: number; readonly weights: ReadonlyMap<string, TensorData> }[];
  readonly options: TrainOptions;
}

function run(more: Partial<TrainOptions> = {}): Run {
  const reports: StepReport[] = [];
  const saved: Run['saved'] = [];
  const options: TrainOptions = {
    engine: 'tensorflow',
    config: TINY,
    photos,
    steps: 5,
    batch: 2,
    side: 32,
    seed: 1,
    validateEvery: 3,
    saveEvery: 1000,
    onStep: (report) => reports.push(report),
    async onSave(weights, step) {
      saved.push({ step, weights });
    },
    ...more,
  };
  return { reports, saved, options };
}

await withTensorflow((tf) => {
  test('a run draws, then moves; measures on held-out photos; saves whole weights; same seed, same numbers', () =>
    withoutLeak(tf, async () => {
      const first = run({ saveEvery: 4 });
      const result = await trainGenerator(first.options);
      assert.deepEqual(
        first.reports.map(({ step }) => step),
        [0, 1, 2, 3, 4],
      );
      assert.deepEqual(new Set(first.reports.map(({ phase }) => phase)), new Set(['drawing', 'motion']));
      assert.ok(first.reports.every(({ losses }) => Object.values(losses).every(Number.isFinite)));
      assert.ok(first.reports.at(-1)!.losses.trajectory! > 0);
      assert.deepEqual(
        first.reports.flatMap(({ step, validation }) => (validation ? [step] : [])),
        [2, 4],
      );
      assert.deepEqual(Object.keys(result.validation).sort(), ['fields', 'layers']);
      assert.deepEqual(result.validation, first.reports.at(-1)!.validation);
      assert.deepEqual(result.heldOut, ['photo-9.png']);
      assert.equal(result.steps, 5);

      assert.deepEqual(
        first.saved.map(({ step }) => step),
        [4, 5],
      );
      for (const { weights } of first.saved) {
        assert.deepEqual([...weights.keys()].sort(), NAMES);
        for (const [name, { shape, data }] of weights) {
          assert.deepEqual([...shape], [...generatorSpecs(TINY)[name]!.shape], name);
          assert.ok(data.every(Number.isFinite), name);
        }
      }
      assert.ok(
        first.saved
          .at(-1)!
          .weights.get('style.default')!
          .data.some((v) => v !== 0),
        'the default style is set',
      );

      const again = run();
      await trainGenerator(again.options);
      const losses = ({ reports }: Run) => reports.map((report) => report.losses);
      assert.deepEqual(losses(again), losses(first));
      assert.deepEqual(again.saved.at(-1)!.weights, first.saved.at(-1)!.weights);

      const other = run({ seed: 2, steps: 1 });
      await trainGenerator(other.options);
      assert.notEqual(losses(other)[0]!.total, losses(first)[0]!.total);
    }));

  test('the number of tensors is the same after every step of a phase', () =>
    withoutLeak(tf, async () => {
      const counts: Record<StepReport['phase'], number[]> = { drawing: [], motion: [] };
      const { options } = run({ steps: 10, onStep: ({ phase }) => counts[phase].push(tf.memory().numTensors) });
      await trainGenerator(options);
      for (const [phase, list] of Object.entries(counts)) {
        assert.ok(list.length >= 2, phase);
        assert.deepEqual(new Set(list).size, 1, `${phase}: ${list}`);
      }
    }));

  test('training goes on from weights that are given', () =>
    withoutLeak(tf, async () => {
      const first = run({ steps: 1 });
      await trainGenerator(first.options);
      const from: Weights = { id: 'before', tensors: first.saved[0]!.weights };
      const next = run({ steps: 1, from });
      await trainGenerator(next.options);
      const unlike = (a: Run, b: Run) => a.reports[0]!.losses.total !== b.reports[0]!.losses.total;
      assert.ok(unlike(next, first));
    }));

  test('an abort saves what was learned and rejects with CANCELLED', () =>
    withoutLeak(tf, async () => {
      const controller = new AbortController();
      const { options, saved, reports } = run({
        steps: 100,
        signal: controller.signal,
        onStep: (report) => {
          reports.push(report);
          if (report.step === 2) controller.abort();
        },
      });
      await assert.rejects(trainGenerator(options), { code: 'CANCELLED' });
      assert.equal(reports.length, 3);
      assert.deepEqual(
        saved.map(({ step }) => step),
        [3],
      );
      assert.deepEqual([...saved[0]!.weights.keys()].sort(), NAMES);
    }));

  test('a loss that is no number ends the run, saying what to do, and overwrites nothing', () =>
    withoutLeak(tf, async () => {
      const from = randomWeights(generatorSpecs(TINY), new Random(1), 'broken');
      from.tensors.get('decoder.layers.bias')!.data[0] = Number.NaN;
      const { options, saved } = run({ from });
      const error: unknown = await trainGenerator(options).catch((thrown) => thrown);
      assert.ok(
        error instanceof MangaError && error.hint && /loss became NaN at step 0/.test(error.message),
        `${error}`,
      );
      assert.deepEqual(saved, []);
    }));

  test('photos too small for the crops are refused, saying what is needed', () =>
    withoutLeak(tf, async () => {
      for (const wrong of [run({ photos: [] }), run({ side: 72 })]) {
        const error: unknown = await trainGenerator(wrong.options).catch((thrown) => thrown);
        assert.ok(error instanceof MangaError && error.code === 'BAD_INPUT' && error.hint, `${error}`);
      }
    }));
});
