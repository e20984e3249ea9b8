import assert from 'node:assert/strict';
import test, { afterEach } from 'node:test';
import { type ClipSettings, INKS, LOOPS, MOTIONS } from '../../lib/settings/settings.ts';
import { clipOf, differenceOf, engine, photoOf, pipeline, sequenceOf } from './pipeline-support.ts';

const photo = photoOf(80, 60);
const NOTHING = engine.memory();

afterEach(() => assert.deepEqual(engine.memory(), NOTHING, 'engine memory is held'));

test('same photo, settings and seed: same bytes; another seed: another clip', async () => {
  const [first, again, other] = [
    await clipOf(photo, { frames: 4 }),
    await clipOf(photo, { frames: 4 }),
    await clipOf(photo, { frames: 4, seed: 2 }),
  ];
  assert.deepEqual(first.shape, [4, 48, 64, 1]);
  assert.deepEqual(again.frames, first.frames);
  assert.notDeepEqual(other.frames, first.frames);
});

test('frames are the same however they are asked for', async () => {
  const sequence = await sequenceOf(photo, { frames: 6 });
  const all = await sequence.render(0, 6);
  const size = 48 * 64;
  const parts = [await sequence.render(0, 1), await sequence.render(1, 4), await sequence.render(5, 1)];
  assert.deepEqual(Buffer.concat(parts), Buffer.from(all));
  // Backwards, and side by side.
  const single = await Promise.all([5, 3, 0, 3].map((t) => sequence.render(t, 1)));
  [5, 3, 0, 3].forEach((t, i) => {
    assert.deepEqual(single[i], all.slice(t * size, (t + 1) * size));
  });
  sequence.dispose();
});

test('frames outside the clip are refused', async () => {
  const sequence = await sequenceOf(photo, { frames: 3 });
  for (const [first, count] of [
    [0, 4],
    [3, 1],
    [-1, 2],
    [0, 0],
  ] as const) {
    await assert.rejects(sequence.render(first, count), { code: 'BAD_INPUT' });
  }
  sequence.dispose();
});

test('every motion moves, and a camera that stands still shows a still', async () => {
  for (const motion of MOTIONS) {
    const { frames } = await clipOf(photo, { frames: 6, motion });
    assert.ok(differenceOf(frames[0]!, frames[2]!) > 0.1, motion);
  }
  const camera = [{ zoom: 1, rotation: 0, panX: 0, panY: 0 }];
  const still = await clipOf(photo, {}, undefined, [...camera, ...camera]);
  assert.deepEqual(still.frames[0], still.frames[1]);
});

test('ping-pong comes back the way it went', async () => {
  for (const count of [6, 7]) {
    const { frames } = await clipOf(photo, { frames: count, loop: 'ping-pong', motion: 'zoom' });
    assert.equal(frames.length, count);
    const half = Math.floor(count / 2);
    for (let t = 1; t < count - half; t++)
      assert.deepEqual(frames[count - t], frames[t], `frame ${count - t} of ${count}`);
    assert.notDeepEqual(frames[half], frames[0]);
  }
});

test('a seamless clip’s last frame goes on to its first as any frame does to the next', async () => {
  /** Largest difference of neighbours, and the difference of the last frame and the first. */
  const stepsOf = async (settings: Partial<ClipSettings>) => {
    // Large dots: the longer the way, the larger the difference.
    const { frames } = await clipOf(photo, { frames: 16, screenPeriod: 64, ...settings });
    const steps = frames.slice(1).map((frame, i) => differenceOf(frames[i]!, frame));
    return { seam: differenceOf(frames.at(-1)!, frames[0]!), largest: Math.max(...steps) };
  };
  for (const motion of ['orbit', 'sway', 'zoom', 'auto'] as const) {
    const { seam, largest } = await stepsOf({ motion, loop: 'seamless' });
    assert.ok(seam > 0 && seam <= 1.02 * largest, `${motion}: ${seam}, others to ${largest}`);
  }
  const looped = await stepsOf({ motion: 'pan', seed: 2, loop: 'seamless' });
  const plain = await stepsOf({ motion: 'pan', seed: 2, loop: 'none' });
  assert.ok(plain.seam > 2 * looped.seam, 'a clip that does not loop jumps, or this test sees nothing');
});

test('one frame and two frames of every loop', async () => {
  for (const loop of LOOPS) {
    for (const count of [1, 2]) assert.equal((await clipOf(photo, { frames: count, loop })).frames.length, count);
  }
});

