import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { frameDelays } from '../../lib/media/encode-sharp.ts';
import { writeClip } from '../../lib/media/write-clip.ts';
import { outputSchema } from '../../lib/settings/settings.ts';
import { decodeVideo, noFfmpeg, probeVideo, psnr, temporaryFolder, testClip } from './media-support.ts';

const output = (file: string, more: object = {}) => outputSchema.parse({ path: file, ...more });
const grey = testClip([12, 96, 160, 1]);
const colour = testClip([12, 96, 160, 3]);

/** Runs with no ffmpeg to be found. */
async function withoutFfmpeg<R>(work: () => Promise<R>): Promise<R> {
  const { PATH } = process.env;
  process.env.PATH = '';
  try {
    return await work();
  } finally {
    process.env.PATH = PATH;
  }
}

/** The frames of an animation or of one picture, with its own number of channels reduced to grey or RGB. */
async function decodeImage(file: string, channels: 1 | 3): Promise<Uint8Array> {
  const image = sharp(readFileSync(file), { animated: true });
  const { data } = await (channels === 1 ? image.greyscale() : image.removeAlpha())
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return data;
}

const videos = [
  { format: 'mp4', encoder: 'built-in', name: 'wasm', codec: 'h264', decibels: 36 },
  { format: 'mp4', encoder: 'ffmpeg', name: 'ffmpeg', codec: 'h264', decibels: 36 },
  { format: 'mp4', encoder: 'auto', name: 'ffmpeg', codec: 'h264', decibels: 36 },
  { format: 'webm', encoder: 'auto', name: 'ffmpeg', codec: 'vp9', decibels: 34 },
] as const;

for (const { format, encoder, name, codec, decibels } of videos) {
  for (const clip of [grey, colour]) {
    const channels = clip.shape[3] as 1 | 3;
    const title = `${format} by ${encoder} (${channels === 1 ? 'grey' : 'RGB'}): the frames, again and again the same bytes`;
    test(title, { skip: noFfmpeg }, async (t) => {
      const folder = temporaryFolder(t);
      const file = path.join(folder, 'new', 'folder', `clip "1" 🎉\n.${format}`);
      const result = await writeClip(clip, output(file, { format, encoder }));
      assert.equal(result.encoder, name);
      assert.equal(result.path, file);
      assert.equal(result.bytes, readFileSync(file).length);
      assert.deepEqual([result.frames, result.width, result.height, result.fps], [12, 160, 96, 12]);
      const { render, encode, total } = result.milliseconds;
      assert(render >= 0 && encode > 0 && Math.abs(render + encode - total) < 1);
      const stream = probeVideo(file);
      assert.equal(stream.codec_name, codec);
      assert.deepEqual([stream.width, stream.height, stream.pix_fmt], [160, 96, 'yuv420p']);
      assert.deepEqual([stream.nb_read_frames, stream.avg_frame_rate], ['12', '12/1']);
      // The built-in encoder says nothing about colours; below 720 lines that means BT.601, which decodeVideo is not told.
      if (name === 'ffmpeg' || channels === 1) {
        const similar = psnr(decodeVideo(file, channels), clip.all);
        // Half the resolution for colour costs more than the encoder.
        assert(similar > (channels === 1 ? decibels : 31), `${similar.toFixed(1)} dB`);
      }
      const again = path.join(folder, `again.${format}`);
      await writeClip(clip, output(again, { format, encoder }));
      assert(readFileSync(again).equals(readFileSync(file)), 'the same frames gave other bytes');
      assert.deepEqual(readdirSync(folder).sort(), [`again.${format}`, 'new']);
      assert.equal(readdirSync(path.dirname(file)).length, 1);
    });
  }
}

test('colours of the built-in encoder', { skip: noFfmpeg }, async (t) => {
  // From 720 lines on players take BT.709, which is what decodeVideo assumes.
  const clip = testClip([2, 720, 64, 3]);
  const file = path.join(temporaryFolder(t), 'colour.mp4');
  await writeClip(clip, output(file, { encoder: 'built-in' }));
  const similar = psnr(decodeVideo(file, 3), clip.all);
  assert(similar > 31, `${similar.toFixed(1)} dB`);
});

test('any frame rate is exact', { skip: noFfmpeg }, async (t) => {
  const folder = temporaryFolder(t);
  for (const encoder of ['built-in', 'ffmpeg'] as const) {
    const file = path.join(folder, `${encoder}.mp4`);
    await writeClip(testClip([10, 32, 32, 1], 12.5), output(file, { encoder }));
    assert.equal(probeVideo(file).avg_frame_rate, '25/2', encoder);
  }
});

test('the index of the built-in mp4 comes first, and no time is in it', async (t) => {
  const file = path.join(temporaryFolder(t), 'clip.mp4');
  await withoutFfmpeg(() => writeClip(grey, output(file)));
  const bytes = readFileSync(file);
  const types = ['ftyp', 'moov', 'mdat'].map((type) => bytes.indexOf(type));
  assert.deepEqual(
    types,
    types.toSorted((a, b) => a - b),
  );
  for (const header of ['mvhd', 'tkhd', 'mdhd']) assert.equal(bytes.readBigUInt64BE(bytes.indexOf(header) + 8), 0n);
});

