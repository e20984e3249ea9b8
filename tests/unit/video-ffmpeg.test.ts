import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { findFfmpeg } from '../../lib/media/ffmpeg.ts';
import { writeClip } from '../../lib/media/write-clip.ts';
import { outputSchema } from '../../lib/settings/settings.ts';
import { openFfmpegVideo } from '../../lib/video/ffmpeg-video.ts';
import { openVideo } from '../../lib/video/open-video.ts';
import { videoSchema } from '../../lib/video/settings.ts';
import { refusal, temporaryFolder } from './media-support.ts';
import { ToyPipeline } from './session-toy-parts.ts';

const ffmpeg = (await findFfmpeg()).path;
const options = { skip: ffmpeg === undefined && 'ffmpeg is not installed' };

/** A test picture that moves, and a tone, half a second of NTSC. */
function writeVideo(t: TestContext, name = 'video.mp4', ...more: string[]): string {
  const file = path.join(temporaryFolder(t), name);
  const picture = ['-f', 'lavfi', '-i', 'testsrc=size=96x64:rate=30000/1001:duration=0.5'];
  const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440:duration=0.5'];
  execFileSync(ffmpeg!, ['-loglevel', 'error', ...picture, ...sound, ...more, file]);
  return file;
}

const settings = (given: object = {}) => videoSchema.parse({ size: '48', steady: 0, ...given });

test('rate, number, size and sound of a video are read from it', options, async (t) => {
  const file = writeVideo(t);
  const video = await openFfmpegVideo(file, settings());
  assert.deepEqual([video.frames, video.fps, video.sound], [15, 30000 / 1001, file]);
  const sizes: string[] = [];
  for await (const { width, height, data } of video.open()) {
    assert.equal(data.length, width * height * 3);
    sizes.push(`${width}x${height}`);
  }
  assert.deepEqual(sizes, Array(15).fill('48x32'));
  assert.equal((await openFfmpegVideo(file, settings({ fps: 12 }))).frames, 6);
  const pictures = (await openFfmpegVideo(file, settings({ size: '32x32' }))).open();
  const { value: cut } = await pictures.next();
  await pictures.return();
  assert.deepEqual([cut!.width, cut!.height], [32, 32]);
});

test('stopping early ends ffmpeg', options, async (t) => {
  const video = await openFfmpegVideo(writeVideo(t), settings());
  const pictures = video.open();
  await pictures.next();
  // Resolves when the process is gone.
  await pictures.return();
  assert.equal((await pictures.next()).done, true);
});

test('mp4 and webm keep the sound, cut to the length of the pictures', options, async (t) => {
  const file = writeVideo(t);
  for (const format of ['mp4', 'webm'] as const) {
    const video = await openVideo(file, settings(), { pipeline: new ToyPipeline() });
    const output = outputSchema.parse({ path: path.join(path.dirname(file), `drawn.${format}`), format });
    const { frames } = await writeClip(video, output);
    video.dispose();
    assert.equal(frames, 15);
    const header = probe(output.path);
    assert.match(header, /Audio: (aac|opus|vorbis|mp3)/);
    assert.match(header, /Duration: 00:00:00\.5/);
  }
});

function probe(file: string): string {
  try {
    execFileSync(ffmpeg!, ['-i', file], { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    return '';
  } catch (error) {
    // Without an output ffmpeg tells what the file is, and fails.
    return (error as { stderr: string }).stderr;
  }
}

test('sound without pictures, noise, and a video that is cut off say so', options, async (t) => {
  const folder = temporaryFolder(t);
  const noise = path.join(folder, 'noise.mp4');
  writeFileSync(noise, Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) & 255)));
  const sound = writeVideo(t, 'sound.mp4', '-map', '1:a');
  const cut = writeVideo(t);
  truncateSync(cut, readFileSync(cut).length >> 1);
  for (const [file, message] of [
    [noise, /noise\.mp4/],
    [sound, /no pictures/],
    [cut, /video\.mp4/],
  ] as const) {
    const error = await refusal(openFfmpegVideo(file, settings()));
    assert.equal(error.code, 'BAD_INPUT');
    assert.match(error.message, message);
    assert.ok(!error.message.includes(folder), error.message);
  }
});
