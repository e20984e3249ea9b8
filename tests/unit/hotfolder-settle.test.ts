import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../lib/hotfolder/clock.ts';
import { type FileStamp, SettleTracker } from '../../lib/hotfolder/settle.ts';

class HandClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; task: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { at: this.#now + ms, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Goes on in steps of 10 ms, letting promises settle in each. */
  async advance(ms: number): Promise<void> {
    for (const end = this.#now + ms; this.#now < end; ) {
      this.#now += 10;
      for (const timer of [...this.#timers]) {
        if (timer.at > this.#now) continue;
        this.#timers.delete(timer);
        timer.task();
      }
      await turn();
    }
  }
}

function setUp() {
  const clock = new HandClock();
  const files = new Map<string, FileStamp>();
  const settled: { path: string; at: number; size: number }[] = [];
  const troubles: string[] = [];
  const tracker = new SettleTracker({
    settleMs: 1000,
    emptyMs: 5000,
    clock,
    stat: async (path) => {
      if (path === 'locked') throw new Error('EACCES');
      return files.get(path);
    },
    settled: (found) => settled.push(...found.map(({ path, stamp }) => ({ path, at: clock.now(), size: stamp.size }))),
    changed: () => {},
    trouble: (path) => troubles.push(path),
  });
  const write = (path: string, size: number, stamp: Partial<FileStamp> = {}) =>
    files.set(path, { size, mtimeMs: clock.now(), ino: 1, dev: 1, isFile: true, ...stamp });
  return { clock, files, settled, troubles, tracker, write };
}

test('a file that is whole when found settles after the quiet time, not before', async () => {
  const { clock, settled, tracker, write } = setUp();
  write('a', 10);
  tracker.see('a');
  await clock.advance(1000);
  assert.equal(settled.length, 0);
  await clock.advance(400);
  assert.equal(settled.length, 1);
  assert.equal(tracker.size, 0);
  assert.equal(clock.timers, 0);
});

test('an event starts the quiet time anew even if nothing else changed', async () => {
  const { clock, settled, tracker, write } = setUp();
  write('a', 10);
  tracker.touch('a');
  await clock.advance(900);
  tracker.touch('a');
  await clock.advance(1000);
  assert.equal(settled.length, 0);
  await clock.advance(1300);
  assert.equal(settled.length, 1);
});

test('without events, a change of size, time or inode is seen by the stats', async () => {
  for (const change of [{ size: 11 }, { mtimeMs: 5 }, { ino: 2 }]) {
    const { clock, files, settled, tracker, write } = setUp();
    write('a', 10, { mtimeMs: 1 });
    tracker.see('a');
    await clock.advance(900);
    files.set('a', { ...files.get('a')!, ...change });
    await clock.advance(900);
    assert.equal(settled.length, 0, JSON.stringify(change));
    await clock.advance(3000);
    assert.equal(settled.length, 1);
  }
});

test('the quiet time grows with the pauses of the writer, up to tenfold', async () => {
  const { clock, settled, tracker, write } = setUp();
  write('a', 1);
  tracker.touch('a');
  for (let size = 2; size < 6; size++) {
    await clock.advance(900);
    write('a', size);
    tracker.touch('a');
  }
  const last = clock.now();
  await clock.advance(1600);
  assert.equal(settled.length, 0, 'a writer that pauses for 900 ms may pause for 1600');
  await clock.advance(1000);
  assert.equal(settled.length, 1);
  assert.ok(settled[0]!.at - last >= 1800 && settled[0]!.at - last <= 2200, `${settled[0]!.at - last} ms`);
});

test('an empty file does not settle; when it stays empty it is given up with size 0', async () => {
  const { clock, settled, tracker, write } = setUp();
  write('filled', 0);
  write('empty', 0);
  tracker.see('filled');
  tracker.see('empty');
  await clock.advance(4000);
  assert.equal(settled.length, 0);
  write('filled', 10);
  tracker.touch('filled');
  await clock.advance(2000);
  assert.deepEqual(
    settled.map(({ path, size }) => [path, size]),
    [['empty', 0]],
  );
  await clock.advance(9000);
  assert.deepEqual(
    settled.map(({ path }) => path),
    ['empty', 'filled'],
  );
});

test('a file that vanishes is forgotten, one that cannot be looked at is trouble', async () => {
  const { clock, files, settled, troubles, tracker, write } = setUp();
  write('a', 10);
  tracker.see('a');
  tracker.see('locked');
  await clock.advance(500);
  files.delete('a');
  await clock.advance(1500);
  assert.equal(settled.length, 0);
  assert.deepEqual(troubles, ['locked']);
  assert.equal(tracker.size, 0);
});

test('files found together are passed on together, and none after close', async () => {
  const { clock, settled, tracker, write } = setUp();
  for (let i = 0; i < 100; i++) {
    write(`${i}`, 10);
    tracker.see(`${i}`);
  }
  await clock.advance(1500);
  assert.equal(settled.length, 100);
  assert.equal(new Set(settled.map(({ at }) => at)).size, 1);
  write('late', 10);
  tracker.see('late');
  tracker.close();
  await clock.advance(5000);
  assert.equal(settled.length, 100);
  assert.equal(clock.timers, 0);
});
