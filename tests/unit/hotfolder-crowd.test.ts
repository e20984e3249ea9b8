import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { numberedName } from '../../lib/hotfolder/names.ts';
import { FileQueue } from '../../lib/hotfolder/queue.ts';
import { completeAtOnce, listing, startRig, temporaryFolder } from './hotfolder-support.ts';

test('200 files dropped at once are each processed exactly once, four at a time', async (t) => {
  const base = await temporaryFolder(t);
  let most = 0;
  const held: string[] = [];
  const rig = await startRig({ inbox: base, maxInFlight: 4 }, (job, { folder }) => {
    most = Math.max(most, folder.counts().inFlight);
    held.push(job.id);
    // As a flow with four workers would: nobody is done before all have something to do.
    if (held.length < 4 && folder.counts().queued > 0) return;
    for (const id of held.splice(0)) void folder.complete(id, []);
  });
  const names = Array.from({ length: 200 }, (_, i) => `${i}.jpg`);
  await Promise.all(names.map((name) => writeFile(join(base, name), name)));
  await rig.until(({ folder }) => folder.counts().done === 200);
  assert.deepEqual(rig.jobs.map(({ name }) => name).sort(), names.sort());
  assert.equal(most, 4);
  assert.deepEqual(await listing(base), names.map((name) => `done/${name}`).sort());
  assert.deepEqual(await readdir(join(base, '.work')), []);
  for (const name of names) assert.equal(await readFile(join(base, 'done', name), 'utf8'), name);
  assert.deepEqual(rig.problems, []);
});

test('thousands of waiting files take one watch, not one each', async (t) => {
  const base = await temporaryFolder(t);
  for (let i = 0; i < 3000; i += 100)
    await Promise.all(Array.from({ length: 100 }, (_, k) => writeFile(join(base, `${i + k}.jpg`), 'x')));
  const rig = await startRig({ inbox: base });
  await rig.until(({ folder }) => folder.counts().queued === 2999);
  const watches = process.getActiveResourcesInfo().filter((kind) => /FSEvent|StatWatcher/.test(kind));
  assert.ok(watches.length <= 2, `${watches.length} watches`);
});

test('a flood of events is answered by a scan: nothing is missed, nothing doubled, and events count again after', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  const rig = await startRig({ inbox, maxInFlight: 10 }, completeAtOnce);
  // Synchronously, so that all events wait for one turn of the event loop.
  for (let i = 0; i < 1000; i++) writeFileSync(join(inbox, `${i}.jpg`), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1000, 30_000);
  assert.equal(new Set(rig.jobs.map(({ name }) => name)).size, 1000);
  assert.equal(rig.jobs.length, 1000);
  await writeFile(join(inbox, 'late.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1001);
  assert.equal(rig.folder.counts().watching, true);
  assert.deepEqual(rig.problems, []);
});

test('the queue gives oldest first and forgets what was removed', () => {
  const queue = new FileQueue();
  const item = (path: string, mtimeMs: number, enqueuedAt = 0) => ({
    id: path,
    path,
    relativePath: path,
    mtimeMs,
    enqueuedAt,
  });
  queue.put(item('b', 5, 100));
  queue.put(item('a', 5, 200));
  queue.put(item('old', 1, 300));
  queue.put(item('gone', 0, 50));
  queue.remove('gone');
  assert.equal(queue.oldestQueuedAt, 100);
  assert.equal(queue.take()!.path, 'old');
  queue.put(item('b', 9, 400));
  queue.put(item('c', 7));
  assert.equal(queue.size, 3);
  assert.deepEqual(
    [queue.take(), queue.take(), queue.take(), queue.take()].map((next) => next?.path),
    ['a', 'c', 'b', undefined],
  );
  assert.equal(queue.oldestQueuedAt, null);
});

test('numbered names keep the ending and fit into 255 bytes without cutting a character', () => {
  assert.equal(numberedName('a.b.jpg', 1), 'a.b.jpg');
  assert.equal(numberedName('a.b.jpg', 12), 'a.b-12.jpg');
  const long = `${'写'.repeat(83)}12.jpg`;
  assert.equal(Buffer.byteLength(long), 255);
  assert.equal(numberedName(long, 1), long);
  const shortened = numberedName(long, 2, 11);
  assert.ok(Buffer.byteLength(shortened) <= 244);
  assert.match(shortened, /^写+-2\.jpg$/);
  assert.equal(Buffer.byteLength(numberedName(`a.${'x'.repeat(253)}`, 2)), 3);
});
