/** Every metric against the numbers that NumPy gave (tests/golden/metrics/make_goldens.py). */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { cameraCorrespondence } from '../../lib/metrics/camera.ts';
import { contentDistance } from '../../lib/metrics/content-distance.ts';
import { diversity } from '../../lib/metrics/diversity.ts';
import { channelMeans, type FeatureExtractor, type FeatureMap } from '../../lib/metrics/features/feature-extractor.ts';
import type { FrameBlock } from '../../lib/metrics/frames.ts';
import { createGram } from '../../lib/metrics/gram.ts';
import { discrepancy, kernelDistance, kernelMatrix, meanSquare } from '../../lib/metrics/kid.ts';
import type { Picture } from '../../lib/metrics/picture.ts';
import { pool, setDistance, styleStatistics } from '../../lib/metrics/set-distance.ts';
import { type TemporalMetrics, temporalMetrics } from '../../lib/metrics/temporal.ts';
import { insideMask } from '../../lib/metrics/warp-error.ts';
import type { CameraMove } from '../../lib/settings/settings.ts';

interface Golden {
  readonly cameras: CameraMove[];
  readonly canvas: [number, number];
  readonly correspondence: [number, number][];
  readonly grey: TemporalMetrics;
  readonly colour: TemporalMetrics;
  readonly gram: number[];
  readonly setDistance: number;
  readonly discrepancy: number;
  readonly contentDistance: number;
  readonly diversity: number;
}

const golden = JSON.parse(await readFile(new URL('../golden/metrics/metrics.json', import.meta.url), 'utf8')) as Golden;
const canvas = { width: golden.canvas[0], height: golden.canvas[1] };

/** As `pixels` of make_goldens.py. */
function pixels(channels: 1 | 3, seed: number): FrameBlock {
  const [count, height, width] = [13, 32, 40];
  const data = Uint8Array.from({ length: count * height * width * channels }, (_, i) =>
    Math.round(127.5 + 120 * Math.sin(((0.013 * i * i) % 1000) + 0.7 * i + seed)),
  );
  return { count, height, width, channels, data };
}

/** As `features` of make_goldens.py. */
function features(channels: number, positions: number, seed: number): FeatureMap {
  const data = Float32Array.from({ length: channels * positions }, (_, i) =>
    Math.max(0, Math.sin(0.37 * i + seed) + 0.3 * Math.cos(1.9 * i * seed)),
  );
  return { layer: `${channels}`, channels, positions, data };
}

/** A network whose features of a picture are given by its first byte. */
async function formulaNetwork(): Promise<FeatureExtractor> {
  const { gram, close } = await createGram();
  const extract = async ({ data }: Picture) => [features(5, 30, data[0]!), features(9, 12, data[0]!)];
  return {
    name: 'formula',
    layers: ['5', '9'],
    extract,
    texture: async (picture) => {
      const maps = await extract(picture);
      return { grams: await Promise.all(maps.map(gram)), pooled: channelMeans(maps[1]!) };
    },
    close,
  };
}

const pictureOf = (seed: number): Picture => ({ width: 1, height: 1, channels: 1, data: Uint8Array.of(seed) });

function near(actual: number | null, expected: number | null, tolerance: number, name: string): void {
  assert.ok(actual !== null && expected !== null, name);
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${name} is ${actual}, not ${expected}`);
}

test('camera correspondences', () => {
  const [a, b] = [golden.cameras[2]!, golden.cameras[9]!];
  const map = cameraCorrespondence(a, b, { width: 40, height: 32 }, canvas);
  for (const [k, i] of [0, 31 * 40 + 39, 10 * 40 + 25].entries()) {
    near(map.x[i]!, golden.correspondence[k]![0], 1e-5, `x of pixel ${i}`);
    near(map.y[i]!, golden.correspondence[k]![1], 1e-5, `y of pixel ${i}`);
  }
});

for (const [name, channels, seed] of [
  ['grey', 1, 1],
  ['colour', 3, 2],
] as const) {
  test(`E_warp, RMSE, nE, contrast and motion of ${name} frames`, () => {
    const frames = pixels(channels, seed);
    const found = temporalMetrics(frames, (t, interval) => {
      const map = cameraCorrespondence(golden.cameras[t]!, golden.cameras[t + interval]!, frames, canvas);
      return { map, mask: insideMask(map) };
    });
    assert.deepEqual(Object.keys(found).sort(), Object.keys(golden[name]).sort());
    for (const [key, value] of Object.entries(golden[name])) {
      // Pixels on the frame's edge may fall to either side of it in float32.
      near(found[key as keyof TemporalMetrics], value, 1e-4, key);
    }
  });
}

test('Gram matrix', async () => {
  const { gram, close } = await createGram();
  const found = await gram(features(5, 30, 1));
  assert.equal(found.length, 25);
  for (const [i, value] of golden.gram.entries()) near(found[i]!, value, 1e-5, `element ${i}`);
  await close();
});

test('set distance, of sets measured at once and in parts', async () => {
  const network = await formulaNetwork();
  const set = (...seeds: number[]) => styleStatistics(network, seeds.map(pictureOf));
  const outputs = await set(1, 2);
  const pages = await set(3, 4, 5);
  near(setDistance(outputs, pages), golden.setDistance, 1e-5, 'set distance');
  near(setDistance(outputs, pool([await set(3, 4), await set(5)])), golden.setDistance, 1e-5, 'of pooled sets');
  assert.equal(setDistance(pages, pages), 0);
  await network.close();
});

test('kernel distance: the unbiased estimate of whole sets, and its mean over subsets', async () => {
  const network = await formulaNetwork();
  const set = (from: number, count: number) =>
    styleStatistics(
      network,
      Array.from({ length: count }, (_, i) => pictureOf(from + i)),
    );
  const [outputs, pages] = [await set(1, 24), await set(101, 24)];
  const kernel = kernelMatrix([...outputs.pooled, ...pages.pooled], meanSquare(pages.pooled));
  const indices = (from: number) => Uint32Array.from({ length: 24 }, (_, i) => from + i);
  near(discrepancy(kernel, 48, indices(0), indices(24)), golden.discrepancy, 1e-4, 'of whole sets');

  const found = kernelDistance(outputs, pages)!;
  assert.deepEqual([found.outputs, found.pages, found.subsetSize, found.subsets], [24, 24, 12, 100]);
  assert.ok(found.sd > 0 && Math.abs(found.mean - golden.discrepancy) < (4 * found.sd) / 10, JSON.stringify(found));
  assert.deepEqual(kernelDistance(outputs, pages), found, 'the same subsets each time');
  assert.equal(kernelDistance(await set(1, 19), pages), null);
  assert.equal(kernelDistance(outputs, await set(1, 19)), null);
  await network.close();
});

test('content distance', () => {
  near(contentDistance(features(9, 12, 1), features(9, 12, 2)), golden.contentDistance, 1e-5, 'content distance');
  assert.equal(contentDistance(features(9, 12, 1), features(9, 12, 1)), 0);
});

test('diversity', async () => {
  const network = await formulaNetwork();
  // Ten frames of one pixel: the four that are compared are the first, 4th, 7th and last.
  const clip = (seed: number): FrameBlock => {
    const data = new Uint8Array(10).fill(255);
    for (const [k, t] of [0, 3, 6, 9].entries()) data[t] = 10 * seed + k;
    return { count: 10, width: 1, height: 1, channels: 1, data };
  };
  near(await diversity(network, [1, 2, 3].map(clip)), golden.diversity, 1e-5, 'diversity');
  await network.close();
});
