import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { packageRoot } from '../../lib/checkpoint/shipped.ts';

test('no id stands in two example flows: several can be imported into one editor', () => {
  const owner = new Map<string, string>();
  const files = globSync('flows/*.json', { cwd: packageRoot() });
  assert.ok(files.length >= 14, `${files.length} flows`);
  for (const file of files) {
    const nodes = JSON.parse(readFileSync(join(packageRoot(), file), 'utf8')) as { id: string }[];
    for (const { id } of nodes) {
      assert.equal(owner.get(id), undefined, `${id} of ${file}`);
      owner.set(id, file);
    }
  }
});
