import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { pictureProbe } from '../../lib/hotfolder/probe.ts';
import { completeAtOnce, listing, picture, readReport, startRig, temporaryFolder } from './hotfolder-support.ts';

const child = fileURLToPath(new URL('./hotfolder-child.ts', import.meta.url));

/** Runs a hot folder in another process until it has handed a job out, then kills it. */
async function killDuringJob(inbox: string): Promise<void> {
  const victim = spawn(process.execPath, [child, inbox, 'hold'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(victim.stdout, 'data');
  victim.kill('SIGKILL');
  await once(victim, 'exit');
}

test('killed between claim and completion: the next run takes the file up, with its structure', async (t) => {
  const base = await temporaryFolder(t);
  await mkdir(join(base, 'sub'));
  await writeFile(join(base, 'sub', 'a.jpg'), await picture());
  await killDuringJob(base);
  assert.equal((await listing(base)).filter((path) => path.startsWith('.work/')).length, 1);

  const rig = await startRig({ inbox: base, recursive: true }, completeAtOnce);
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.equal(rig.jobs[0]!.relativePath, 'sub/a.jpg');
  assert.equal(rig.jobs[0]!.attempt, 2);
  await rig.folder.close();
  assert.deepEqual(await listing(base), ['done/sub/a.jpg']);
  assert.deepEqual(await readdir(join(base, '.work')), []);
});

test('a file during which the program died again and again fails instead of killing it once more', async (t) => {
  const base = await temporaryFolder(t);
  await writeFile(join(base, 'a.jpg'), await picture());
  await killDuringJob(base);
  await killDuringJob(base);
  const rig = await startRig({ inbox: base, maxAttempts: 2 });
  await rig.until(({ folder }) => folder.counts().failed === 1);
  assert.equal(rig.jobs.length, 0);
  assert.match((await readReport(base, 'a.jpg')).cause, /stopped 2 times/);
});

test('close during work ends the process, leaves the claim, and does not count as an attempt', async (t) => {
  const base = await temporaryFolder(t);
  await writeFile(join(base, 'a.jpg'), await picture(1));
  await writeFile(join(base, 'b.jpg'), await picture(2));
  const run = spawn(process.execPath, [child, base, 'close'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 15_000,
  });
  const [code] = await once(run, 'exit');
  assert.equal(code, 0, 'no handle keeps the process alive');

  const rig = await startRig({ inbox: base }, completeAtOnce);
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.equal(rig.jobs[0]!.attempt, 1);
  assert.deepEqual(await listing(base), ['done/a.jpg', 'done/b.jpg']);
});

test('acknowledging unknown, ended and closed jobs is a clear error', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base });
  await writeFile(join(base, 'a.jpg'), 'x');
  await rig.until(({ jobs }) => jobs.length === 1);
  const { id } = rig.jobs[0]!;
  const bad = (message: RegExp) => ({ name: 'MangaError', code: 'BAD_INPUT', message });
  await assert.rejects(rig.folder.complete('nonsense', []), bad(/no job "nonsense"/));
  await Promise.all([
    rig.folder.complete(id, []),
    assert.rejects(rig.folder.complete(id, []), bad(/completed already/)),
  ]);
  await assert.rejects(rig.folder.fail(id, new Error('late')), bad(/completed already/));
  await rig.folder.close();
  await rig.folder.close();
  await assert.rejects(rig.folder.complete(id, []), { code: 'CANCELLED' });
  assert.deepEqual(await listing(base), ['done/a.jpg']);
});

test('a job that is not acknowledged fails, and the next comes', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base, jobTimeoutMs: 200 });
  await writeFile(join(base, 'a.jpg'), 'x');
  await rig.until(({ reports }) => reports.length === 1);
  const report = await readReport(base, 'a.jpg');
  assert.equal(report.code, 'TIMEOUT');
  assert.match(report.cause, /did not acknowledge within 0.2 s/);
  assert.match(report.hint, /Wire the clip node's output and a catch node back to the hot-folder node/);
  assert.equal(rig.problems[0]!.code, 'TIMEOUT');
  assert.equal(rig.reports[0]!.job, rig.jobs[0]!.id);
  await assert.rejects(rig.folder.complete(rig.jobs[0]!.id, []), /timed out already/);
  await writeFile(join(base, 'b.jpg'), 'x');
  await rig.until(({ jobs }) => jobs.length === 2);
});

