/**
 * How a monitor opens on a run of 100,000 steps with 1,000 sample strips: seconds from the start of the navigation to
 * drawn curves, and the page's heap after a garbage collection. In turn with it, in the same run, what Dashboard itself
 * takes: the same page with one ui-text in place of the monitor. First: a browser that never was there; again: one that
 * has the files. Needs the build and Chromium.
 */
import { linkSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { type Bench, median, round, Skipped, summarise } from '../../bench/bench.ts';
import { Random } from '../../lib/random.ts';
import { writeStrip } from '../../lib/training/gan/sample-strip.ts';
import { openBrowser, skip } from '../../tests/browser/browser.ts';
import { DashboardRuntime, pages } from '../../tests/browser/dashboard-support.ts';
import type { FlowNode } from '../../tests/runtime/support/runtime.ts';
import { MonitorHistory } from '../lib/monitor/monitor-history.ts';

const STEPS = 100_000;
/** Pixels of a frame in a strip. */
const SIDE = 128;
const SAMPLE_EVERY = 100;
const SLOWEST_MS = 120_000;

interface Opening {
  readonly first: number;
  readonly again: number;
  /** Processor time of the page's main thread in the first opening, seconds: hardly a matter of how busy the machine is. */
  readonly work: number;
  readonly heapMB: number;
}

const noise = (step: number, rate: number): number =>
  1 + 0.2 * Math.sin(step * rate) + 0.1 * Math.sin(step * 7.3 * rate);

/** @param samples folder for the strips @returns microseconds that the server spends on a report */
async function writeHistory(path: string, samples: string): Promise<number> {
  const strip = await writeSample(samples);
  const history = new MonitorHistory(path, (error) => {
    throw error;
  });
  await history.open();
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
        ...(step % SAMPLE_EVERY === 0 ? { sample: `${strip}-${step}.png` } : {}),
      },
    });
  }
  const perReport = ((performance.now() - began) / STEPS) * 1000;
  await history.close();
  return perReport;
}

/** Strips as large as the trainer's at its defaults: two rows of six frames of 128 pixels. @returns path up to the step */
async function writeSample(folder: string): Promise<string> {
  const random = new Random(1);
  const frames = Array.from({ length: 6 }, () => Uint8Array.from({ length: SIDE ** 2 }, () => 256 * random.uniform()));
  const strip = join(folder, 'step');
  await writeStrip(`${strip}.png`, [frames, frames], SIDE);
  for (let step = SAMPLE_EVERY; step <= STEPS; step += SAMPLE_EVERY) linkSync(`${strip}.png`, `${strip}-${step}.png`);
  return strip;
}

const widget = (id: string, type: string, more: object = {}): FlowNode =>
  ({ id, type, z: 'tab', name: '', order: 1, width: '12', height: '', ...more, wires: [[]], x: 0, y: 0 }) as FlowNode;
const flow = (shown: FlowNode): FlowNode[] => [...pages([shown]), { id: 'tab', type: 'tab', label: 'bench' }];

const SUBJECTS = {
  monitor: {
    flow: flow(widget('long', 'ui-manga-monitor')),
    drawn: (page: Page) => page.locator('.mm-chart canvas').nth(8),
  },
  'ui-text': {
    flow: flow(
      widget('text', 'ui-text', { label: 'nothing else here', format: '{{msg.payload}}', layout: 'row-left' }),
    ),
    drawn: (page: Page) => page.getByText('nothing else here'),
  },
} as const;

async function open(
  context: BrowserContext,
  url: string,
  drawn: (page: Page) => ReturnType<Page['locator']>,
): Promise<{ page: Page; devtools: CDPSession; seconds: number }> {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  const start = performance.now();
  await page.goto(url, { timeout: SLOWEST_MS, waitUntil: 'commit' });
  await drawn(page).waitFor({ timeout: SLOWEST_MS });
  return { page, devtools, seconds: (performance.now() - start) / 1000 };
}

async function measure(
  browser: Browser,
  runtime: DashboardRuntime,
  subject: (typeof SUBJECTS)[keyof typeof SUBJECTS],
): Promise<Opening> {
  await runtime.deploy(subject.flow);
  const context = await browser.newContext();
  const url = `${runtime.url}/dashboard/light`;
  const first = await open(context, url, subject.drawn);
  const { devtools } = first;
  const { metrics } = await devtools.send('Performance.getMetrics');
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  await first.page.close();
  const again = await open(context, url, subject.drawn);
  await context.close();
  return {
    first: first.seconds,
    again: again.seconds,
    work: metrics.find(({ name }) => name === 'TaskDuration')!.value,
    heapMB: usedSize / 1e6,
  };
}

export const monitorLongRun: Bench = async ({ quick, tell }) => {
  if (skip) throw new Skipped(skip);
  const runtime = await DashboardRuntime.start();
  const openings: Record<keyof typeof SUBJECTS, Opening[]> = { monitor: [], 'ui-text': [] };
  const of = (name: keyof typeof SUBJECTS, key: keyof Opening) => openings[name].map((opening) => opening[key]);
  try {
    const folder = join(runtime.userDir, 'motion-manga');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'monitor-long.jsonl');
    const perReport = await writeHistory(path, folder);
    const fileKB = Math.round(statSync(path).size / 1000);
    const browser = await openBrowser();
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      for (const name of ['ui-text', 'monitor'] as const) {
        openings[name].push(await measure(browser, runtime, SUBJECTS[name]));
        tell(`${name} ${JSON.stringify(openings[name].at(-1))}`);
      }
    }
    await browser.close();
    const answer = await fetch(`${runtime.url}/motion-manga/monitor/long/runs/long`);
    if (!answer.ok) throw new Error(`The run's curves: HTTP ${answer.status}.`);
    const details = {
      steps: STEPS,
      snapshotKB: Math.round((await answer.text()).length / 1000),
      fileKB,
      microsecondsPerReport: Math.round(perReport),
    };
    const result = (name: string, key: keyof Opening, unit: string, target?: string) => ({
      name: `monitor-long-run ${name}`,
      unit,
      ...(target ? { target } : {}),
      ...summarise(of('monitor', key)),
      baseline: { name: 'Dashboard with one ui-text', ...summarise(of('ui-text', key)) },
      details: {
        // Of neighbours.
        medianDifference: round(median(of('monitor', key).map((value, index) => value - of('ui-text', key)[index]!))),
      },
    });
    return [
      { ...result('opened first', 'first', 's', '2'), details },
      result('opened again', 'again', 's'),
      result('processor time of the page', 'work', 's'),
      result('heap', 'heapMB', 'MB', '60'),
    ];
  } finally {
    await runtime.close();
  }
};