for (const clip of [grey, colour]) {
  const channels = clip.shape[3] as 1 | 3;
  const kind = channels === 1 ? 'grey' : 'RGB';

  for (const [format, decibels] of [
    ['gif', channels === 1 ? 40 : 28],
    ['webp', channels === 1 ? 33 : 30],
  ] as const) {
    test(`${format} (${kind}) needs no ffmpeg, loops for ever, same bytes`, async (t) => {
      const file = path.join(temporaryFolder(t), `clip.${format}`);
      const result = await withoutFfmpeg(() => writeClip(clip, output(file, { format })));
      assert.equal(result.encoder, 'sharp');
      const metadata = await sharp(readFileSync(file)).metadata();
      assert.deepEqual([metadata.format, metadata.width, metadata.pages, metadata.loop], [format, 160, 12, 0]);
      assert.equal(metadata.height, 96);
      assert.equal(
        metadata.delay?.reduce((sum, delay) => sum + delay, 0),
        1000,
      );
      const similar = psnr(await decodeImage(file, channels), clip.all);
      assert(similar > decibels, `${similar.toFixed(1)} dB`);
      const first = readFileSync(file);
      await writeClip(clip, output(file, { format }));
      assert(readFileSync(file).equals(first));
    });
  }

  test(`png (${kind}): a folder of exact frames`, async (t) => {
    const folder = path.join(temporaryFolder(t), 'frames');
    const result = await writeClip(clip, output(folder, { format: 'png' }));
    const names = readdirSync(folder).sort();
    assert.deepEqual([names.length, names[0], names[11]], [12, 'frame-0001.png', 'frame-0012.png']);
    assert.equal(
      result.bytes,
      names.reduce((sum, name) => sum + readFileSync(path.join(folder, name)).length, 0),
    );
    const { channels: stored } = await sharp(path.join(folder, names[0]!)).metadata();
    assert.equal(stored, channels);
    const frameBytes = clip.all.length / 12;
    for (const [i, name] of names.entries()) {
      const frame = await decodeImage(path.join(folder, name), channels);
      assert(Buffer.from(clip.all.subarray(i * frameBytes, (i + 1) * frameBytes)).equals(frame), name);
    }
  });
}

test('a png folder that exists: longer clips leave no frames behind, other files stay', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(path.join(folder, 'notes.txt'), 'mine');
  await writeClip(testClip([5, 16, 16, 1]), output(folder, { format: 'png' }));
  await writeClip(testClip([3, 16, 16, 1]), output(folder, { format: 'png' }));
  assert.deepEqual(readdirSync(folder).sort(), ['frame-0001.png', 'frame-0002.png', 'frame-0003.png', 'notes.txt']);
});

test('delays add up to the frame rate', () => {
  assert.deepEqual(frameDelays(6, 12, 10), [80, 90, 80, 80, 90, 80]);
  assert.deepEqual(frameDelays(3, 60, 1), [17, 16, 17]);
});

test('without ffmpeg: mp4 by the built-in encoder, webm says what to install', async (t) => {
  const folder = temporaryFolder(t);
  await withoutFfmpeg(async () => {
    const clip = await writeClip(grey, output(path.join(folder, 'clip.mp4')));
    assert.equal(clip.encoder, 'wasm');
    const webm = path.join(folder, 'clip.webm');
    await assert.rejects(writeClip(grey, output(webm, { format: 'webm' })), {
      code: 'ENGINE_MISSING',
      message: /ffmpeg is not installed\. .*apt install ffmpeg.*mp4 works without it/,
    });
    const demanded = writeClip(grey, output(path.join(folder, 'b.mp4'), { encoder: 'ffmpeg' }));
    await assert.rejects(demanded, { code: 'ENGINE_MISSING' });
  });
  const builtIn = writeClip(grey, output(path.join(folder, 'b.webm'), { format: 'webm', encoder: 'built-in' }));
  await assert.rejects(builtIn, { code: 'BAD_SETTING', message: /webm needs ffmpeg/ });
  assert.deepEqual(readdirSync(folder), ['clip.mp4']);
});

test('a wrong MOTION_MANGA_FFMPEG is not passed over', async (t) => {
  t.after(() => delete process.env.MOTION_MANGA_FFMPEG);
  const file = path.join(temporaryFolder(t), 'clip.mp4');
  for (const [program, reason] of [
    ['/no/such/ffmpeg', /MOTION_MANGA_FFMPEG is \/no\/such\/ffmpeg, which is no program/],
    ['/bin/false', /\/bin\/false does not run/],
  ] as const) {
    process.env.MOTION_MANGA_FFMPEG = program;
    await assert.rejects(writeClip(grey, output(file, { encoder: 'ffmpeg' })), {
      code: 'ENGINE_MISSING',
      message: reason,
    });
    assert.equal((await writeClip(grey, output(file))).encoder, 'wasm');
  }
});
