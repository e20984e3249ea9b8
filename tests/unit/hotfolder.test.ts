import assert from 'node:assert/strict';
import { appendFile, mkdir, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pictureProbe } from '../../lib/hotfolder/probe.ts';
import { completeAtOnce, listing, picture, startRig, temporaryFolder } from './hotfolder-support.ts';

test('a dropped picture becomes a job, and moves to done when the job is completed', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  const rig = await startRig({ inbox, probe: pictureProbe() });
  await writeFile(join(inbox, 'a.JPG'), await picture());
  await rig.until(({ jobs }) => jobs.length === 1);
  const [job] = rig.jobs;
  assert.equal(job!.name, 'a.JPG');
  assert.equal(job!.relativePath, 'a.JPG');
  assert.equal(job!.sourcePath, join(inbox, 'a.JPG'));
  assert.equal(job!.attempt, 1);
  assert.deepEqual(await readFile(job!.claimedPath), await picture());
  assert.equal(job!.size, (await picture()).length);
  const { watching, queued, inFlight, oldestQueuedAt } = rig.folder.counts();
  assert.deepEqual(
    { watching, queued, inFlight, oldestQueuedAt },
    { watching: true, queued: 0, inFlight: 1, oldestQueuedAt: null },
  );
  assert.deepEqual(JSON.parse(JSON.stringify(job)), job, 'the job is plain JSON');

  await rig.folder.complete(job!.id, ['/out/a.mp4']);
  assert.deepEqual(await listing(inbox), ['done/a.JPG']);
  assert.equal(rig.folder.counts().done, 1);
  assert.deepEqual(rig.problems, []);
});

test('a failed job moves to failed with its report', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base });
  await writeFile(join(base, 'a.png'), 'x');
  await rig.until(({ jobs }) => jobs.length === 1);
  const report = await rig.folder.fail(rig.jobs[0]!.id, {
    message: 'No model there.',
    code: 'MODEL_MISSING',
    source: { id: 'n' },
  });
  assert.equal(report!.movedTo, join(base, 'failed', 'a.png'));
  assert.equal(report!.job, rig.jobs[0]!.id);
  const written = JSON.parse(await readFile(join(base, 'failed', 'a.png.error.json'), 'utf8'));
  assert.deepEqual(Object.keys(written), ['file', 'code', 'cause', 'hint', 'time', 'attempts', 'job']);
  assert.equal(written.file, 'a.png');
  assert.equal(written.code, 'MODEL_MISSING');
  assert.equal(written.cause, 'No model there.');
  assert.match(written.hint, /model/);
  assert.equal(written.attempts, 1);
  assert.ok(Math.abs(Date.parse(written.time) - Date.now()) < 60_000);
  assert.deepEqual(rig.reports, [report]);
});

test('files of any age in the inbox at start are taken oldest first, then by name, one at a time', async (t) => {
  const base = await temporaryFolder(t);
  const ages: Record<string, number> = { 'c.jpg': 1000, 'b.jpg': 2000, 'a.jpg': 3000, 'e.jpg': 3000 };
  for (const [name, seconds] of Object.entries(ages)) {
    await writeFile(join(base, name), 'x');
    await utimes(join(base, name), seconds, seconds);
  }
  const rig = await startRig({ inbox: base });
  await rig.until(({ jobs }) => jobs.length === 1);
  assert.equal(rig.folder.counts().queued, 3);
  assert.ok(Date.now() - rig.folder.counts().oldestQueuedAt! < 60_000);
  for (let i = 1; i <= 4; i++) {
    await rig.until(({ jobs }) => jobs.length === i);
    assert.equal(rig.folder.counts().inFlight, 1);
    await rig.folder.complete(rig.jobs[i - 1]!.id, []);
  }
  assert.deepEqual(
    rig.jobs.map(({ name }) => name),
    ['c.jpg', 'b.jpg', 'a.jpg', 'e.jpg'],
  );
});

test('a slow writer is waited for: the job sees the whole file', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base, settleMs: 150 });
  const path = join(base, 'slow.jpg');
  const file = await open(path, 'w');
  for (let i = 0; i < 10; i++) {
    await file.write(Buffer.alloc(1000, i));
    await pause(90); // the writer's own pace
  }
  await file.close();
  assert.equal(rig.jobs.length, 0);
  await rig.until(({ jobs }) => jobs.length === 1);
  assert.equal((await readFile(rig.jobs[0]!.claimedPath)).length, 10_000);
});

