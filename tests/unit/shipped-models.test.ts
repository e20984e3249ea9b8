/** The checkpoints that ship keep what their cards promise: still under a known camera (SK5-cam's pan), and not by being grey. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { centreSquare, cropTo, readPicture } from '../../lib/metrics/picture.ts';
import { exactly, SK5, sk5Camera } from '../../lib/metrics/sk5.ts';
import { temporalMetrics } from '../../lib/metrics/temporal.ts';
import { createPipeline } from '../../lib/pipeline/create-pipeline.ts';
import { samplePhotos } from '../../lib/samples.ts';
import { clipSchema, MODELS } from '../../lib/settings/settings.ts';

/** Standard deviation of grey, 0..1: screentone and hatching are nearly black on white, webtoon is flat colour. */
const LEAST_CONTRAST = { ink: 0.27, pencil: 0.23, webtoon: 0.13 } as const;
const MOST_CONTRAST = 0.45;
const MOST_WARP = 0.003;
const MOST_NE = 0.025;
/** Every third frame of the protocol's pan, so that a step is three times as long, and some seconds are enough. */
const FRAMES = 6;

const photo = await readPicture(join(samplePhotos(), 'nagasaki.jpg'));
const square = await cropTo(photo, centreSquare(photo), SK5.canvas);
const camera = sk5Camera('pan', FRAMES);

for (const model of MODELS) {
  test(`${model} stands still while the camera pans`, async () => {
    const pipeline = await createPipeline({ engine: 'onnx', model });
    const size = `${SK5.size}x${SK5.size}`;
    const settings = clipSchema.parse({ canvas: SK5.canvas, size, frames: FRAMES });
    const content = await pipeline.encode(square, settings);
    const clip = await pipeline.decode(content, settings, undefined, camera);
    const [count, height, width, channels] = clip.shape;
    const frames = { count, height, width, channels: channels as 1 | 3, data: await clip.render(0, count) };
    for (const held of [clip, content]) held.dispose();
    await pipeline.close();
    const { eWarp1, nE, contrast, motion } = temporalMetrics(frames, exactly(camera, frames, SK5.canvas));
    const told = `E_warp ${eWarp1}, nE ${nE}, contrast ${contrast}, ${motion} px`;
    assert.ok(motion! > 10, told);
    assert.ok(eWarp1! <= MOST_WARP, told);
    assert.ok(nE! <= MOST_NE, told);
    assert.ok(contrast >= LEAST_CONTRAST[model] && contrast <= MOST_CONTRAST, told);
  });
}

test('bolder lines leave bare paper white, also where the drawing is reduced', async () => {
  const pipeline = await createPipeline({ engine: 'onnx', model: 'ink' });
  const whites = await Promise.all(
    [1, 2].map(async (lineWeight) => {
      const settings = clipSchema.parse({ size: '192x192', frames: 1, amount: 0, lineWeight });
      const content = await pipeline.encode(photo, settings);
      const clip = await pipeline.decode(content, settings);
      const bytes = await clip.render(0, 1);
      for (const held of [clip, content]) held.dispose();
      return bytes.reduce((white, value) => white + (value === 255 ? 1 : 0), 0) / bytes.length;
    }),
  );
  await pipeline.close();
  assert.ok(whites[1]! > 0.5 * whites[0]! && whites[1]! < whites[0]!, whites.join());
});
