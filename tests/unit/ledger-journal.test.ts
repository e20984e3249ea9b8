import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { type JobRecord, OVER } from '../../lib/ledger/types.ts';
import { keyFor, MEMORY, openLedger, record, records, temporaryFolder } from './ledger-support.ts';

/** What a ledger must know after these records. */
function model(written: readonly JobRecord[]): Map<string, JobRecord> {
  const jobs = new Map<string, JobRecord>();
  for (const each of written) {
    jobs.delete(each.id);
    jobs.set(each.id, JSON.parse(JSON.stringify(each)));
  }
  return jobs;
}

async function known(path: string): Promise<JobRecord[]> {
  const { ledger, corrupt } = await openLedger(path);
  assert.deepEqual(corrupt, []);
  const all = ledger.list({ limit: Infinity }).reverse();
  await ledger.close();
  return all;
}

test('property: cut at any byte, the journal gives what a prefix of the records gives, with all whole lines', async (t) => {
  const folder = await temporaryFolder(t, MEMORY);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(records, { minLength: 1, maxLength: 12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (written, share) => {
        const path = join(folder, `${run++}.jsonl`);
        const { ledger } = await openLedger(path);
        const ends = [0];
        for (const each of written) {
          await ledger.commit(each);
          ends.push(ledger.bytes);
        }
        await ledger.close();
        assert.equal((await stat(path)).size, ends.at(-1));
        const cut = Math.round(share * ends.at(-1)!);
        await truncate(path, cut);
        const whole = ends.filter((end) => end > 0 && end <= cut).length;
        assert.deepEqual(await known(path), [...model(written.slice(0, whole)).values()]);
        // The torn line is gone from the file too: what comes next stands on a line of its own.
        const again = await openLedger(path);
        await again.ledger.commit(record('next'));
        await again.ledger.close();
        assert.deepEqual((await known(path)).at(-1), record('next'));
      },
    ),
    { numRuns: 60 },
  );
});

test('property: look-ups agree with the records, before and after compaction and reopening', async (t) => {
  const folder = await temporaryFolder(t, MEMORY);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(records, { maxLength: 30 }), async (written) => {
      const path = join(folder, `${run++}.jsonl`);
      const first = await openLedger(path);
      await Promise.all(written.map((each, i) => (i % 2 ? first.ledger.put(each) : first.ledger.commit(each))));
      const jobs = model(written);
      for (const reopen of [false, true]) {
        const { ledger } = reopen ? await openLedger(path) : first;
        assert.equal(ledger.size, jobs.size);
        for (const state of ['waiting', 'running', ...OVER] as const) {
          const expected = [...jobs.values()].filter((job) => job.state === state);
          assert.equal(ledger.count(state), expected.length);
          assert.deepEqual(JSON.parse(JSON.stringify(ledger.list({ states: [state] }).reverse())), expected);
        }
        for (let content = 0; content < 4; content++) {
          const key = keyFor(`${content}`);
          const found = ledger.findDone(key);
          const done = [...jobs.values()].filter((job) => job.state === 'done' && job.key === key);
          if (found) assert.ok(done.some(({ id }) => id === found.id));
          // Where two jobs had one key, losing one may hide the other: the picture is then drawn once more.
          const holders = new Set(written.filter((job) => job.key === key).map(({ id }) => id));
          if (holders.size === 1) assert.equal(found?.id, done[0]?.id);
        }
        await ledger.close();
      }
    }),
    { numRuns: 60 },
  );
});

test('a changed byte in the middle: the journal is set aside and rebuilt from its good lines and the folders', async (t) => {
  const folder = await temporaryFolder(t, MEMORY);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 255 }),
      async (share, flip) => {
        const path = join(folder, `${run++}`, 'ledger.jsonl');
        const { ledger } = await openLedger(path);
        for (let i = 0; i < 4; i++) await ledger.commit(record(i));
        const safe = ledger.bytes;
        for (let i = 4; i < 6; i++) await ledger.commit(record(i));
        await ledger.close();
        const bytes = await readFile(path);
        const at = Math.floor(share * safe);
        bytes[at]! ^= flip;
        await writeFile(path, bytes);

        const { ledger: mended, corrupt } = await openLedger(path, [record(2, { at: 99 }), record('from a sidecar')]);
        assert.equal(corrupt.length, 1);
        assert.deepEqual(await readFile(corrupt[0]!.aside), bytes);
        const ids = mended.list().map(({ id }) => id);
        assert.ok(ids.includes('from a sidecar'));
        assert.ok(ids.length >= 5, 'at most two lines are lost: a newline was hit');
        await mended.close();
        assert.deepEqual((await known(path)).map(({ id }) => id).sort(), ids.sort());
      },
    ),
    { numRuns: 40 },
  );
});

