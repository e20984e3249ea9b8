import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { backOffMs, mayPass } from '../../lib/hotfolder/back-off.ts';
import { outputPath } from '../../lib/hotfolder/output-path.ts';
import type { Job } from '../../lib/hotfolder/types.ts';
import { completeAtOnce, listing, type Rig, readReport, startRig, temporaryFolder } from './hotfolder-support.ts';

/** A flow that writes each clip to `out`. */
function drawTo(out: string) {
  return (job: Job, { folder }: Rig): void => {
    const draw = async () => {
      const { path, release } = await outputPath(out, job.clipName, 'mp4', 'number', job.owner);
      await writeFile(path, `clip of ${await readFile(job.claimedPath, 'utf8')}`);
      release();
      await folder.complete(job.id, [path], job.handOut);
    };
    void draw();
  };
}

test('the same picture again, by policy: skipped, its clip replaced, or drawn under another name', async (t) => {
  const expected = { skip: ['a.jpg.mp4'], redo: ['a.jpg.mp4'], rename: ['a.jpg.mp4', 'b.jpg.mp4'] };
  for (const repeat of ['skip', 'redo', 'rename'] as const) {
    const base = await temporaryFolder(t);
    const out = join(base, 'out');
    const rig = await startRig({ inbox: join(base, 'inbox'), outDirs: [out], repeat }, drawTo(out));
    for (const name of ['a.jpg', 'b.jpg']) {
      await writeFile(join(base, 'inbox', name), 'one picture');
      await rig.until(({ folder }) => folder.jobs({ states: ['done', 'skipped'] }).some((job) => job.name === name));
    }
    await rig.until(({ folder }) => folder.counts().done + folder.counts().skipped === 2);
    const clips = (await readdir(out)).filter((name) => !name.endsWith('.json'));
    assert.deepEqual(clips.sort(), expected[repeat], repeat);
    assert.equal(rig.jobs.length, repeat === 'skip' ? 1 : 2);
    assert.deepEqual(await listing(join(base, 'inbox')), ['done/a.jpg', 'done/b.jpg']);
  }
});

test('two copies dropped together are one clip, also with room for both at once', async (t) => {
  const base = await temporaryFolder(t);
  const out = join(base, 'out');
  await mkdir(join(base, 'inbox'));
  for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await writeFile(join(base, 'inbox', name), 'one picture');
  const rig = await startRig(
    { inbox: join(base, 'inbox'), outDirs: [out], repeat: 'skip', maxInFlight: 4 },
    drawTo(out),
  );
  await rig.until(({ folder }) => folder.counts().skipped === 2 && folder.counts().done === 1);
  assert.equal((await readdir(out)).length, 2, 'a clip and its sidecar');
});

test('pause hands nothing out, resume goes on; cancel takes a waiting and a running one', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base });
  rig.folder.pause();
  for (const [i, name] of ['a.jpg', 'b.jpg', 'c.jpg'].entries()) {
    await writeFile(join(base, name), name);
    await utimes(join(base, name), 1000 + i, 1000 + i);
  }
  await rig.until(({ folder }) => folder.counts().queued === 3);
  assert.equal(rig.jobs.length, 0);
  const waiting = rig.folder.waiting(10);
  await rig.folder.cancel(waiting.find(({ name }) => name === 'b.jpg')!.id);
  assert.equal((await readReport(base, 'b.jpg')).code, 'CANCELLED');
  rig.folder.resume();
  await rig.until(({ jobs }) => jobs.length === 1);
  const [first] = rig.jobs;
  await rig.folder.cancel(first!.id);
  await rig.until(({ jobs }) => jobs.length === 2);
  await rig.folder.complete(first!.id, []);
  assert.equal(rig.folder.job(first!.id)!.state, 'cancelled', 'a late answer changes nothing');
  await assert.rejects(rig.folder.cancel('0'.repeat(24)), { code: 'BAD_INPUT' });
  await rig.folder.complete(rig.jobs[1]!.id, []);
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.equal(await rig.folder.retry(), 2);
  await rig.until(({ jobs }) => jobs.length === 3);
  assert.equal(rig.jobs[2]!.handOut === first!.handOut, false);
});

test('what may pass is tried again, with another hand-out; an answer to the first is refused', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base });
  await writeFile(join(base, 'a.jpg'), 'x');
  await rig.until(({ jobs }) => jobs.length === 1);
  const [first] = rig.jobs;
  assert.equal(await rig.folder.fail(first!.id, new MangaError('SESSION_CRASHED', 'It crashed.')), undefined);
  assert.equal(rig.folder.counts().retrying, 1);
  assert.equal(rig.folder.job(first!.id)!.fault!.code, 'SESSION_CRASHED');
  await rig.until(({ jobs }) => jobs.length === 2);
  assert.equal(rig.jobs[1]!.id, first!.id);
  assert.equal(rig.jobs[1]!.attempt, 2);
  await assert.rejects(rig.folder.complete(first!.id, [], first!.handOut), /earlier hand-out/);
  await rig.folder.complete(first!.id, [], rig.jobs[1]!.handOut);
  assert.deepEqual(await listing(base), ['done/a.jpg']);
});

