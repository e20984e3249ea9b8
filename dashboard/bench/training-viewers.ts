/**
 * Whether viewers slow a training down: steps a second with nobody watching and with five who watch, in turn, in one
 * training. The five are socket clients that receive all that the server sends, since the question is what the server
 * does for them; then, for comparison, pages of a Chromium that draws on the same processor.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Bench, type Result, round, Skipped, summarise } from '../../bench/bench.ts';
import { openBrowser, skip } from '../../tests/browser/browser.ts';
import { DashboardRuntime, pages } from '../../tests/browser/dashboard-support.ts';
import { type FlowNode, ROOT } from '../../tests/runtime/support/runtime.ts';
import { smallTraining } from '../../tests/runtime/support/training-run.ts';
import type { RunStatus } from '../lib/monitor/types.ts';
import { SocketViewer } from './socket-viewer.ts';

const VIEWERS = 5;
const WINDOW_MS = 6000;
const LOOK_MS = 50;
const WARM_UP_STEPS = 40;
const MONITOR = 'monitor';
const LONGEST_START_MS = 120_000;

type Leave = () => Promise<void> | void;

interface Window {
  readonly steps: number;
  readonly seconds: number;
}

/** Windows in turn. */
interface Compared {
  readonly alone: Window[];
  readonly watched: Window[];
}

async function status(url: string): Promise<RunStatus | undefined> {
  const answer = await fetch(`${url}/motion-manga/monitor/${MONITOR}/runs`);
  // Not found until the widget is there.
  const newest = answer.ok ? ((await answer.json()) as RunStatus[]).at(-1) : undefined;
  if (newest?.state === 'failed') throw new Error(newest.problem ?? 'The training failed.');
  return newest;
}

/** The next report, by the clock of the server. */
async function nextReport(url: string): Promise<RunStatus> {
  const { updated } = (await status(url))!;
  for (;;) {
    const now = (await status(url))!;
    if (now.updated > updated) return now;
    await sleep(LOOK_MS);
  }
}

async function measure(url: string): Promise<Window> {
  const from = await nextReport(url);
  await sleep(WINDOW_MS);
  const to = await nextReport(url);
  return { steps: to.step - from.step, seconds: (to.updated - from.updated) / 1000 };
}

/** @param watch lets viewers in @param rounds pairs of windows; each second pair in the other order, so that a drift cancels */
async function compare(url: string, rounds: number, watch: () => Promise<Leave>): Promise<Compared> {
  const compared: Compared = { alone: [], watched: [] };
  const windows = {
    alone: async () => void compared.alone.push(await measure(url)),
    watched: async () => {
      const leave = await watch();
      compared.watched.push(await measure(url));
      await leave();
    },
  };
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 ? (['watched', 'alone'] as const) : (['alone', 'watched'] as const);
    for (const which of order) await windows[which]();
  }
  return compared;
}

function flow(): { flow: FlowNode[]; trainer: string } {
  const { flow: training, trainer } = smallTraining({
    'manga-trainer': { steps: '1000000', sampleEvery: '100', schedule: 'plain', batch: '1', microBatch: '1' },
  });
  for (const node of training) if (node.id === trainer) (node.wires as string[][])[0]!.push(MONITOR);
  const monitor = { id: MONITOR, type: 'ui-manga-monitor', z: 'watch', name: '', order: 1, width: '12', height: '' };
  const widget = { ...monitor, wires: [[trainer]], x: 0, y: 0 } as FlowNode;
  return { flow: [...training, { id: 'watch', type: 'tab', label: 'watch' }, ...pages([widget])], trainer };
}

const speeds = (windows: readonly Window[]): number[] => windows.map(({ steps, seconds }) => steps / seconds);
/** Of all windows together: a report tells whole steps only, which a single window feels. */
const speed = (windows: readonly Window[]): number =>
  windows.reduce((sum, { steps }) => sum + steps, 0) / windows.reduce((sum, { seconds }) => sum + seconds, 0);

function result(name: string, { alone, watched }: Compared, details: object): Result {
  return {
    name,
    unit: 'steps/s',
    target: '0.97 of the baseline',
    ...summarise(speeds(watched)),
    baseline: { name: 'nobody watches', ...summarise(speeds(alone)) },
    ratio: round(speed(watched) / speed(alone)),
    details: { viewers: VIEWERS, windowSeconds: WINDOW_MS / 1000, ...details },
  };
}

export const trainingViewers: Bench = async ({ quick, tell }) => {
  if (!existsSync(join(ROOT, 'dist', 'nodes'))) throw new Skipped('Node-RED loads the build: npm run build first.');
  const runtime = await DashboardRuntime.start();
  const { url } = runtime;
  try {
    const { flow: nodes } = flow();
    await runtime.deploy(nodes);
    const start = nodes.find(({ name }) => name === 'start')!;
    const end = Date.now() + LONGEST_START_MS;
    for (let now = await status(url); (now?.step ?? 0) < WARM_UP_STEPS; now = await status(url)) {
      // The trainer can start once its plan has come along the wires.
      if (!now) await fetch(`${url}/inject/${start.id}`, { method: 'POST' });
      if (Date.now() > end) throw new Error(`No ${WARM_UP_STEPS} steps in ${LONGEST_START_MS / 1000} s.`);
      await sleep(1000);
    }
    tell('the training is warm');
    let reports = 0;
    const sockets = await compare(url, quick ? 1 : 6, async () => {
      const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => SocketViewer.open(url, MONITOR)));
      return () => {
        for (const viewer of viewers) {
          reports += viewer.reports;
          viewer.close();
        }
      };
    });
    if (reports === 0) throw new Error('No report reached a viewer.');
    const results = [result('training-viewers sockets', sockets, { reportsReceived: reports })];
    tell(`sockets ${speeds(sockets.alone)} against ${speeds(sockets.watched)}`);
    if (skip) return results;
    const browser = await openBrowser();
    const drawn = await compare(url, quick ? 1 : 3, async () => {
      const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => browser.newPage()));
      for (const page of viewers) {
        await page.goto(`${url}/dashboard/light`);
        await page.locator('.mm-chart canvas').first().waitFor();
      }
      return async () => {
        for (const page of viewers) await page.close();
      };
    }).finally(() => browser.close());
    tell(`pages ${speeds(drawn.alone)} against ${speeds(drawn.watched)}`);
    return [...results, result('training-viewers Chromium pages', drawn, { note: 'pages draw on the same processor' })];
  } finally {
    await runtime.close();
  }
};
