import assert from 'node:assert/strict';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeSafetensors } from '../../lib/checkpoint/safetensors.ts';
import { packageRoot } from '../../lib/checkpoint/shipped.ts';
import type { TensorData } from '../../lib/engines/engine.ts';
import { fromWire, MangaError, toWire } from '../../lib/errors/manga-error.ts';
import { loadSmallNetwork, SMALL_FILE, SMALL_LAYERS } from '../../lib/perceptual/small.ts';
import { loadVgg19, VGG19_LAYERS } from '../../lib/perceptual/vgg19.ts';
import { trainerSchema } from '../../lib/plan/settings.ts';
import type { Plan } from '../../lib/plan/types.ts';
import { compilePlan } from '../../lib/training/gan/compile-plan.ts';
import { openFeatures } from '../../lib/training/gan/feature-networks.ts';
import { openRun } from '../../lib/training/gan/open-run.ts';
import { readGanGolden, vgg19Weights } from '../golden/gan/gan-goldens.ts';
import { assertSummary, type Case, pattern, seedOf } from '../golden/golden.ts';
import { PARALLEL, planOf } from './plan-support.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const WIDTHS = [4, 6, 8, 8, 8];
const without = (weights: Map<string, TensorData>, prefix: string) =>
  new Map([...weights].filter(([name]) => !name.startsWith(prefix)));

test('VGG-19 has the layers relu1_1 to relu5_4', () => {
  assert.equal(VGG19_LAYERS.length, 16);
  assert.deepEqual([VGG19_LAYERS[0], VGG19_LAYERS[8], VGG19_LAYERS[15]], ['relu1_1', 'relu4_1', 'relu5_4']);
});

test('the shipped network is smaller than 400 kB, and its layers are named like those of VGG-19', async () => {
  const { size } = await stat(join(packageRoot(), 'models', 'perceptual', SMALL_FILE));
  assert.ok(size < 400_000, `${size} bytes`);
  assert.ok(SMALL_LAYERS.every((layer) => VGG19_LAYERS.includes(layer)));
});

