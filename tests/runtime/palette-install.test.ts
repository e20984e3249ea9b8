/** Both packages installed by Node-RED's own palette, as a user does it, on the oldest Node that is supported; then Node is upgraded. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import {
  drawFirstExample,
  FreshNodeRed,
  firstClip,
  type NodeSet,
  nodeBinary,
  type Packed,
  pack,
  ROOT,
} from '../../scripts/fresh-node-red.ts';

const DASHBOARD = join(ROOT, 'dashboard');
const manifestOf = (at: string) => JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
const own = manifestOf(ROOT);

test('the palette installs both on Node 22: nodes, first example, widgets, command line; Node 24 finds them as they were', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'motion-manga-palette-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const oldest = await nodeOf(22, folder);
  const userDir = join(folder, 'user');
  const red = await FreshNodeRed.start(userDir, oldest);
  try {
    const { sets, clip, install, draw } = await firstClip(red, await pack(ROOT, folder));
    registered(sets, ROOT);
    assert.equal(clip, 'nagasaki.mp4');
    t.diagnostic(`installed in ${install} s, first clip after ${draw} s`);
    await widgets(red, await pack(DASHBOARD, folder));
    await commandLine(red, 'cli-22.mp4');
  } finally {
    await red.stop();
  }

  const upgraded = await FreshNodeRed.start(userDir, await nodeOf(24, folder));
  try {
    registered(await upgraded.nodeSets(own.name), ROOT);
    registered(await upgraded.nodeSets(manifestOf(DASHBOARD).name), DASHBOARD);
    assert.match(await drawFirstExample(upgraded, own.name), /^nagasaki.*\.mp4$/);
    await commandLine(upgraded, 'cli-24.mp4');
  } finally {
    await upgraded.stop();
  }
});

async function nodeOf(major: number, folder: string): Promise<string> {
  const node = await nodeBinary(major, join(folder, `node-${major}`));
  const { stdout } = await promisify(execFile)(node, ['--version']);
  assert.match(stdout, new RegExp(`^v${major}\\.`));
  return node;
}

/** Every type of a package is there, and works as far as Node-RED can tell. */
function registered(sets: readonly NodeSet[], at: string): void {
  assert.deepEqual(sets.flatMap(({ types }) => types).sort(), Object.keys(manifestOf(at)['node-red'].nodes).sort());
  for (const { enabled, err, types } of sets) assert.deepEqual([enabled, err], [true, undefined], types.join());
}

/** Dashboard 2 from the registry, ours from its tarball. */
async function widgets(red: FreshNodeRed, dashboard: Packed): Promise<void> {
  const manifest = manifestOf(DASHBOARD);
  const base = '@flowfuse/node-red-dashboard';
  await red.installModule(base, manifest.devDependencies[base]);
  await red.install(dashboard.tarball);
  registered(await red.nodeSets(dashboard.name), DASHBOARD);
  for (const { output } of Object.values<{ output: string }>(manifest['node-red-dashboard-2'].widgets)) {
    const served = await red.text(`/resources/${dashboard.name}/${output}`);
    assert.equal(served, readFileSync(join(DASHBOARD, 'resources', output), 'utf8'), output);
  }
}

async function commandLine(red: FreshNodeRed, clip: string): Promise<void> {
  assert.match(await red.program('motion-manga', '--help'), /stylize/);
  const small = ['--size', '96', '--frames', '4'];
  const photo = join('node_modules', own.name, 'samples/photos/nagasaki.jpg');
  await red.program('motion-manga', 'stylize', photo, '--out', clip, ...small);
  assert.ok(statSync(join(red.userDir, clip)).size > 0);
}
