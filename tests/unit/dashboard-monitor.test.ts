/** What the monitor keeps of a run, without Node-RED. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { MinMaxSeries, MOST_POINTS, type Point } from '../../dashboard/lib/monitor/min-max-series.ts';
import { MonitorHistory } from '../../dashboard/lib/monitor/monitor-history.ts';
import { MOST_RUNS } from '../../dashboard/lib/monitor/runs.ts';
import { align, smooth } from '../../dashboard/ui/monitor/series.ts';
import type { TrainingReport } from '../../lib/plan/types.ts';

function report(step: number, more: Partial<TrainingReport> = {}): TrainingReport {
  return { state: 'running', step, steps: 1000, losses: { content: 1 / (step + 1) }, rollbacks: 0, ...more };
}

const message = (payload: TrainingReport, id = 'first', more: object = {}) => ({
  topic: 'training',
  payload,
  run: { id, out: '/runs/manga', batch: 8, resumed: false, ...more },
});

const failed = (error: Error): never => assert.fail(error);

async function inFolder(use: (path: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'motion-manga-monitor-'));
  try {
    await use(join(folder, 'motion-manga', 'monitor.jsonl'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('a series never has more than its points, is in order, and keeps the lowest and the highest value', () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 3000 });
  fc.assert(
    fc.property(values, (measured) => {
      const series = new MinMaxSeries();
      for (const [step, value] of measured.entries()) series.push(step, value);
      const points = series.points();
      assert.ok(points.length <= MOST_POINTS);
      const steps = points.map(([step]) => step);
      assert.deepEqual(
        steps,
        [...new Set(steps)].sort((a, b) => a - b),
      );
      const kept = points.map(([, value]) => value);
      assert.equal(Math.min(...kept), Math.min(...measured));
      assert.equal(Math.max(...kept), Math.max(...measured));
      for (const [step, value] of points) assert.equal(value, measured[step]);
    }),
    { numRuns: 50 },
  );
});

test('a series that is stored and read goes on as if it had never been', () => {
  const [whole, first] = [new MinMaxSeries(), new MinMaxSeries()];
  const value = (step: number): number => Math.sin(step / 50) + (step % 17) / 30;
  for (let step = 0; step < 3000; step++) {
    whole.push(step, value(step));
    if (step < 1700) first.push(step, value(step));
  }
  const second = MinMaxSeries.from(JSON.parse(JSON.stringify(first.points())) as Point[], first.width);
  for (let step = 1700; step < 3000; step++) second.push(step, value(step));
  assert.deepEqual(second.points(), whole.points());
});

test('100,000 steps stay small, and a peak of one step is still there', async () => {
  await inFolder(async (path) => {
    const history = new MonitorHistory(path, failed);
    await history.open();
    for (let step = 1; step <= 100_000; step++) {
      history.take(message(report(step, { steps: 100_000, losses: { content: step === 54_321 ? 99 : 1 } })));
    }
    await history.close();
    const points = history.runs.list[0]!.series('content')!.points();
    assert.ok(points.length <= MOST_POINTS);
    assert.deepEqual(
      points.find(([, value]) => value === 99),
      [54_321, 99],
    );
    assert.ok(statSync(path).size < 4_500_000, `${statSync(path).size} bytes`);
  });
});

test('after a roll-back the steps that were undone are gone', async () => {
  await inFolder(async (path) => {
    const history = new MonitorHistory(path, failed);
    await history.open();
    for (const step of [10, 20, 30, 40]) history.take(message(report(step, { sample: `/s/step-${step}.png` })));
    history.take(message(report(20, { rollbacks: 1, problem: 'exploded' })));
    history.take(message(report(25, { losses: { content: 7 } })));
    const [run] = history.runs.list;
    assert.deepEqual(
      run!
        .series('content')!
        .points()
        .map(([step]) => step),
      [10, 20, 25],
    );
    assert.deepEqual(run!.samples, [10, 20]);
    assert.equal(history.runs.file('first', 40), undefined);
    await history.close();
  });
});

test('history survives a restart, torn last line and all; a run that went on is interrupted, and resumes', async () => {
  await inFolder(async (path) => {
    const before = new MonitorHistory(path, failed);
    await before.open();
    for (let step = 1; step <= 50; step++) before.take(message(report(step)));
    before.take(message(report(50, { checkpoint: '/c', checkpointStep: 50, sample: '/s/step-00000050.png' })));
    await before.close();
    appendFileSync(path, '{"update":{"status":{"id":"fir');

    const after = new MonitorHistory(path, failed);
    await after.open();
    const [run] = after.runs.list;
    assert.equal(run!.status.state, 'interrupted');
    assert.equal(run!.status.name, 'manga');
    assert.equal(run!.series('content')!.points().length, 50);
    assert.equal(after.runs.file('first', 50), '/s/step-00000050.png');

    after.take(message(report(0, { state: 'starting', losses: {} }), 'second', { resumed: true }));
    after.take(message(report(51), 'second', { resumed: true }));
    assert.equal(after.runs.list.length, 1, 'a resumed run goes on with its curves');
    assert.equal(after.runs.list[0]!.series('content')!.points().length, 51);
    await after.close();
  });
});

test('only so many runs are kept, newest last; each has its own curves', async () => {
  await inFolder(async (path) => {
    const history = new MonitorHistory(path, failed);
    await history.open();
    for (let run = 0; run < MOST_RUNS + 2; run++) history.take(message(report(5), `run-${run}`));
    assert.deepEqual(
      history.runs.list.map(({ status }) => status.id),
      Array.from({ length: MOST_RUNS }, (_, index) => `run-${index + 2}`),
    );
    await history.close();
  });
});

test('plans, checkpoints and whatever else arrives is no progress; files other than PNG are not served', async () => {
  await inFolder(async (path) => {
    const history = new MonitorHistory(path, failed);
    await history.open();
    for (const payload of [
      undefined,
      null,
      'x',
      7,
      [],
      {},
      { state: 'running' },
      { step: 1, steps: 2, state: 'gone' },
    ]) {
      assert.equal(history.take({ payload }), undefined);
    }
    history.take(message(report(3, { sample: '/etc/passwd' })));
    assert.equal(history.runs.file('first', 3), undefined);
    const update = history.take(message(report(4, { losses: { content: Number.NaN, style: 0.1234567891 } })));
    assert.deepEqual(update?.values, { style: 0.123457 });
    await history.close();
  });
});

test('a folder that cannot be written is told, and nothing is thrown', async () => {
  const told: Error[] = [];
  const history = new MonitorHistory('/dev/null/no/monitor.jsonl', (error) => told.push(error));
  await history.open();
  assert.ok(history.take(message(report(1))));
  await history.close();
  assert.ok(told.length > 0);
});

test('smoothing starts at the first value and follows; curves of several runs share one axis', () => {
  assert.deepEqual(smooth([], 0.9), []);
  const smoothed = smooth(
    Array.from({ length: 50 }, (_, step) => [step, 3] as const),
    0.9,
  );
  for (const [, value] of smoothed) assert.ok(Math.abs(value - 3) < 1e-9);
  assert.deepEqual(smooth([[1, 5]], 0), [[1, 5]]);
  assert.deepEqual(
    align([
      [
        [1, 10],
        [3, 30],
      ],
      [[2, 20]],
    ]),
    [
      [1, 2, 3],
      [10, undefined, 30],
      [undefined, 20, undefined],
    ],
  );
});
