/** Random ledgers and the folders they live in. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import fc from 'fast-check';
import { FileLedger } from '../../lib/ledger/ledger.ts';
import type { JobKey, JobRecord } from '../../lib/ledger/types.ts';

/** @param where the disk: memory where flushing thousands of times would only cost time */
export async function temporaryFolder(t: TestContext, where = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(where, 'ledger-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export interface Opened {
  readonly ledger: FileLedger;
  readonly corrupt: { aside: string; badLines: number; rebuilt: number }[];
}

export async function openLedger(path: string, rebuilt: readonly JobRecord[] = []): Promise<Opened> {
  const corrupt: Opened['corrupt'] = [];
  const ledger = await FileLedger.open({
    path,
    rebuild: async () => rebuilt,
    corrupt: (aside, badLines, count) => corrupt.push({ aside, badLines, rebuilt: count }),
  });
  return { ledger, corrupt };
}

export function record(id: number | string, more: Partial<JobRecord> = {}): JobRecord {
  const name = `photo ${id}.jpg`;
  return { id: `${id}`, state: 'done', name, size: 10, key: keyFor(`${id}`), at: 1, attempts: 1, ...more };
}

export const keyFor = (content: string): JobKey => `${content}.recipe`;

/** Few ids, so that records replace each other. */
export const records: fc.Arbitrary<JobRecord> = fc.record({
  id: fc.integer({ min: 0, max: 7 }).map(String),
  state: fc.constantFrom('waiting', 'running', 'done', 'failed', 'skipped', 'cancelled'),
  name: fc.string({ unit: 'grapheme', maxLength: 12 }),
  size: fc.nat(),
  key: fc.option(
    fc.integer({ min: 0, max: 3 }).map((content) => keyFor(`${content}`)),
    { nil: undefined },
  ),
  at: fc.nat(),
  attempts: fc.nat(9),
  outputs: fc.option(fc.array(fc.string(), { maxLength: 2 }), { nil: undefined }),
});
