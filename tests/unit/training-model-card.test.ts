/** What is told of a checkpoint. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { after } from 'node:test';
import { writeModelCard } from '../../lib/training/model-card.ts';
import { withoutPaths } from '../../lib/training/provenance.ts';

const folder = mkdtempSync(join(tmpdir(), 'motion-manga-model-card-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const card = { name: 'mine', licence: '', rows: [['data', 'two | three\nphotos']] } as const;
const read = (): string => readFileSync(join(folder, 'README.md'), 'utf8');

test('a card is written anew with each checkpoint, until a person takes it over', async () => {
  await writeModelCard(folder, card);
  assert.match(read(), /^# mine$/m);
  assert.match(read(), /^\| data \| two \\\| three photos \|$/m);
  assert.match(read(), /Nobody has stated/);
  await writeModelCard(folder, { ...card, licence: 'CC0' });
  assert.match(read(), /^\| licence of the data \| CC0 \|$/m);
  assert.doesNotMatch(read(), /Nobody has stated/);
  const own = read().split('\n').slice(1).join('\n').replace('CC0', 'CC0, by me');
  writeFileSync(join(folder, 'README.md'), own);
  await writeModelCard(folder, card);
  assert.equal(read(), own);
});

test('a recipe names folders, not where they are', () => {
  const recipe = {
    photos: [resolve('/home/someone/holiday'), 'beach'],
    from: 'ink',
    deep: { root: resolve('/data/M') },
  };
  assert.deepEqual(withoutPaths(recipe), { photos: ['holiday', 'beach'], from: 'ink', deep: { root: 'M' } });
});
