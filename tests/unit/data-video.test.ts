import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { openDataset } from '../../lib/data/open-dataset.ts';
import { Random } from '../../lib/random.ts';
import { range, take } from './data-support.ts';
import { ffmpegChildren, noFfmpeg, refusal, temporaryFolder } from './media-support.ts';

const start = new Random(4).state();
const cleanups: (() => void)[] = [];
const root = temporaryFolder({ after: (cleanup) => cleanups.push(cleanup as () => void) });
const videos = join(root, 'videos');
const small = { kind: 'video', batch: 2, side: 64, frames: 3, longSide: 240, fps: 12 } as const;

/** @param source a filter of ffmpeg that makes pictures */
function makeVideo(name: string, source: string, seconds: number, more: readonly string[] = []): void {
  const args = ['-v', 'error', '-f', 'lavfi', '-i', source, '-t', String(seconds), ...more, join(videos, name)];
  execFileSync('ffmpeg', args);
}

before(() => {
  if (noFfmpeg) return;
  mkdirSync(videos);
  // Grey stripes that grow brighter by 2 of 219 a frame at 24 frames a second.
  const stripes = "color=gray:s=240x160:r=24,format=yuv420p,geq=lum='20+mod(X,32)*3+N*2':cb=128:cr=128";
  makeVideo('a-stripes.mkv', stripes, 1.5, ['-c:v', 'ffv1']);
});
after(() => {
  for (const cleanup of cleanups) cleanup();
});

async function open(t: TestContext, settings: object) {
  const source = await openDataset({ ...small, ...settings });
  t.after(() => source.close());
  return source;
}

const mean = (values: Float32Array) => values.reduce((sum, v) => sum + v, 0) / values.length;

test('consecutive frames at the chosen rate; the photo is the first', { skip: noFfmpeg }, async (t) => {
  for (const fps of [12, 24]) {
    const source = await open(t, { videos: join(videos, 'a-stripes.mkv'), fps, threads: 1 });
    assert.equal(source.summary, `1 video, 1.5 seconds at ${fps} frames a second.`);
    const { photo, page, position, layers, fields, real } = (await source.next(start)).batch;
    assert.deepEqual([layers, fields], [null, null]);
    assert.deepEqual(
      [photo.length, page.length, position.length, real!.length],
      [2 * 64 * 64 * 3, 2 * 128 * 128, 2 * 16 * 16 * 2, 2 * 3 * 64 * 64],
    );
    const { low, high } = range(real!);
    assert.ok(low >= 0 && high <= 1 && high - low > 0.2);
    const frame = (i: number) => real!.subarray(i * 64 * 64, (i + 1) * 64 * 64);
    const step = ((2 * 24) / fps) * (1 / 219);
    for (const i of [0, 1, 3, 4]) {
      const seen = mean(frame(i + 1)) - mean(frame(i));
      assert.ok(Math.abs(seen - step) < 0.002, `${seen} instead of ${step}`);
    }
    // Photo in -1..1, grey in 0..1.
    for (const b of [0, 1]) {
      const first = photo.subarray(b * 64 * 64 * 3, (b + 1) * 64 * 64 * 3);
      assert.ok(frame(3 * b).every((grey, i) => Math.abs((first[3 * i + 1]! + 1) / 2 - grey) < 0.02));
    }
  }
});

test('the same with one thread and two, and from half-way', { skip: noFfmpeg }, async (t) => {
  makeVideo('b-test.mp4', 'testsrc2=s=320x180:r=25', 2.5);
  const files = [join(videos, 'a-stripes.mkv'), join(videos, 'b-test.mp4')];
  const one = await open(t, { videos: files, threads: 1 });
  const two = await open(t, { videos: files, threads: 2 });
  const all = await take(one, start, 5);
  assert.equal(new Set(all.digests).size, 5);
  assert.deepEqual(await take(two, start, 5), all);
  const half = await take(one, start, 2);
  assert.deepEqual((await take(two, half.random, 3)).digests, all.digests.slice(2));
  await two.close();
  if (process.platform === 'linux') assert.deepEqual(ffmpegChildren(), []);
});

test('frames can be drawn', { skip: noFfmpeg }, async (t) => {
  makeVideo('c-test.mp4', 'testsrc2=s=320x180:r=25', 1);
  const source = await open(t, { videos: join(videos, 'c-test.mp4'), draw: true, batch: 1, frames: 2, threads: 1 });
  const { real, page } = (await source.next(start)).batch;
  const extremes = (values: Float32Array, low: number, high: number) =>
    values.filter((v) => v < low || v > high).length / values.length;
  assert.ok(range(real!).low >= 0 && range(real!).high <= 1);
  assert.ok(extremes(real!, 0.1, 0.9) > 0.6, 'ink and paper');
  assert.ok(extremes(page, -0.8, 0.8) > 0.6);
});

test('what cannot be used is skipped with a reason', { skip: noFfmpeg }, async (t) => {
  const folder = join(root, 'mixed');
  mkdirSync(folder);
  execFileSync('cp', [join(videos, 'a-stripes.mkv'), join(folder, 'good.mkv')]);
  writeFileSync(join(folder, 'text.mp4'), 'not a video');
  writeFileSync(join(folder, 'notes.txt'), 'not meant to be one');
  const lavfi = ['-v', 'error', '-f', 'lavfi', '-i'];
  execFileSync('ffmpeg', [...lavfi, 'sine', '-t', '1', join(folder, 'sound.mkv')]);
  execFileSync('ffmpeg', [...lavfi, 'testsrc=s=64x64', '-t', '0.1', join(folder, 'short.mkv')]);
  const source = await open(t, { videos: folder, threads: 1 });
  const reasons = source.skipped.map(({ where, reason }) => `${where.slice(folder.length + 1)}: ${reason}`);
  assert.equal(reasons.length, 3, reasons.join('\n'));
  assert.match(reasons[0]!, /^short\.mkv: It lasts 0\.\d+ s; a sequence needs 0\.25 s/);
  assert.match(reasons[1]!, /^sound\.mkv: It has no picture track/);
  assert.match(reasons[2]!, /^text\.mp4: ffmpeg cannot read it/);
  await take(source, start, 1);

  const none = await refusal(openDataset({ ...small, videos: join(folder, 'text.mp4') }));
  assert.equal(none.code, 'BAD_INPUT');
  assert.match(none.message, /There is no usable video in .*text\.mp4.*Give video files/);
});
