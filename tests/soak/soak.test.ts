/** The soak (`npm run soak`), short: enough to meet every fault once. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { runSoak } from '../../scripts/soak/run.ts';

test('120 good, broken and hostile pictures, 3 kills or more: each becomes one clip or one report', {
  timeout: 240_000,
}, async (t) => {
  const log = join(tmpdir(), `motion-manga-soak-${process.pid}.log`);
  const { ok, line, kills } = await runSoak({
    ...{ images: 120, killEvery: 12, seed: 3, minutes: 10, diskFull: 1, maxInFlight: 2, settleMs: 500 },
    ...{ log, keep: false, tell: (said) => t.diagnostic(said) },
  });
  t.diagnostic(line);
  assert.ok(ok, `${line}\n${readFileSync(log, 'utf8').slice(-4000)}`);
  assert.ok(kills >= 3, line);
});
