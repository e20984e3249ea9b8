/**
 * Installs the packed package by Node-RED's own palette into fresh user folders, on Node 22 and 24, and draws the first
 * example's clip with each. Needs npm's registry. One JSON line a version.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FreshNodeRed, firstClip, nodeBinary, pack, ROOT } from './fresh-node-red.ts';

const folder = mkdtempSync(join(tmpdir(), 'motion-manga-palette-'));
try {
  const packed = await pack(ROOT, folder);
  for (const major of [22, 24]) {
    const node = await nodeBinary(major, join(folder, `node-${major}`));
    const red = await FreshNodeRed.start(join(folder, `user-${major}`), node);
    try {
      const { sets, clip, install, draw } = await firstClip(red, packed);
      console.log(JSON.stringify({ node: major, nodes: sets.length, install, draw, clip }));
    } finally {
      await red.stop();
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
