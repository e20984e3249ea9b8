import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { planJobs } from '../../cli/plan-jobs.ts';
import { temporaryFolder } from './media-support.ts';

async function outputs(inputs: string[], out: string, format?: 'mp4' | 'gif' | 'png'): Promise<string[]> {
  const plan = await planJobs(inputs, out, format);
  return plan.jobs.map((job) => ('output' in job ? job.output : `! ${job.error.message}`));
}

test('one photo: a file when --out ends like the format, else a folder', async (t) => {
  const folder = temporaryFolder(t);
  assert.deepEqual(await outputs(['a.jpg'], 'x.mp4'), ['x.mp4']);
  assert.deepEqual(await outputs(['a.jpg'], 'X.GIF'), ['X.GIF']);
  assert.deepEqual(await planJobs(['a.jpg'], 'x.webp'), {
    jobs: [{ input: 'a.jpg', output: 'x.webp' }],
    format: 'webp',
  });
  assert.deepEqual(await outputs(['a.jpg'], 'x.gif', 'mp4'), [path.join('x.gif', 'a.mp4')]);
  assert.deepEqual(await outputs(['p/a.b.jpg'], 'clips'), [path.join('clips', 'a.b.mp4')]);
  assert.deepEqual(await outputs(['a.jpg'], 'x.mp4/'), [path.join('x.mp4', 'a.mp4')]);
  mkdirSync(path.join(folder, 'x.mp4'));
  assert.deepEqual(await outputs(['a.jpg'], path.join(folder, 'x.mp4')), [path.join(folder, 'x.mp4', 'a.mp4')]);
});

test('png: frames of one photo right in the folder, of several in one each', async () => {
  assert.deepEqual(await outputs(['a.jpg'], 'frames', 'png'), ['frames']);
  assert.deepEqual(await outputs(['a.jpg', 'b.jpg'], 'o', 'png'), [path.join('o', 'a'), path.join('o', 'b')]);
});

test('several photos: a folder; names that are taken get a number', async () => {
  const photos = ['p/a.jpg', 'q/a.png', 'q/A.webp', 'b.jpg'];
  assert.deepEqual(
    await outputs(photos, 'x.mp4'),
    ['a.mp4', 'a-2.mp4', 'A-3.mp4', 'b.mp4'].map((name) => path.join('x.mp4', name)),
  );
  assert.deepEqual(await outputs(['p/a.jpg', 'q/a.jpg'], 'o', 'png'), [path.join('o', 'a'), path.join('o', 'a-2')]);
});

test('a clip never takes the place of a photo', async () => {
  assert.deepEqual(await outputs(['p/a.gif', 'p/b.jpg'], 'p', 'gif'), [
    path.join('p', 'a-2.gif'),
    path.join('p', 'b.gif'),
  ]);
});

test('a folder: its pictures, sorted, not those below', async (t) => {
  const folder = temporaryFolder(t);
  const names = ['b.JPG', 'a.png', 'c.tiff', 'd.heic', 'notes.txt', '._a.png', 'e.jpeg', 'f.avif', 'g.webp', 'h.gif'];
  for (const name of names) writeFileSync(path.join(folder, name), '');
  mkdirSync(path.join(folder, 'below'));
  writeFileSync(path.join(folder, 'below', 'z.jpg'), '');
  const { jobs } = await planJobs([folder], 'o');
  assert.deepEqual(
    jobs.map(({ input }) => path.relative(folder, input)),
    ['a.png', 'b.JPG', 'c.tiff', 'd.heic', 'e.jpeg', 'f.avif', 'g.webp', 'h.gif'],
  );
  const [empty] = await outputs([path.join(folder, 'below', '..', 'below'), 'x.jpg'], 'o');
  assert.equal(empty, path.join('o', 'z.mp4'));
  mkdirSync(path.join(folder, 'nothing'));
  assert.deepEqual(await outputs([path.join(folder, 'nothing'), 'x.jpg'], 'o'), [
    '! "nothing" holds no pictures. Looked for jpg, png, webp, gif, tiff, avif and heic, not in folders below.',
    path.join('o', 'x.mp4'),
  ]);
});
