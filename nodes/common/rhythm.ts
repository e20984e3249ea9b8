import { atMostTwiceASecond } from '../throttle.ts';

export interface Rhythm<V> {
  /** Works on this value, or, when work goes on or has just begun, on the last value that came meanwhile. */
  next(value: V): void;
  /** Drops what waits. */
  close(): void;
}

/** Does something for people to look at: at most twice a second, one at a time. What fails is left out. */
export function inRhythm<V>(work: (value: V) => Promise<void>): Rhythm<V> {
  let busy = false;
  let waiting: { value: V } | undefined;
  const begin = (value: V): void => {
    if (busy) {
      waiting = { value };
      return;
    }
    busy = true;
    // The flow's own calls meet the same failure and report it.
    work(value)
      .catch(() => {})
      .finally(() => {
        busy = false;
        if (waiting) pace.emit(waiting.value);
        waiting = undefined;
      });
  };
  const pace = atMostTwiceASecond(begin);
  return {
    next: (value) => pace.emit(value),
    close() {
      waiting = undefined;
      pace.close();
    },
  };
}
