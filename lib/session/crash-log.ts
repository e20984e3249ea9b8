/** Counts crashes, to stop a process that crashes again and again from being started again and again. */
export class CrashLog {
  readonly #most: number;
  readonly #windowMs: number;
  #times: number[] = [];
  #total = 0;

  /** After `most` crashes within `windowMs` a start has to wait until the first of them is that old. */
  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** All crashes, however long ago. */
  get total(): number {
    return this.#total;
  }

  add(): void {
    this.#total++;
    this.#times = [...this.#times, performance.now()].slice(-this.#most);
  }

  /** Milliseconds until the next start is allowed; 0: now. */
  waitMs(): number {
    if (this.#times.length < this.#most) return 0;
    return Math.max(0, Math.ceil(this.#times[0]! + this.#windowMs - performance.now()));
  }
}