await withTensorflow((tf) => {
  const inFolder = async (name: string, weights: Map<string, TensorData>, action: (path: string) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'manga-perceptual-'));
    try {
      await writeFile(join(folder, name), writeSafetensors(weights, {}));
      await action(join(folder, name));
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  test('a file that ends early gives the layers that it has; upTo keeps fewer', () =>
    withoutLeak(tf, () =>
      inFolder('a.safetensors', without(vgg19Weights('torchvision', WIDTHS), 'features.19.'), async (path) => {
        const network = await loadVgg19(tf, path);
        assert.deepEqual(network.layers, VGG19_LAYERS.slice(0, 8));
        network.dispose();
        const before = tf.memory().numTensors;
        const less = await loadVgg19(tf, path, 'relu2_2');
        assert.deepEqual(less.layers, VGG19_LAYERS.slice(0, 4));
        assert.equal(tf.memory().numTensors - before, 2 * 4, 'deeper filters are not on the engine');
        const image = tf.zeros([1, 8, 8, 3]);
        assert.throws(() => less.features(image, ['relu3_1']), {
          code: 'BAD_SETTING',
          message: /relu3_1.*relu1_1, relu1_2/,
        });
        tf.dispose(image);
        less.dispose();
        await assert.rejects(() => loadVgg19(tf, path, 'relu4_1'), {
          code: 'BAD_INPUT',
          message: /ends at relu3_4, before relu4_1\. Choose layers up to relu3_4/,
        });
        await assert.rejects(() => loadVgg19(tf, path, 'relu9_9'), { code: 'BAD_SETTING' });
      }),
    ));

  test('a .pth by torch.save gives PyTorch’s features, and says where it ends', () =>
    withoutLeak(tf, async () => {
      // The first five convolutions of the golden network: tests/golden/gan/state_dicts.py.
      const path = fileURLToPath(new URL('../golden/gan/state-dicts/vgg19-to-relu3_1.pth', import.meta.url));
      const network = await loadVgg19(tf, path);
      assert.deepEqual(network.layers, VGG19_LAYERS.slice(0, 5));
      const { torchvision } = await readGanGolden<{ torchvision: Case }>('vgg19');
      const names = ['relu1_2', 'relu2_2', 'relu3_1'];
      const { shape } = torchvision.gradients.images!;
      const features = tf.tidy(() =>
        network.features(tf.tensor(pattern(shape, seedOf('images'), 0.5, 0.5), [...shape]), names),
      );
      for (const [i, name] of names.entries()) {
        const data = await features[i]!.data();
        assertSummary({ shape: features[i]!.shape, data }, torchvision.outputs[name]!, 1e-4, name);
      }
      tf.dispose(features);
      network.dispose();
      await assert.rejects(() => loadVgg19(tf, path, 'relu4_1'), {
        code: 'BAD_INPUT',
        message: /ends at relu3_1, before relu4_1/,
      });
    }));

  test('losses that share a file open it once, as deep as one of them looks; what it lacks is told at once, at that loss', () =>
    withoutLeak(tf, () =>
      inFolder('a.safetensors', without(vgg19Weights('torchvision', WIDTHS), 'features.19.'), async (path) => {
        const wired = (content: string, style: string, more = {}) =>
          planOf(PARALLEL, {
            content: { name: 'my content', network: path, networkType: 'str', layers: content },
            style: { name: 'my style', network: path, networkType: 'str', layers: style, ...more },
          }).then(({ plan }) => plan);
        const opened = async (plan: Plan) => openFeatures(tf, compilePlan(plan), plan);

        const before = tf.memory().numTensors;
        const features = await opened(await wired('relu1_2', 'relu1_1, relu2_2'));
        assert.equal(features.content, features.style);
        assert.equal(tf.memory().numTensors - before, 2 * 4, 'up to relu2_2');
        features.dispose();

        const resting = await opened(await wired('relu1_2', 'relu5_1', { weight: '0', weightType: 'num' }));
        assert.deepEqual([resting.content!.layers.length, resting.style], [2, null]);
        resting.dispose();

        const shallow = await wired('relu1_2', 'relu1_1, relu4_1');
        const told = (error: unknown): boolean => {
          assert.ok(error instanceof MangaError && error.node === 'style', String(error));
          assert.match(error.message, /my style: .*a\.safetensors ends at relu3_4, before relu4_1/);
          assert.equal(fromWire(toWire(error)).node, 'style', 'also from another process');
          return true;
        };
        await assert.rejects(opened(shallow), told);
        // Before there are data, and long before the phase in which the loss counts.
        const settings = trainerSchema.parse({ out: join(tmpdir(), 'manga-never') });
        await assert.rejects(openRun(shallow, settings, 'tensorflow'), told);
      }),
    ));

  test('weights of something else are refused', async () => {
    const weights = vgg19Weights('torchvision', WIDTHS);
    await inFolder('a.safetensors', without(weights, 'features.0.'), (path) =>
      assert.rejects(() => loadVgg19(tf, path), { code: 'BAD_INPUT', message: /no tensor features\.0\.weight/ }),
    );
    const odd = new Map(weights).set('features.2.weight', weights.get('features.5.weight')!);
    await inFolder('a.safetensors', odd, (path) =>
      assert.rejects(() => loadVgg19(tf, path), { code: 'BAD_INPUT', message: /features\.2\.weight has the shape/ }),
    );
  });

  for (const name of ['small', 'vgg19'] as const) {
    test(`${name}: grey pictures are RGB pictures of equal channels, and nothing is left behind`, () =>
      withoutLeak(tf, () =>
        inFolder('a.safetensors', vgg19Weights('torchvision', WIDTHS), async (path) => {
          const network = name === 'small' ? await loadSmallNetwork(tf) : await loadVgg19(tf, path);
          const layers = ['relu3_1', 'relu1_2'];
          const shapes = tf.tidy(() => {
            const grey = tf.tensor(pattern([2, 16, 24, 1], 3, 0.5, 0.5), [2, 16, 24, 1]);
            const one = network.features(grey, layers);
            const three = network.features(tf.concat([grey, grey, grey], 3), layers);
            one.forEach((x, i) => {
              assert.ok(tf.max(tf.abs(tf.sub(x, three[i]!))).dataSync()[0]! < 1e-5);
            });
            return one.map(({ shape }) => shape.slice(0, 3));
          });
          assert.deepEqual(shapes, [
            [2, 4, 6],
            [2, 16, 24],
          ]);
          network.dispose();
        }),
      ));
  }

  test('the small network tells a drawing from another, and a moved one less', () =>
    withoutLeak(tf, async () => {
      const network = await loadSmallNetwork(tf);
      const stripes = (angle: number, shift: number) =>
        Float32Array.from({ length: 64 * 64 }, (_, i) => {
          const across = (i % 64) * Math.cos(angle) + Math.floor(i / 64) * Math.sin(angle);
          return Math.sin(0.4 * (across + shift)) > 0.6 ? 0 : 1;
        });
      const distances = tf.tidy(() => {
        const images = [stripes(0.5, 0), stripes(0.5, 1), stripes(2, 0)].map((data) => tf.tensor(data, [1, 64, 64, 1]));
        return SMALL_LAYERS.map((layer) => {
          const [a, moved, other] = images.map((image) => network.features(image, [layer])[0]!);
          const apart = (b: typeof a) => tf.mean(tf.abs(tf.sub(a!, b!))).dataSync()[0]!;
          return { moved: apart(moved), other: apart(other) };
        });
      });
      for (const [i, { moved, other }] of distances.entries())
        assert.ok(moved > 0 && other > 1.1 * moved, `${SMALL_LAYERS[i]}: ${moved} ${other}`);
      network.dispose();
    }));

  test('a missing small network is named', () =>
    assert.rejects(() => loadSmallNetwork(tf, '/nowhere'), { code: 'MODEL_MISSING', message: /\/nowhere/ }));
});
