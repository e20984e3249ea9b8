import { atMostTwiceASecond } from '../throttle.ts';

export interface Rhythm<V> {
  /** Works on this value, or, when work goes on or has just begun, on the last value that came meanwhile. */
  next(value: V): void;
  /** When what is worked on now is done; at once when nothing is. */
  settled(): Promise<void>;
  /** Drops what waits. */
  close(): void;
}

/** Does something for people to look at: at most twice a second, one at a time. What fails is left out. */
export function inRhythm<V>(work: (value: V) => Promise<void>): Rhythm<V> {
  let running: Promise<void> | undefined;
  let waiting: { value: V } | undefined;
  const begin = (value: V): void => {
    if (running) {
      waiting = { value };
      return;
    }
    // The flow's own calls meet the same failure and report it.
    running = work(value)
      .catch(() => {})
      .finally(() => {
        running = undefined;
        if (waiting) pace.emit(waiting.value);
        waiting = undefined;
      });
  };
  const pace = atMostTwiceASecond(begin);
  return {
    next: (value) => pace.emit(value),
    settled: () => running ?? Promise.resolve(),
    close() {
      waiting = undefined;
      pace.close();
    },
  };
}
