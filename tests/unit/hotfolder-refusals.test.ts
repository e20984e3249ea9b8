import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { HotFolder } from '../../lib/hotfolder/hot-folder.ts';
import { pictureProbe } from '../../lib/hotfolder/probe.ts';
import { completeAtOnce, listing, picture, readReport, startRig, temporaryFolder } from './hotfolder-support.ts';

test('files that can never be drawn go to failed, each with its cause, and the good one passes', async (t) => {
  const base = await temporaryFolder(t);
  const good = await picture();
  const bomb = await sharp({ create: { width: 600, height: 500, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const files: Record<string, [Uint8Array | string, RegExp]> = {
    'empty.jpg': ['', /empty \(0 bytes\)/],
    'text.jpg': ['not a picture', /text\.jpg.* is not a picture/],
    'header.jpg': [good.subarray(0, 30), /is cut off/],
    'bomb.png': [bomb, /too many pixels: 600x500/],
    'drawing.png': ['<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', /is not a picture/],
  };
  const rig = await startRig(
    { inbox: base, emptyMs: 300, probe: pictureProbe({ maxPixels: 250_000 }) },
    completeAtOnce,
  );
  for (const [name, [content]] of Object.entries(files)) await writeFile(join(base, name), content);
  await writeFile(join(base, 'good.jpg'), good);
  await rig.until(({ folder }) => folder.counts().failed === 5 && folder.counts().done === 1);
  assert.deepEqual(
    rig.jobs.map(({ name }) => name),
    ['good.jpg'],
  );
  for (const [name, [content, cause]] of Object.entries(files)) {
    const report = await readReport(base, name);
    assert.equal(report.code, 'BAD_INPUT', name);
    assert.match(report.cause, cause);
    assert.ok(report.hint.length > 10);
    assert.deepEqual(await readFile(join(base, 'failed', name)), Buffer.from(content));
  }
  assert.equal(rig.problems.length, 5);
});

test('links are never followed: the link itself goes to failed', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  await mkdir(join(base, 'outside'));
  await writeFile(join(base, 'outside', 'secret.jpg'), await picture());
  const probed: string[] = [];
  const probe = async (path: string) => {
    probed.push(path);
    return undefined;
  };
  const rig = await startRig({ inbox, recursive: true, probe }, completeAtOnce);
  await symlink(join(base, 'outside', 'secret.jpg'), join(inbox, 'file.jpg'));
  await symlink(join(base, 'outside'), join(inbox, 'folder'));
  await symlink(join(base, 'nowhere'), join(inbox, 'dangling.jpg'));
  await rig.until(({ folder }) => folder.counts().failed === 3);
  await writeFile(join(inbox, 'real.jpg'), 'x');
  await symlink('real.jpg', join(inbox, 'inner.jpg'));
  await rig.until(({ folder }) => folder.counts().failed === 4 && folder.counts().done === 1);
  assert.match((await readReport(inbox, 'file.jpg')).cause, /leads out of the inbox/);
  assert.match((await readReport(inbox, 'folder')).cause, /leads out of the inbox/);
  assert.match((await readReport(inbox, 'dangling.jpg')).cause, /leads nowhere/);
  assert.equal(await readlink(join(inbox, 'failed', 'file.jpg')), join(base, 'outside', 'secret.jpg'));
  assert.deepEqual(await listing(join(base, 'outside')), ['secret.jpg']);
  assert.equal(probed.length, 1, 'only the real file was opened');
});

test('a subfolder of done that leads elsewhere is not written to', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  await mkdir(join(base, 'outside'));
  await mkdir(join(inbox, 'done'), { recursive: true });
  await symlink(join(base, 'outside'), join(inbox, 'done', 'sub'));
  const rig = await startRig({ inbox, recursive: true }, completeAtOnce);
  await mkdir(join(inbox, 'sub'));
  await writeFile(join(inbox, 'sub', 'a.jpg'), 'x');
  await rig.until(({ folder }) => folder.counts().done === 1);
  assert.deepEqual(await listing(join(base, 'outside')), []);
  assert.ok((await readdir(join(inbox, 'done'))).includes('a.jpg'));
});

test('folders and settings that cannot work are refused', async (t) => {
  const base = await temporaryFolder(t);
  const inbox = join(base, 'inbox');
  await mkdir(inbox);
  await symlink(inbox, join(base, 'alias'));
  const events = { job() {}, state() {}, problem() {} };
  const probe = async () => undefined;
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ outDirs: [join(inbox, 'out')] }, /output folder .* lies in the inbox/],
    [{ outDirs: [inbox] }, /output folder .* lies in the inbox/],
    [{ outDirs: [join(base, 'alias', 'out')] }, /output folder .* lies in the inbox/],
    [{ done: base }, /inbox .* lies in the done folder/],
    [{ failed: inbox }, /inbox .* lies in the failed folder/],
  ];
  for (const [options, message] of cases)
    await assert.rejects(new HotFolder({ inbox, probe, ...options }, events).start(), { code: 'BAD_SETTING', message });
  assert.throws(() => new HotFolder({ inbox, probe, maxInFlight: 0 }, events), /maxInFlight/);
  assert.throws(() => new HotFolder({ inbox: '', probe }, events), /inbox: name the folder/);

  await startRig({ inbox });
  const twin = new HotFolder({ inbox: join(base, 'alias'), probe }, events);
  await assert.rejects(twin.start(), { code: 'BAD_SETTING', message: /Another hot folder watches/ });
  await twin.close();
});
