import { monitorEventLoopDelay } from 'node:perf_hooks';
import { round } from './bench.ts';

export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Processor time of all threads of this process: how much of the delay was its own doing. */
  readonly processorMs: number;
  readonly seconds: number;
}

/** Node's default. Its figures are distances between two timer calls: they include it, and are never smaller. */
export const RESOLUTION_MS = 10;

/** Delay of this process's event loop while `work` runs, in ms. */
export async function loopDelay(work: () => Promise<unknown>): Promise<LoopDelay> {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const before = process.cpuUsage();
  const start = performance.now();
  histogram.enable();
  await work();
  histogram.disable();
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (nanoseconds: number): number => round(nanoseconds / 1e6, 1);
  return {
    p50: milliseconds(histogram.percentile(50)),
    p99: milliseconds(histogram.percentile(99)),
    max: milliseconds(histogram.max),
    processorMs: round((user + system) / 1000, 0),
    seconds: round((performance.now() - start) / 1000, 1),
  };
}
