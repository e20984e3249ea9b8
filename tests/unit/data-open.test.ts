import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import type { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { openDataset } from '../../lib/data/open-dataset.ts';
import { deviation } from '../../lib/data/raster.ts';
import { Random } from '../../lib/random.ts';
import { makePage, makePhotos, range, take } from './data-support.ts';
import { refusal, temporaryFolder } from './media-support.ts';

const start = new Random(5).state();
const cleanups: (() => void)[] = [];
const root = temporaryFolder({ after: (cleanup) => cleanups.push(cleanup as () => void) });
const photos = join(root, 'photos');
const pages = join(root, 'pages');
const small = { batch: 2, side: 64, frames: 3, longSide: 160, cacheDir: join(root, 'cache'), styles: ['ink', 'bold'] };

before(async () => {
  await makePhotos(photos, [
    [200, 170],
    [150, 180],
  ]);
  await mkdir(pages);
  await makePage(join(pages, 'a-tall.png'), 300, 500);
  await makePage(join(pages, 'b-wide.png'), 700, 260, 20);
  await makePage(join(pages, 'c-small.jpg'), 90, 140);
});
after(() => {
  for (const cleanup of cleanups) cleanup();
});

async function open(t: TestContext, settings: object) {
  const source = await openDataset({ ...small, ...settings });
  t.after(() => source.close());
  return source;
}

test('photos: paired crops, the same with one thread and two', async (t) => {
  const one = await open(t, { kind: 'photos', photos, threads: 1, queue: 2 });
  assert.equal(one.summary, '2 photos drawn in 2 styles.');
  const { batch, random } = await one.next(start);
  const { size, side, frames, photo, page, position, layers, fields, real } = batch;
  assert.deepEqual({ size, side, frames, real }, { size: 2, side: 64, frames: 3, real: null });
  assert.deepEqual(
    [photo.length, page.length, position.length, layers!.length, fields!.length],
    [2 * 64 * 64 * 3, 2 * 128 * 128, 2 * 16 * 16 * 2, 2 * 64 * 64 * 4, 2 * 16 * 16 * 9],
  );
  for (const [values, low, high] of [
    [photo, -1, 1],
    [page, -1, 1],
    [position, -1, 1],
    [layers!, 0, 1],
  ] as const) {
    const seen = range(values);
    assert.ok(seen.low >= low && seen.high <= high && seen.high > seen.low, JSON.stringify(seen));
  }
  assert.notDeepEqual(random, start);
  assert.ok(one.waitedSeconds > 0);

  const two = await open(t, { kind: 'photos', photos, threads: 2, queue: 5 });
  const all = await take(one, start, 8);
  assert.equal(new Set(all.digests).size, 8);
  assert.deepEqual(await take(two, start, 8), all);

  // Half-way, given back to a fresh source, and to the one that has gone on.
  const half = await take(two, start, 3);
  const fresh = await open(t, { kind: 'photos', photos, threads: 2 });
  for (const source of [fresh, two]) {
    assert.deepEqual((await take(source, half.random, 5)).digests, all.digests.slice(3));
  }
});

test('pages: sequences of any page size, never blank; broken files are skipped with a reason', async (t) => {
  const mixed = join(root, 'mixed');
  await mkdir(mixed);
  await makePage(join(mixed, 'a-tall.png'), 300, 500);
  await makePage(join(mixed, 'b-wide.png'), 700, 260, 20);
  await makePage(join(mixed, 'c-small.jpg'), 90, 140);
  await makePage(join(mixed, 'd-cut.jpg'), 300, 400);
  await truncate(join(mixed, 'd-cut.jpg'), 3000);
  await writeFile(join(mixed, 'e-text.png'), 'not a picture');
  await writeFile(join(mixed, 'notes.txt'), 'not meant to be one');
  const source = await open(t, { kind: 'pages', pages: mixed, photos, threads: 2 });
  assert.match(source.summary, /^4 pages; 2 photos; 1 skipped:\n- .*e-text\.png: It is not a picture/);
  let random = start;
  for (let i = 0; i < 12; i++) {
    const next = await source.next(random);
    random = next.random;
    const { real, layers, fields, photo, page, position } = next.batch;
    assert.deepEqual([layers, fields], [null, null]);
    assert.deepEqual(
      [real!.length, photo.length, position.length],
      [2 * 3 * 64 * 64, 2 * 64 * 64 * 3, 2 * 16 * 16 * 2],
    );
    const { low, high } = range(real!);
    assert.ok(low >= 0 && high <= 1 && range(page).low >= -1 && range(page).high <= 1);
    for (const frame of [0, 2, 3, 5]) {
      assert.ok(deviation(real!.subarray(frame * 64 * 64, (frame + 1) * 64 * 64)) >= 0.1);
    }
  }
  const cut = source.skipped.find(({ where }) => where.endsWith('d-cut.jpg'));
  assert.match(cut?.reason ?? '', /cut off/);
  assert.equal(source.skipped.length, 2);
});

test('pages: the same with one thread and two; paired they bring layers', async (t) => {
  const settings = { kind: 'pages', pages: [pages], photos: [photos], paired: true };
  const one = await open(t, { ...settings, threads: 1 });
  const { batch } = await one.next(start);
  assert.deepEqual([batch.layers!.length, batch.real!.length], [2 * 64 * 64 * 4, 2 * 3 * 64 * 64]);
  assert.ok(range(batch.layers!).high > 0);
  const two = await open(t, { ...settings, threads: 2 });
  assert.deepEqual(await take(two, start, 6), await take(one, start, 6));
});

test('nothing to learn from is refused with advice', async (t) => {
  const empty = join(root, 'empty');
  await mkdir(empty);
  const none = await refusal(openDataset({ ...small, kind: 'photos', photos: empty }));
  assert.equal(none.code, 'BAD_INPUT');
  assert.match(none.message, /There is no picture in .*empty, where the photos should be\. Put JPEG/);
  const noPages = await refusal(openDataset({ ...small, kind: 'pages', photos, pages: empty }));
  assert.match(noPages.message, /where the pages should be/);
  const large = await refusal(openDataset({ ...small, kind: 'photos', photos, side: 256 }));
  assert.match(large.message, /None of the 2 photos has a short side of 256 pixels at a long side of 160/);
  const gone = await refusal(openDataset({ ...small, kind: 'photos', photos: join(root, 'nowhere') }));
  assert.deepEqual([gone.code, /nowhere/.test(gone.message)], ['IO', true]);

  const blank = join(root, 'blank');
  await mkdir(blank);
  const white = { width: 300, height: 400, channels: 3, background: 'white' } as const;
  await sharp({ create: white }).toFile(join(blank, 'white.png'));
  const source = await open(t, { kind: 'pages', pages: blank, photos, threads: 1 });
  const refused = await refusal(source.next(start));
  assert.equal(refused.code, 'BAD_INPUT');
  assert.match(refused.message, /No place with enough drawing/);
});

test('close ends the threads and whoever waits', async () => {
  const workers: Worker[] = [];
  const onWorker = (worker: Worker) => workers.push(worker);
  process.on('worker', onWorker);
  const source = await openDataset({ ...small, kind: 'pages', pages, photos, threads: 2 });
  const waiting = source.next(start);
  const exits = Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
  await Promise.all([assert.rejects(waiting, { code: 'CANCELLED' }), source.close()]);
  process.off('worker', onWorker);
  assert.equal(workers.length, 2);
  await exits;
  await source.close();
  await assert.rejects(source.next(start), { code: 'CANCELLED' });
});

test('a thread that dies is replaced and its batch made again; one that always dies is reported', async (t) => {
  const settings = { kind: 'pages', pages, photos, threads: 1 };
  const expected = await take(await open(t, settings), start, 3);
  let deaths = 1;
  const kill = (worker: Worker) => {
    if (deaths-- > 0) void worker.terminate();
  };
  process.on('worker', kill);
  t.after(() => process.off('worker', kill));
  const source = await open(t, settings);
  assert.deepEqual(await take(source, start, 3), expected);
  deaths = Number.POSITIVE_INFINITY;
  const doomed = await open(t, settings);
  const error = await refusal(doomed.next(start));
  assert.equal(error.code, 'INTERNAL');
  assert.match(error.message, /thread that prepares training data died/);
});

test('a program that forgets to close it ends all the same', async () => {
  const library = new URL('../../lib/data/open-dataset.ts', import.meta.url).href;
  const script = `
    const { openDataset } = await import(${JSON.stringify(library)});
    const source = await openDataset(${JSON.stringify({ ...small, kind: 'pages', pages, photos, threads: 2 })});
    const { batch } = await source.next(${JSON.stringify(start)});
    console.log(batch.real.length);`;
  const file = join(root, 'forgetful.mjs');
  await writeFile(file, script);
  const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 60_000 });
  assert.equal(stdout.trim(), String(2 * 3 * 64 * 64));
});
