import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import type { CameraMove } from '../../lib/settings/settings.ts';
import { clipOf, differenceOf, engine, photoOf, pipeline, sequenceOf, settingsOf } from './pipeline-support.ts';

const NOTHING = engine.memory();
afterEach(() => assert.deepEqual(engine.memory(), NOTHING, 'engine memory is held'));

const still: CameraMove = { zoom: 1, rotation: 0, panX: 0, panY: 0 };

test('photos of any shape, down to one pixel, and clips of odd sizes', async () => {
  for (const [width, height, size, expected] of [
    [1, 1, '32', [32, 32]],
    [2, 3, '40', [40, 28]],
    [641, 479, '63', [48, 64]],
    [30, 900, '33x49', [50, 34]],
    [900, 30, '70', [0, 0]],
    [17, 40, '18x16', [16, 18]],
  ] as const) {
    if (expected[0] === 0) {
      await assert.rejects(sequenceOf(photoOf(width, height), { size }), { code: 'BAD_SETTING' });
      continue;
    }
    for (const ink of ['black', 'keep-colours'] as const) {
      const { shape, frames } = await clipOf(photoOf(width, height), { size, ink, frames: 2 });
      assert.deepEqual(shape, [2, ...expected, ink === 'black' ? 1 : 3]);
      assert.equal(frames[1]!.length, expected[0] * expected[1] * shape[3]!);
    }
  }
});

test('a camera path is followed exactly, one entry a frame', async () => {
  const photo = photoOf(320, 200);
  const settings = { size: '100x60', canvas: 160, frames: 24, motion: 'shake' } as const;
  const [dx, dy] = [12, -9];
  const path = [still, { ...still, panX: dx / 160, panY: dy / 100 }, { ...still, rotation: Math.PI }];
  const { frames, shape } = await clipOf(photo, settings, undefined, path);
  assert.deepEqual(shape, [3, 60, 100, 1], 'the path’s length is the clip’s');
  let [worst, checked] = [0, 0];
  for (let y = 10; y < 50; y++) {
    for (let x = 14; x < 86; x++) {
      const here = frames[0]![y * 100 + x]!;
      worst = Math.max(worst, Math.abs(frames[1]![(y - dy) * 100 + x - dx]! - here));
      worst = Math.max(worst, Math.abs(frames[2]![(59 - y) * 100 + 99 - x]! - here));
      checked++;
    }
  }
  assert.ok(checked > 2000 && worst <= 3, `${worst} levels`);
  assert.ok(differenceOf(frames[0]!, frames[1]!) > 1);
});

test('a camera path switches depth and life off, whatever the settings say', async () => {
  const photo = photoOf(80, 60);
  const path = [still, still];
  const one = await clipOf(photo, { motion: 'sway', amount: 2 }, undefined, path);
  const other = await clipOf(photo, { motion: 'parallax', amount: 0, loop: 'seamless', seed: 9 }, undefined, path);
  assert.deepEqual(one.frames, other.frames);
  assert.deepEqual(one.frames[0], one.frames[1]);
});

test('an empty camera path and a canvas too small are refused', async () => {
  const photo = photoOf(80, 60);
  await assert.rejects(clipOf(photo, {}, undefined, []), { code: 'BAD_SETTING' });
  await assert.rejects(clipOf(photo, { canvas: 20 }), { code: 'BAD_SETTING' });
});

test('dispose frees everything, twice is once, and a freed clip says so', async () => {
  const photo = photoOf(80, 60);
  for (const settings of [{}, { ink: 'keep-colours' }, { ink: 'two-colour', loop: 'seamless' }] as const) {
    const all = settingsOf(settings);
    const content = await pipeline.encode(photo, all);
    assert.ok(content.byteLength > 0 && content.shape.length === 4);
    assert.equal((await content.readCoarsest()).shape.length, 4);
    const sequence = await pipeline.decode(content, all);
    assert.ok(sequence.byteLength > 0);
    assert.ok(content.byteLength + sequence.byteLength <= pipeline.estimateBytes(80, 60, all), 'more than estimated');
    content.dispose();
    const rendering = sequence.render(0, 8);
    sequence.dispose();
    sequence.dispose();
    content.dispose();
    await assert.rejects(rendering, (error: unknown) => error instanceof MangaError && error.code === 'STALE_HANDLE');
  }
});
