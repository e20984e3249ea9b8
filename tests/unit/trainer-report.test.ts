/** What the trainer node shows and logs of a run's reports. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { TrainingReport } from '../../lib/plan/types.ts';
import type { Red } from '../../nodes/red.ts';
import { reportLog } from '../../nodes/trainer/report-log.ts';
import { reportStatus } from '../../nodes/trainer/report-status.ts';

/** The catalogs of a language as Node-RED reads them. */
function speaking(language: string): Red {
  const catalog = (node: string) =>
    JSON.parse(
      readFileSync(join(import.meta.dirname, '../../nodes', node, 'locales', language, `${node}.json`), 'utf8'),
    ) as unknown;
  const _: Red['_'] = (key, values = {}) => {
    const own = !key.includes(':');
    const path = key.slice(key.indexOf(':') + 1).split('.');
    const from = catalog(own ? 'trainer' : 'session');
    const text = path.reduce((at, part) => (at as Record<string, unknown>)[part], from) as string;
    return text.replace(/__(\w+?)__/g, (_whole, name: string) => String(values[name]));
  };
  return { _ } as Red;
}

const skipped = (count: number) => ({
  count,
  first: [{ where: 'Title.xml, line 12, <frame>', reason: 'it has no xmin' }].slice(0, count),
});
const report = (more: Partial<TrainingReport>): TrainingReport => ({
  ...{ state: 'running', step: 5, steps: 10, losses: {}, rollbacks: 0, ...more },
});

test('what was skipped is logged at its first report, by name, and again at the end; troubles when they change', () => {
  const told: string[] = [];
  const node = { log: (text: string) => told.push(`log ${text}`), warn: (text: string) => told.push(`warn ${text}`) };
  const log = reportLog(speaking('en-US'), node);
  log(report({ aside: '/runs/a-1' }));
  log(report({ skipped: skipped(1) }));
  log(report({ skipped: skipped(9), aside: '/runs/a-1' }));
  log(report({ skipped: skipped(9), problem: 'Step 5 was not saved.' }));
  log(report({ skipped: skipped(9), problem: 'Step 5 was not saved.' }));
  log(report({ skipped: skipped(9), state: 'failed', problem: 'The end.' }));
  const first = '\n- Title.xml, line 12, <frame>: it has no xmin';
  const head = (n: number) =>
    `warn ${n} files or annotations of the training data cannot be used and are skipped:${first}`;
  assert.deepEqual(told, [
    'log The earlier run is in /runs/a-1 now.',
    head(1),
    'warn Step 5 was not saved.',
    `${head(9)}\n- and 8 more`,
  ]);
});

test('the status counts what was skipped', () => {
  const of = (language: string, more: Partial<TrainingReport>) =>
    reportStatus(speaking(language), report(more), 0).text!;
  assert.match(of('en-US', { skipped: skipped(3) }), / · 3 skipped$/);
  assert.doesNotMatch(of('en-US', {}), /skipped/);
  assert.match(of('ja', { skipped: skipped(3) }), / · 3 件を除外$/);
});