test('tried too often it fails for good', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base, retries: 1 }, ({ id }, { folder }) => {
    void folder.fail(id, new MangaError('OUT_OF_MEMORY', 'No memory.'));
  });
  await writeFile(join(base, 'a.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().failed === 1);
  assert.equal(rig.jobs.length, 2);
  assert.equal((await readReport(base, 'a.jpg')).attempts, 2);
  assert.match(await readFile(join(base, 'failed', 'a.jpg.error.txt'), 'utf8'), /Why: No memory\.\nWhat to do: /);
});

test('which failures may pass, and how long they are waited for', () => {
  for (const code of ['OUT_OF_MEMORY', 'SESSION_CRASHED', 'BUSY', 'CANCELLED'] as const) assert.ok(mayPass({ code }));
  assert.ok(mayPass(new MangaError('IO', 'Cannot write "x": the disk is full.')));
  assert.ok(mayPass({ code: 'EBUSY' }));
  for (const code of ['BAD_INPUT', 'BAD_SETTING', 'TIMEOUT', 'IO'] as const) assert.ok(!mayPass({ code }), code);
  assert.deepEqual([backOffMs(1, () => 1), backOffMs(4, () => 0), backOffMs(40, () => 1)], [1000, 4000, 300_000]);
});

test('a full disk pauses the folder, and it goes on by itself', async (t) => {
  const base = await temporaryFolder(t);
  const out = join(base, 'disk');
  await mkdir(out);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'none', out], { stdio: 'pipe' });
  } catch {
    return t.skip('no small disk could be mounted (it takes root)');
  }
  await writeFile(join(out, 'ballast'), Buffer.alloc(1_000_000));
  const rig = await startRig({ inbox: join(base, 'inbox'), outDirs: [out] }, (job, { folder }) => {
    writeFile(join(out, `${job.name}.mp4`), Buffer.alloc(200_000)).then(
      () => folder.complete(job.id, [join(out, `${job.name}.mp4`)]),
      (error) => folder.fail(job.id, error),
    );
  });
  try {
    await writeFile(join(base, 'inbox', 'a.jpg'), 'x');
    await rig.until(({ folder }) => folder.counts().paused === 'disk-full');
    await writeFile(join(base, 'inbox', 'b.jpg'), 'y');
    await rig.until(({ folder }) => folder.counts().queued === 1);
    assert.equal(rig.jobs.length, 1, 'nothing is handed out');
    await rm(join(out, 'ballast'));
    await rig.until(({ folder }) => folder.counts().done === 2, 20_000);
    assert.equal(rig.folder.counts().paused, null);
    assert.deepEqual(rig.reports, []);
  } finally {
    await rig.folder.close();
    execFileSync('umount', [out]);
  }
});

test('markers: a picture is taken when its .done is there, and not before', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base, markers: true }, completeAtOnce);
  await writeFile(join(base, 'a.jpg'), 'a');
  await writeFile(join(base, 'b.jpg'), 'b');
  await writeFile(join(base, 'b.jpg.done'), '');
  await rig.until(({ folder }) => folder.counts().done === 1);
  await writeFile(join(base, 'a.jpg.done'), '');
  await rig.until(({ folder }) => folder.counts().done === 2);
  assert.deepEqual(
    rig.jobs.map(({ name }) => name),
    ['b.jpg', 'a.jpg'],
  );
  assert.deepEqual(await listing(base), ['done/a.jpg', 'done/b.jpg']);
});

test('a ledger damaged beyond reading is rebuilt: nothing is drawn twice, failures stay known', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  const out = join(base, 'out');
  const options = { inbox, outDirs: [out], repeat: 'skip' as const };
  const flow = (job: Job, rig: Rig) =>
    job.name === 'bad.jpg' ? void rig.folder.fail(job.id, new MangaError('BAD_INPUT', 'Bad.')) : drawTo(out)(job, rig);
  const first = await startRig(options, flow);
  for (const name of ['a.jpg', 'bad.jpg']) await writeFile(join(inbox, name), name);
  await first.until(({ folder }) => folder.counts().done + folder.counts().failed === 2);
  await first.folder.close();
  const ledger = join(inbox, '.motion-manga', 'ledger.jsonl');
  const lines = (await readFile(ledger, 'utf8')).trimEnd().split('\n');
  // All but the last line, which tells of no job here.
  await writeFile(ledger, `${[...lines.map((line) => line.replace('"id"', '"xx"')), ''].join('\n') + lines.at(-1)}\n`);

  const second = await startRig(options, flow);
  assert.match(second.problems[0]!.message, /was damaged in/);
  assert.deepEqual(
    second.folder
      .jobs()
      .map(({ name, state }) => `${name} ${state}`)
      .sort(),
    ['a.jpg done', 'bad.jpg failed'],
  );
  await writeFile(join(inbox, 'again.jpg'), 'a.jpg');
  await second.until(({ folder }) => folder.counts().skipped === 1);
  assert.equal(second.jobs.length, 0);
});
