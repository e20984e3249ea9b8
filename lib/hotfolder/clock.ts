/** Time as the hot folder sees it: injected, so that tests can turn it by hand. */
export interface Clock {
  /** Monotonic milliseconds: a change of the wall clock must not settle or time out anything. */
  now(): number;
  /** Runs `task` once after `ms` milliseconds. @returns a function that cancels it (harmless afterwards). */
  after(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
