/** Videos drawn like pages, by a real pipeline. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import type { Style } from '../../lib/pipeline/types.ts';
import { openVideo } from '../../lib/video/open-video.ts';
import { videoSchema } from '../../lib/video/settings.ts';
import { temporaryFolder } from './media-support.ts';
import { differenceOf, photoOf, pipeline } from './pipeline-support.ts';

test('a video follows its style page as far as it is told, and a blend lies between two pages', async (t) => {
  const file = join(temporaryFolder(t), 'still.gif');
  const { width, height, data } = photoOf(64, 48);
  const twice = Buffer.concat([data, data.map((v) => 255 - v)]);
  const raw = { width, height: 2 * height, channels: 3, pageHeight: height } as const;
  writeFileSync(
    file,
    await sharp(twice, { raw })
      .gif({ delay: [100, 100] })
      .toBuffer(),
  );
  const frame = async (style?: Style, given: object = {}): Promise<Uint8Array> => {
    const video = await openVideo(file, videoSchema.parse({ size: '64', ...given }), { pipeline, style });
    try {
      return await video.render(0, 1);
    } finally {
      video.dispose();
    }
  };
  const [one, other] = [photoOf(80, 120), photoOf(120, 60)];
  const page = await pipeline.encodeStyle([one]);
  const plain = await frame();
  assert.deepEqual(await frame(page, { styleStrength: 0 }), plain);
  const [half, whole] = [await frame(page, { styleStrength: 0.5 }), await frame(page)];
  assert.ok(differenceOf(half, plain) > 0 && differenceOf(half, plain) < differenceOf(whole, plain));
  const blended = await frame(await pipeline.encodeStyle([one, other], 0.5));
  const second = await frame(await pipeline.encodeStyle([other]));
  assert.ok(differenceOf(blended, whole) < differenceOf(second, whole));
  assert.ok(differenceOf(blended, second) < differenceOf(whole, second));
});
