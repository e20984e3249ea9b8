/**
 * How a monitor opens on a run of 100,000 steps with 1,000 sample strips: seconds from the start of the navigation to
 * drawn curves, and the page's heap after a garbage collection. Also what the server spends on a report.
 * Run: node dashboard/bench/long-run.ts (needs the build and Chromium).
 */
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DashboardRuntime, openBrowser, pages } from '../../tests/browser/dashboard-support.ts';
import { MonitorHistory } from '../lib/monitor/monitor-history.ts';

const STEPS = 100_000;
const OPENINGS = 5;

const runtime = await DashboardRuntime.start();
const folder = join(runtime.userDir, 'motion-manga');
mkdirSync(folder, { recursive: true });
const path = join(folder, 'monitor-long.jsonl');
const history = new MonitorHistory(path, (error) => {
  throw error;
});
await history.open();
const noise = (step: number, rate: number): number =>
  1 + 0.2 * Math.sin(step * rate) + 0.1 * Math.sin(step * 7.3 * rate);
const began = performance.now();
for (let step = 1; step <= STEPS; step++) {
  const fall = Math.exp(-step / 20_000);
  history.take({
    run: { id: 'long', out: 'long', batch: 64, resumed: false },
    payload: {
      state: 'running',
      step,
      steps: STEPS,
      phase: 'C',
      rollbacks: 0,
      losses: Object.fromEntries(
        ['discriminator', 'adversarial', 'content', 'style', 'temporal', 'layers', 'fields', 'trajectory'].map(
          (name, index) => [name, (fall + 0.1) * noise(step, 0.9 + index / 10)],
        ),
      ),
      scores: { real: 0.5 * noise(step, 1.1), fake: 0.4 * noise(step, 1.3) },
      rates: { generator: 2e-4, discriminator: 2e-4 },
      stepsPerSecond: noise(step, 0.7),
      memoryBytes: 1e9 * noise(step, 0.01),
      ...(step % 100 === 0 ? { sample: `/nowhere/step-${step}.png` } : {}),
    },
  });
}
const perReport = ((performance.now() - began) / STEPS) * 1000;
await history.close();

await runtime.deploy(
  pages([
    { id: 'long', type: 'ui-manga-monitor', z: 'tab', name: '', order: 1, width: '12', wires: [[]], x: 0, y: 0 },
  ]).concat({ id: 'tab', type: 'tab', label: 'bench' }),
);
const browser = await openBrowser();
const seconds: number[] = [];
let heap = 0;
for (let opening = 0; opening < OPENINGS; opening++) {
  const page = await browser.newPage();
  const start = performance.now();
  await page.goto(`${runtime.url}/dashboard/light`, { timeout: 120_000 });
  await page.locator('.mm-chart canvas').nth(8).waitFor({ timeout: 120_000 });
  seconds.push((performance.now() - start) / 1000);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  heap = Math.max(heap, usedSize);
  await page.close();
}
await browser.close();
seconds.sort((a, b) => a - b);
const answer = await fetch(`${runtime.url}/motion-manga/monitor/long/runs/long`);
console.log(
  JSON.stringify({
    openSecondsMedian: Number(seconds[OPENINGS >> 1]!.toFixed(2)),
    openSecondsWorst: Number(seconds.at(-1)!.toFixed(2)),
    heapMB: Number((heap / 1e6).toFixed(1)),
    snapshotKB: Math.round((await answer.text()).length / 1000),
    fileKB: Math.round(statSync(path).size / 1000),
    microsecondsPerReport: Math.round(perReport),
  }),
);
await runtime.close();
