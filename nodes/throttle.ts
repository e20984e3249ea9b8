/** The editor's queue is unbounded when a producer outruns it, so nodes tell it at most two things a second. */
const INTERVAL_MS = 500;

export interface Throttled<V> {
  /** Passes the value on now, or, if one was passed on less than half a second ago, the last such value at its end. */
  emit(value: V): void;
  /** Drops what waits. */
  close(): void;
}

export function atMostTwiceASecond<V>(pass: (value: V) => void): Throttled<V> {
  let passedAt = -Infinity;
  let waiting: { value: V } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    if (!waiting) return;
    const { value } = waiting;
    waiting = undefined;
    passedAt = performance.now();
    pass(value);
  };
  return {
    emit(value) {
      waiting = { value };
      const delay = passedAt + INTERVAL_MS - performance.now();
      if (delay <= 0) flush();
      else timer ??= setTimeout(flush, delay).unref();
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
      waiting = undefined;
    },
  };
}