test('a file written to while it waits in the queue settles anew', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base });
  await writeFile(join(base, 'first.jpg'), 'x');
  await rig.until(({ jobs }) => jobs.length === 1);
  await writeFile(join(base, 'second.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().queued === 1);
  await appendFile(join(base, 'second.jpg'), 'yz');
  await rig.until(({ folder }) => folder.counts().queued === 0);
  await rig.folder.complete(rig.jobs[0]!.id, []);
  await rig.until(({ jobs }) => jobs.length === 2);
  assert.equal(rig.jobs[1]!.size, 3);
});

test('renamed into the folder, and removed again before it settled', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  const rig = await startRig({ inbox });
  await writeFile(join(base, 'in.jpg'), 'x');
  await writeFile(join(base, 'out.jpg'), 'x');
  await rename(join(base, 'out.jpg'), join(inbox, 'out.jpg'));
  await rm(join(inbox, 'out.jpg'));
  await rename(join(base, 'in.jpg'), join(inbox, 'in.jpg'));
  await rig.until(({ jobs }) => jobs.length === 1);
  assert.equal(rig.jobs[0]!.name, 'in.jpg');
  await rig.until(({ folder }) => folder.counts().settling === 0);
  assert.equal(rig.jobs.length, 1);
  assert.deepEqual(rig.problems, []);
});

