import { monitorEventLoopDelay } from 'node:perf_hooks';
import { round } from './bench.ts';
import { RESOLUTION_MS } from './loop-delay.ts';

/** Delay of an event loop in one window of time, in ms. */
export interface WindowDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Delay of this process's event loop, window by window, from now on. */
export class LoopWindows {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  constructor() {
    this.#histogram.enable();
  }

  /** Ends a window and begins the next. */
  take(): WindowDelay {
    const milliseconds = (nanoseconds: number): number => round(nanoseconds / 1e6, 1);
    const delay = {
      p50: milliseconds(this.#histogram.percentile(50)),
      p99: milliseconds(this.#histogram.percentile(99)),
      max: milliseconds(this.#histogram.max),
    };
    this.#histogram.reset();
    return delay;
  }
}