test('inks: channels and colours', async () => {
  const clips = Object.fromEntries(
    await Promise.all(INKS.map(async (ink) => [ink, await clipOf(photo, { frames: 2, ink })] as const)),
  );
  const pixels = (ink: string) => {
    const { frames } = clips[ink]!;
    return Array.from({ length: frames[0]!.length / 3 }, (_, i) => [...frames[0]!.subarray(3 * i, 3 * i + 3)]);
  };
  const grey = clips.black!;
  assert.deepEqual(grey.shape, [2, 48, 64, 1]);
  for (const ink of ['sepia', 'two-colour', 'keep-colours']) assert.deepEqual(clips[ink]!.shape, [2, 48, 64, 3], ink);
  const used = new Set(grey.frames[0]);
  assert.ok(used.has(0) && used.has(255), 'ink and paper');

  // Sepia: paper and ink of its own where the black clip is paper and ink.
  pixels('sepia').forEach((rgb, i) => {
    if (grey.frames[0]![i] === 255) assert.deepEqual(rgb, [247, 238, 220]);
    if (grey.frames[0]![i] === 0) assert.deepEqual(rgb, [58, 36, 20]);
  });
  // Two colours: paper white, lines black, and nothing that is not a mix of black, white and the second one.
  const second = pixels('two-colour');
  assert.ok(second.some((rgb) => rgb.join() === '255,255,255'));
  assert.ok(
    second.some(([r, g, b]) => r! > 150 && g! < 120 && b! < 120),
    'the second colour shows',
  );
  assert.ok(second.every(([r, g, b]) => r! >= g! - 1 && g! >= b! - 1));
  // Colours: what the photo shows, on paper; black under lines.
  const colours = pixels('keep-colours');
  assert.ok(new Set(colours.map((rgb) => rgb.join())).size > 200);
  assert.ok(colours.every((rgb, i) => grey.frames[0]![i] !== 255 || Math.max(...rgb) > 60));
});

test('a style page changes the drawing, and another page changes it otherwise', async () => {
  const light = await pipeline.encodeStyle([{ ...photoOf(40, 56), data: new Uint8Array(40 * 56 * 3).fill(250) }]);
  const busy = await pipeline.encodeStyle([photoOf(130, 90)]);
  assert.deepEqual(light.shape, [1, 4]);
  assert.equal((await light.read()).data.length, 4);
  const settings = { frames: 1 };
  const plain = (await clipOf(photo, settings)).frames[0]!;
  const lightly = (await clipOf(photo, settings, light)).frames[0]!;
  const busily = (await clipOf(photo, settings, busy)).frames[0]!;
  assert.ok(differenceOf(plain, lightly) > 0.1);
  assert.ok(differenceOf(plain, busily) > 0.1);
  assert.ok(differenceOf(lightly, busily) > 0.1);
  // Strength 0 is the checkpoint's own style; a blend lies between its pages, and may blend styles as well as pictures.
  assert.deepEqual((await clipOf(photo, { ...settings, styleStrength: 0 }, busy)).frames[0]!, plain);
  const half = (await clipOf(photo, { ...settings, styleStrength: 0.5 }, busy)).frames[0]!;
  assert.ok(differenceOf(plain, half) < differenceOf(plain, busily) && differenceOf(half, busily) > 0);
  const codes = await Promise.all([light, busy].map(async (style) => (await style.read()).data));
  const mixed = (await (await pipeline.encodeStyle([light, photoOf(130, 90)], 0.25)).read()).data;
  codes[0]!.forEach((value, i) => {
    assert.ok(Math.abs(mixed[i]! - (0.75 * value + 0.25 * codes[1]![i]!)) < 1e-5);
  });
  await assert.rejects(pipeline.encodeStyle([]), { code: 'BAD_INPUT' });
  light.dispose();
  busy.dispose();
});

test('settings show: line weight, screen, clip size', async () => {
  const settings = { frames: 1, motion: 'pan' } as const;
  const frame = async (more: object) => (await clipOf(photo, { ...settings, ...more })).frames[0]!;
  const ink = (bytes: Uint8Array) => bytes.reduce((sum, v) => sum + 255 - v, 0);
  const plain = await frame({});
  assert.ok(ink(await frame({ lineWeight: 1.8 })) > ink(plain));
  assert.ok(ink(await frame({ lineWeight: 0.4 })) < ink(plain));
  assert.notDeepEqual(await frame({ screenPeriod: 11 }), plain);
  assert.notDeepEqual(await frame({ screenAngle: 20 }), plain);
  assert.equal((await clipOf(photo, { ...settings, size: '96x40' })).shape.join(), '1,40,96,1');
});