test('a listener that throws fails its job and stops nothing', async (t) => {
  const base = await temporaryFolder(t);
  const rig = await startRig({ inbox: base }, (job, { folder }) => {
    if (job.name === 'a.jpg') throw new MangaError('BAD_WIRING', 'No wires.');
    void folder.complete(job.id, []);
  });
  await writeFile(join(base, 'a.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().failed === 1);
  await writeFile(join(base, 'b.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.equal((await readReport(base, 'a.jpg')).code, 'BAD_WIRING');
});

test('a file that cannot be filed away stays claimed, is reported, and is filed at a later rescan', async (t) => {
  const base = await temporaryFolder(t);
  const done = join(base, 'done');
  const rig = await startRig({ inbox: join(base, 'inbox'), done, rescanMs: 100 });
  await writeFile(join(base, 'inbox', 'a.jpg'), 'x');
  await rig.until(({ jobs }) => jobs.length === 1);
  // Synchronously: a rescan in between would make the folder again.
  rmSync(done, { recursive: true });
  writeFileSync(done, 'a file in the place of the folder');
  await rig.folder.complete(rig.jobs[0]!.id, []);
  // A rescan in between may have its own to say of the folder.
  const problem = rig.problems.find(({ message }) => /Cannot file away/.test(message));
  assert.equal(problem?.code, 'IO');
  assert.match(problem.message, /A file is in the place of a folder/);
  assert.equal(await readFile(rig.jobs[0]!.claimedPath, 'utf8'), 'x');
  assert.equal(rig.folder.counts().done, 0);
  assert.equal(rig.folder.counts().inFlight, 0);
  await rm(done);
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.deepEqual(await listing(base), ['done/a.jpg']);
});

test('an inbox that cannot be made is a problem at each rescan until it can', async (t) => {
  const base = await temporaryFolder(t);
  await writeFile(join(base, 'place'), '');
  const inbox = join(base, 'place', 'inbox');
  const rig = await startRig({ inbox, done: join(base, 'done'), rescanMs: 100 }, completeAtOnce);
  assert.equal(rig.folder.counts().watching, false);
  assert.match(rig.problems[0]!.message, /Cannot use the inbox folder .*place/);
  await rig.until(({ problems }) => problems.length > 1);
  await rm(join(base, 'place'));
  await rig.until(({ folder }) => folder.counts().watching);
  await writeFile(join(inbox, 'a.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1);
});

test('without rights: an unreadable file fails, a folder that cannot be written to is a problem, others pass', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  await mkdir(join(base, 'locked'));
  await chmod(base, 0o777);
  await chmod(join(base, 'locked'), 0o555);
  // Rights do not bind root: be nobody for this test.
  const root = process.geteuid?.() === 0;
  const probe = pictureProbe();
  // The probe's process starts at its first picture: while it may read this program, wherever that lies.
  const first = join(base, 'first.jpg');
  await writeFile(first, await picture());
  await probe(first);
  if (root) process.seteuid!(65534);
  try {
    const rig = await startRig({ inbox, probe }, completeAtOnce);
    await writeFile(join(inbox, 'a.jpg'), await picture(), { mode: 0o000 });
    await writeFile(join(inbox, 'b.jpg'), await picture());
    await rig.until(({ folder }) => folder.counts().failed === 1 && folder.counts().done === 1);
    assert.equal((await readReport(inbox, 'a.jpg')).code, 'IO');
    assert.match((await readReport(inbox, 'a.jpg')).hint, /the right to read and write there/);

    const other = await startRig({ inbox: join(base, 'other'), done: join(base, 'locked') });
    assert.equal(other.folder.counts().watching, false);
    assert.match(other.problems[0]!.message, /Cannot (use|write to) the done folder .*locked.*EACCES.*Give the user/);
    await Promise.all([rig.folder.close(), other.folder.close()]);
  } finally {
    if (root) process.seteuid!(0);
  }
});

test('a fault that may pass keeps the file and tries again', async (t) => {
  const base = await temporaryFolder(t);
  let tries = 0;
  const probe = async () => {
    if (++tries < 3) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
    return undefined;
  };
  const rig = await startRig({ inbox: base, rescanMs: 100, probe }, completeAtOnce);
  await writeFile(join(base, 'a.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.equal(rig.problems.length, 2);
  assert.equal(rig.jobs[0]!.attempt, 1);
});

test('done on another disk: copied, synced, and only then removed', async (t) => {
  const base = await temporaryFolder(t);
  const other = '/dev/shm';
  const types = await Promise.all([base, other].map((path) => statfs(path).catch(() => undefined)));
  if (!types[1] || types[0]!.type === types[1].type) return t.skip('no second disk here');
  const done = join(other, `hot-folder-${process.pid}`);
  t.after(() => rm(done, { recursive: true, force: true }));
  const rig = await startRig({ inbox: base, done }, completeAtOnce);
  await writeFile(join(base, 'a.jpg'), 'content');
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.equal(await readFile(join(done, 'a.jpg'), 'utf8'), 'content');
  assert.deepEqual(await listing(base), []);
  assert.deepEqual(await listing(done), ['a.jpg']);
});