test('garbage behind the last line, of any kind, is cut off', async (t) => {
  const path = join(await temporaryFolder(t), 'ledger.jsonl');
  for (const tail of ['{"half', '\0\0\0\0', 'deadbeef {}\n', '\n\n', 'x'.repeat(100_000)]) {
    await rm(path, { force: true });
    const { ledger } = await openLedger(path);
    await ledger.commit(record(1));
    const size = ledger.bytes;
    await ledger.close();
    await appendFile(path, tail);
    assert.deepEqual(await known(path), [record(1)]);
    assert.equal((await stat(path)).size, size, 'cut off');
  }
});

test('the ledger of 20,000 jobs: small on disk however often each changes, small in memory, quick to open', async (t) => {
  const path = join(await temporaryFolder(t, MEMORY), 'ledger.jsonl');
  const { ledger } = await openLedger(path);
  const job = (i: number, more: Partial<JobRecord>): JobRecord =>
    record(String(i).padStart(24, '0'), {
      name: `holiday/IMG_${i}.jpg`,
      key: `${String(i).padStart(43, 'c')}.${'r'.repeat(16)}`,
      at: 1_764_000_000_000 + i,
      ...more,
    });
  let most = 0;
  for (let from = 0; from < 20_000; from += 1000) {
    const some = Array.from({ length: 1000 }, (_, i) => from + i);
    await Promise.all(some.map((i) => ledger.put(job(i, { state: 'running' }))));
    const outputs = (i: number) => [`/data/exhibition/outbox/holiday/IMG_${i}.mp4`];
    await Promise.all(some.map((i) => ledger.commit(job(i, { outputs: outputs(i), filed: `holiday/IMG_${i}.jpg` }))));
    most = Math.max(most, (await stat(path)).size);
  }
  assert.ok(most <= 10e6, `${most} bytes at most`);
  assert.equal(ledger.count('done'), 20_000);
  await ledger.close();

  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const opened = (await openLedger(path)).ledger;
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed - before;
  assert.equal(opened.size, 20_000);
  assert.equal(opened.findDone(job(19_999, {}).key!)!.id, job(19_999, {}).id);
  t.diagnostic(`${most} bytes on disk at most, ${opened.bytes} after; heap ${(heap / 1e6).toFixed(1)} MB`);
  await opened.close();
});

test('a journal removed with its folder is written anew', async (t) => {
  const folder = join(await temporaryFolder(t), 'inbox');
  const path = join(folder, 'ledger.jsonl');
  const { ledger } = await openLedger(path);
  await ledger.commit(record(1));
  await rm(folder, { recursive: true });
  await ledger.mend();
  await ledger.commit(record(2));
  await ledger.close();
  assert.deepEqual(await known(path), [record(1), record(2)]);
  assert.deepEqual(await readdir(folder), [basename(path)]);
});

test('a full disk: what was refused is not there, what was accepted is, and it goes on when there is room', async (t) => {
  const disk = await temporaryFolder(t);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', disk], { stdio: 'pipe' });
  } catch {
    return t.skip('no small disk could be mounted (it takes root)');
  }
  try {
    const path = join(disk, 'ledger.jsonl');
    const { ledger } = await openLedger(path);
    await writeFile(join(disk, 'ballast'), Buffer.alloc(40_000));
    const accepted: JobRecord[] = [];
    let refused = 0;
    for (let i = 0; refused < 3; i++) {
      const each = record(i, { name: 'n'.repeat(700) });
      try {
        await ledger.commit(each);
        accepted.push(each);
      } catch (error) {
        assert.match(String(error), /disk is full/);
        assert.equal(ledger.get(each.id), undefined);
        refused++;
      }
    }
    assert.ok(accepted.length > 5);
    await rm(join(disk, 'ballast'));
    await ledger.commit(record('after'));
    await ledger.close();
    assert.deepEqual(await known(path), [...accepted, record('after')]);
  } finally {
    execFileSync('umount', [disk]);
  }
});
