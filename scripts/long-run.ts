/**
 * Trains the example flow for many steps inside a real Node-RED, with small numbers, and reports window by window whether
 * anything grows: delay of Node-RED's event loop (beside an idle process's), the engine's tensors, resident memory of both
 * processes. Runs on the build.
 *
 *     node scripts/long-run.ts [--steps 2000] [--every 100] [--side 32] [--frames 3] [--batch 2] [--nice 0] [--json-out FILE]
 *
 * --nice lowers the priority of the process that trains, for machines that others use; not that of the two measured ones.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { idleProcess } from '../bench/event-loop-idle.ts';
import { LoopWindows, type WindowDelay } from '../bench/event-loop-windows.ts';
import type { TrainingReport } from '../lib/plan/types.ts';
import type { SessionHost } from '../lib/session/host.ts';
import type { SessionNode } from '../nodes/session-of.ts';
import { Runtime } from '../tests/runtime/support/runtime.ts';
import { smallTraining } from '../tests/runtime/support/training-run.ts';

/** Milliseconds that Node-RED's event loop may be late, at the 99th percentile of any window. */
const MOST_DELAY_MS = 50;
/** The longest step, on a busy machine. */
const STEP_MS = 300_000;
/** Resident memory settles in each phase: the slope is taken over this last share of the run, all of it phase C. */
const SETTLED_SHARE = 0.4;

interface Window {
  readonly step: number;
  readonly phase: TrainingReport['phase'];
  readonly seconds: number;
  readonly nodeRed: WindowDelay;
  readonly idle: WindowDelay;
  /** Alive in the session's process at each report: within a step there are more than between two. */
  readonly tensors: { readonly least: number; readonly most: number };
  /** Resident, MB (10^6 bytes). */
  readonly sessionMb: number;
  readonly nodeRedMb: number;
  readonly load: number;
}

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '2000' },
    every: { type: 'string', default: '100' },
    side: { type: 'string', default: '32' },
    frames: { type: 'string', default: '3' },
    batch: { type: 'string', default: '2' },
    nice: { type: 'string', default: '0' },
    'json-out': { type: 'string' },
  },
});
const { steps, side, frames, batch } = values;
const every = Number(values.every);

const training = smallTraining({
  'manga-dataset': { side, frames },
  'manga-tcn-decoder': { trainSide: side, trainFrames: frames },
  'manga-trainer': { steps, batch, microBatch: batch, sampleEvery: '100', saveMinutes: '2' },
});
const runtime = await Runtime.start();
const idle = idleProcess();
const points: Window[] = [];
let last: TrainingReport | undefined;
try {
  await runtime.deploy(training.flow);
  const { session } = runtime.red.nodes.getNode(training.session) as unknown as SessionNode;
  await idle.take();
  const loop = new LoopWindows();
  const began = performance.now();
  runtime.send(training.trainer, { action: 'start' });
  let tensors: number[] = [];
  let polite = false;
  for (let next = every; last?.state !== 'finished'; ) {
    last = (await runtime.message(training.progress, STEP_MS)).payload as TrainingReport;
    if (last.state === 'failed') throw new Error(last.problem);
    const { engineTensors, residentBytes, pid } = await (session as SessionHost).stats();
    if (!polite) setPriority(pid, Number(values.nice));
    polite = true;
    if (last.state === 'running') tensors.push(engineTensors);
    if (last.step < next || last.state !== 'running') continue;
    await measure(last, tensors, residentBytes, loop, began);
    tensors = [];
    next = (Math.floor(last.step / every) + 1) * every;
  }
} finally {
  idle.stop();
  await runtime.stop();
}

async function measure(
  { step, phase }: TrainingReport,
  tensors: readonly number[],
  sessionBytes: number,
  loop: LoopWindows,
  began: number,
): Promise<void> {
  const megabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  const point: Window = {
    step,
    phase,
    seconds: Math.round((performance.now() - began) / 1000),
    nodeRed: loop.take(),
    idle: await idle.take(),
    tensors: { least: Math.min(...tensors), most: Math.max(...tensors) },
    sessionMb: megabytes(sessionBytes),
    nodeRedMb: megabytes(process.memoryUsage.rss()),
    load: Math.round(loadavg()[0]! * 10) / 10,
  };
  points.push(point);
  process.stdout.write(`${JSON.stringify(point)}\n`);
}

/** Kilobytes (10^3 bytes) a step by least squares. */
function slope(of: readonly Window[], key: 'sessionMb' | 'nodeRedMb'): number {
  const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
  const x = mean(of.map(({ step }) => step));
  const y = mean(of.map((point) => point[key]));
  const spread = of.reduce((sum, { step }) => sum + (step - x) ** 2, 0);
  const rise = of.reduce((sum, point) => sum + (point.step - x) * (point[key] - y), 0) / spread;
  return Math.round(rise * 1e4) / 10;
}

const settled = points.filter(({ step }) => step > Number(steps) * (1 - SETTLED_SHARE));
const worst = (key: 'nodeRed' | 'idle') => Math.max(...points.map((point) => point[key].p99));
const report = {
  steps: last?.step,
  samples: `${batch} of ${frames} frames of ${side}x${side}`,
  cores: availableParallelism(),
  worstP99: { nodeRed: worst('nodeRed'), idle: worst('idle') },
  windowsOver: points.filter(({ nodeRed }) => nodeRed.p99 > MOST_DELAY_MS).map(({ step }) => step),
  /** Between steps, at each window of the last share. */
  tensors: settled.map(({ tensors }) => tensors.least),
  kilobytesPerStep: { session: slope(settled, 'sessionMb'), nodeRed: slope(settled, 'nodeRedMb') },
  rollbacks: last?.rollbacks,
  problem: last?.problem,
};
process.stdout.write(`${JSON.stringify(report)}\n`);
if (values['json-out']) await writeFile(values['json-out'], `${JSON.stringify({ ...report, points }, null, 1)}\n`);
