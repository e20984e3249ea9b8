import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import type { HotFolderOptions } from '../../lib/hotfolder/options.ts';
import { run, wrap } from './ledger-crash-support.ts';
import { MEMORY, openLedger, temporaryFolder } from './ledger-support.ts';

const restore = wrap();
test.after(restore);

const FILES = ['a.jpg', 'b.jpg', 'bad.jpg'];

function fill(base: string): void {
  rmSync(base, { recursive: true, force: true });
  mkdirSync(join(base, 'inbox'), { recursive: true });
  mkdirSync(join(base, 'out'));
  for (const name of FILES) writeFileSync(join(base, 'inbox', name), `picture ${name}`);
}

function listing(base: string): string[] {
  return readdirSync(base, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(base, join(entry.parentPath, entry.name)))
    .sort();
}

/** Every good picture has one clip and lies where it should, every bad one has one report, and nothing else is there. */
async function check(base: string, originals: (name: string) => string[], crash: string): Promise<void> {
  const expected = FILES.flatMap((name) => {
    const clip = `out/${name.replace('.jpg', '.jpg.mp4')}`;
    if (!name.startsWith('bad')) return [clip, `${clip}.json`, ...originals(name)];
    return ['', '.error.json', '.error.txt'].map((ending) => `inbox/failed/${name}${ending}`);
  });
  const strays = /^inbox\/\.motion-manga\/(ledger\.jsonl|\.ledger\.part)$|\.mp4\.part$/;
  const found = listing(base).filter((path) => !strays.test(path));
  assert.deepEqual(found, expected.sort(), crash);
  for (const name of FILES) {
    const at = expected.find((path) => path.endsWith(`/${name}`))!;
    assert.equal(readFileSync(join(base, at), 'utf8'), `picture ${name}`, crash);
  }
  const { ledger, corrupt } = await openLedger(join(base, 'inbox/.motion-manga/ledger.jsonl'));
  assert.deepEqual(corrupt, [], crash);
  const states = ledger.list().map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(states.sort(), ['a.jpg done', 'b.jpg done', 'bad.jpg failed'], crash);
  await ledger.close();
}

const PLACES: readonly [HotFolderOptions['doneAction'], (name: string) => string[]][] = [
  ['move', (name) => [`inbox/done/${name}`]],
  ['leave', (name) => [`inbox/${name}`]],
];

for (const [doneAction, originals] of PLACES) {
  test(`killed between any two file operations, ${doneAction}: all is done exactly once`, async (t: TestContext) => {
    const base = join(await temporaryFolder(t, MEMORY), 'base');
    fill(base);
    const { operations } = await run(base, { doneAction });
    await check(base, originals, 'not killed');
    for (let crash = 0; crash < operations; crash++) {
      fill(base);
      const first = await run(base, { doneAction }, crash);
      await run(base, { doneAction });
      await check(base, originals, `killed ${first.died ? '' : 'not '}after ${crash} of ${operations} operations`);
    }
  });
}

test('property: killed again and again, all is done exactly once', async (t) => {
  const base = join(await temporaryFolder(t, MEMORY), 'base');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(90), { minLength: 2, maxLength: 5 }), async (crashes) => {
      fill(base);
      for (const crash of crashes) await run(base, { maxAttempts: 100 }, crash);
      await run(base, { maxAttempts: 100 });
      await check(base, (name) => [`inbox/done/${name}`], `killed after ${crashes} operations`);
    }),
    { numRuns: 15 },
  );
});

test('killed at any moment of a retry: the failed picture comes back whole, or stays failed with its report', async (t) => {
  const base = join(await temporaryFolder(t, MEMORY), 'base');
  fill(base);
  await run(base, {});
  const { ledger } = await openLedger(join(base, 'inbox/.motion-manga/ledger.jsonl'));
  const { id } = ledger.list({ states: ['failed'] })[0]!;
  await ledger.close();
  cpSync(base, `${base} before`, { recursive: true, preserveTimestamps: true });
  for (let crash = 0; ; crash++) {
    rmSync(base, { recursive: true });
    cpSync(`${base} before`, base, { recursive: true, preserveTimestamps: true });
    const { died } = await run(base, {}, crash, (desk) => desk.actions.again(id, 'retry'));
    await run(base, {});
    await check(base, (name) => [`inbox/done/${name}`], `retry killed after ${crash} operations`);
    if (!died) break;
  }
});