test('junk, other endings and folders are left alone', async (t) => {
  const base = await temporaryFolder(t);
  const junk = [
    '.DS_Store',
    '._a.jpg',
    '.hidden.jpg',
    'Thumbs.db',
    'desktop.ini',
    'a.jpg.part',
    'b.tmp',
    'c.jpg.crdownload',
    'notes.txt',
  ];
  for (const name of junk) await writeFile(join(base, name), 'x');
  await mkdir(join(base, '@eaDir'));
  await mkdir(join(base, 'folder.jpg'));
  await writeFile(join(base, 'folder.jpg', 'inner.jpg'), 'x');
  const rig = await startRig({ inbox: base }, completeAtOnce);
  await writeFile(join(base, 'z.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.deepEqual(
    rig.jobs.map(({ name }) => name),
    ['z.jpg'],
  );
  assert.deepEqual(await listing(base), [...junk, 'done/z.jpg', 'folder.jpg/inner.jpg'].sort());
});

test('recursive: the structure is kept, in folders made later too, and own folders are not entered', async (t) => {
  const base = await temporaryFolder(t);
  await mkdir(join(base, 'one/two'), { recursive: true });
  await writeFile(join(base, 'one/two/a.jpg'), 'x');
  const rig = await startRig({ inbox: base, recursive: true }, completeAtOnce);
  await mkdir(join(base, 'three'));
  await writeFile(join(base, 'three/b.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 2);
  await writeFile(join(base, 'three/c.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 3);
  assert.deepEqual(rig.jobs.map(({ relativePath }) => relativePath).sort(), [
    'one/two/a.jpg',
    'three/b.jpg',
    'three/c.jpg',
  ]);
  assert.deepEqual(await listing(join(base, 'done')), ['one/two/a.jpg', 'three/b.jpg', 'three/c.jpg']);
  assert.deepEqual(rig.problems, []);
});

test('names in done are numbered, never overwritten', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base }, completeAtOnce);
  for (let i = 1; i <= 3; i++) {
    await writeFile(join(base, 'a.jpg'), `${i}`);
    await rig.until(({ folder }) => folder.counts().done === i);
  }
  assert.deepEqual(await listing(join(base, 'done')), ['a-2.jpg', 'a-3.jpg', 'a.jpg']);
  assert.equal(await readFile(join(base, 'done/a.jpg'), 'utf8'), '1');
  assert.equal(await readFile(join(base, 'done/a-3.jpg'), 'utf8'), '3');
});

test('hard names pass: spaces, quotes, emoji, newline, percent, 255 bytes, names that differ in case', async (t) => {
  const base = await temporaryFolder(t);
  const names = [
    ' a b .jpg',
    `it's "q".jpg`,
    '🖼️ 写真.jpg',
    'new\nline.jpg',
    '%00%2e$(x)`y`.jpg',
    `${'写'.repeat(83)}12.jpg`,
    'Case.jpg',
    'case.jpg',
    '-rf.jpg',
  ];
  const rig = await startRig({ inbox: base, maxInFlight: 3 });
  for (const name of names) await writeFile(join(base, name), name);
  for (let i = 0; i < names.length; i++) {
    await rig.until(({ jobs }) => jobs.length > i);
    const job = rig.jobs[i]!;
    assert.equal(await readFile(job.claimedPath, 'utf8'), job.name);
    if (i % 2) await rig.folder.complete(job.id, []);
    else await rig.folder.fail(job.id, new Error('no'));
  }
  assert.deepEqual(rig.jobs.map(({ name }) => name).sort(), [...names].sort());
  assert.equal((await listing(join(base, 'done'))).length, 4);
  assert.equal((await listing(join(base, 'failed'))).length, 15);
  assert.deepEqual(rig.problems, []);
});

test('doneAction leave and copy keep the original in the inbox, and a restart does not take it again', async (t) => {
  for (const doneAction of ['leave', 'copy'] as const) {
    const base = await temporaryFolder(t);
    const first = await startRig({ inbox: base, doneAction }, completeAtOnce);
    await writeFile(join(base, 'a.jpg'), 'x');
    await first.until(({ folder }) => folder.counts().done === 1);
    await first.folder.close();
    assert.deepEqual(await listing(join(base, 'done')), doneAction === 'copy' ? ['a.jpg'] : []);

    const second = await startRig({ inbox: base, doneAction }, completeAtOnce);
    await writeFile(join(base, 'b.jpg'), 'x');
    await second.until(({ folder }) => folder.counts().done === 1);
    assert.deepEqual(
      second.jobs.map(({ name }) => name),
      ['b.jpg'],
    );
    await writeFile(join(base, 'a.jpg'), 'changed');
    await second.until(({ folder }) => folder.counts().done === 2);
    assert.equal(await readFile(join(base, 'a.jpg'), 'utf8'), 'changed');
  }
});

test('doneAction delete deletes only when the clips exist', async (t) => {
  const base = await temporaryFolder(t);
  const clip = join(base, 'clip.mp4');
  await writeFile(clip, 'x');
  const rig = await startRig({ inbox: join(base, 'inbox'), doneAction: 'delete' });
  for (const [i, outputs] of [[clip], [join(base, 'none.mp4')], []].entries()) {
    await writeFile(join(base, 'inbox', `${i}.jpg`), 'x');
    await rig.until(({ jobs }) => jobs.length === i + 1);
    await rig.folder.complete(rig.jobs[i]!.id, outputs);
  }
  assert.deepEqual(await listing(join(base, 'inbox', 'done')), ['1.jpg', '2.jpg']);
  assert.equal(rig.problems.length, 2);
});

test('polling finds files without events', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base, usePolling: 'yes' }, completeAtOnce);
  await writeFile(join(base, 'a.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1);
});

test('the inbox removed and made again is watched again', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  const rig = await startRig({ inbox, rescanMs: 100 }, completeAtOnce);
  await writeFile(join(inbox, 'a.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1);
  // The hot folder may be making its folders again meanwhile.
  await rm(inbox, { recursive: true, maxRetries: 20 });
  await mkdir(inbox, { recursive: true });
  await writeFile(join(inbox, 'b.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 2);
  await rig.until(({ folder }) => folder.counts().watching);
  await writeFile(join(inbox, 'c.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 3);
  assert.ok((await stat(join(inbox, 'done/c.jpg'))).isFile());
});

test('once it is known that the folders can be written to, looking again writes nothing into them', async (t) => {
  const inbox = await temporaryFolder(t);
  const rig = await startRig({ inbox, rescanMs: 50 });
  await rig.until(({ folder }) => folder.counts().watching);
  const changed = () =>
    Promise.all(['done', 'failed', '.work'].map(async (name) => (await stat(join(inbox, name))).ctimeMs));
  const before = await changed();
  await pause(400);
  assert.deepEqual(await changed(), before);
  await rm(join(inbox, 'done'), { recursive: true });
  await pause(400);
  assert.ok((await stat(join(inbox, 'done'))).isDirectory(), 'one that is gone is made again');
});
