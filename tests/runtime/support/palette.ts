/** Both packages installed by Node-RED's own palette, as a user does it, on a Node of one version. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import {
  FreshNodeRed,
  firstClip,
  type NodeSet,
  nodeBinary,
  type Packed,
  pack,
  ROOT,
} from '../../../scripts/fresh-node-red.ts';

const DASHBOARD = join(ROOT, 'dashboard');
const manifestOf = (at: string) => JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));

/** One file a version: each fetches some 400 MB, and a file has its time. */
export function testPalette(major: number): void {
  test(`the palette installs both on Node ${major}: nodes, first example, widgets, command line`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'motion-manga-palette-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const node = await nodeBinary(major, join(folder, 'node'));
    const { stdout } = await promisify(execFile)(node, ['--version']);
    assert.match(stdout, new RegExp(`^v${major}\\.`));
    const red = await FreshNodeRed.start(join(folder, 'user'), node);
    try {
      const { sets, clip, install, draw } = await firstClip(red, await pack(ROOT, folder));
      registered(sets, ROOT);
      assert.equal(clip, 'nagasaki.mp4');
      t.diagnostic(`installed in ${install} s, first clip after ${draw} s`);
      await widgets(red, await pack(DASHBOARD, folder));
      await commandLine(red);
    } finally {
      await red.stop();
    }
  });
}

/** Every type of a package is there, and works as far as Node-RED can tell. */
function registered(sets: readonly NodeSet[], at: string): void {
  assert.deepEqual(sets.flatMap(({ types }) => types).sort(), Object.keys(manifestOf(at)['node-red'].nodes).sort());
  for (const { enabled, err, types } of sets) assert.deepEqual([enabled, err], [true, undefined], types.join());
}

/** Dashboard 2 from the registry, ours from its tarball. */
async function widgets(red: FreshNodeRed, dashboard: Packed): Promise<void> {
  const own = manifestOf(DASHBOARD);
  const base = '@flowfuse/node-red-dashboard';
  await red.installModule(base, own.devDependencies[base]);
  await red.install(dashboard.tarball);
  registered(
    (await red.json<NodeSet[]>('/nodes')).filter(({ module }) => module === dashboard.name),
    DASHBOARD,
  );
  for (const { output } of Object.values<{ output: string }>(own['node-red-dashboard-2'].widgets)) {
    const served = await red.text(`/resources/${dashboard.name}/${output}`);
    assert.equal(served, readFileSync(join(DASHBOARD, 'resources', output), 'utf8'), output);
  }
}

async function commandLine(red: FreshNodeRed): Promise<void> {
  assert.match(await red.program('motion-manga', '--help'), /stylize/);
  const small = ['--size', '96', '--frames', '4'];
  const photo = join('node_modules', manifestOf(ROOT).name, 'samples/photos/nagasaki.jpg');
  await red.program('motion-manga', 'stylize', photo, '--out', 'cli.mp4', ...small);
  assert.ok(statSync(join(red.userDir, 'cli.mp4')).size > 0);
}
