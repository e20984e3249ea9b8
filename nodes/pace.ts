/** Seconds after which an earlier speed counts a third as much. */
const MEMORY_S = 8;
/** Of one advance, however long it took. */
const MOST_WEIGHT = 0.5;
/** The first advance has what came before the work in it. */
const KNOWN_AFTER = 2;

/** How fast something that is counted goes: a moving average of its speed, weighted by time. */
export class Pace {
  #count = 0;
  #at: number | undefined;
  #advances = 0;
  #rate = 0;

  /** @param count so far; less than before: it began anew @param nowMs of a clock that never goes back */
  reach(count: number, nowMs = performance.now()): void {
    if (this.#at === undefined || count < this.#count) {
      this.#advances = 0;
      this.#count = count;
      this.#at = nowMs;
      return;
    }
    const seconds = (nowMs - this.#at) / 1000;
    if (count === this.#count || seconds <= 0) return;
    const rate = (count - this.#count) / seconds;
    const weight = this.#advances < KNOWN_AFTER ? 1 : Math.min(MOST_WEIGHT, 1 - Math.exp(-seconds / MEMORY_S));
    this.#rate += weight * (rate - this.#rate);
    this.#advances++;
    this.#count = count;
    this.#at = nowMs;
  }

  /** Nothing goes on for a while: what comes then is measured anew. */
  rest(): void {
    this.#at = undefined;
    this.#advances = 0;
  }

  /** Undefined while it is not known. */
  get perSecond(): number | undefined {
    return this.#advances >= KNOWN_AFTER ? this.#rate : undefined;
  }

  /** Seconds until the count is `total`; undefined while the speed is not known. */
  secondsLeft(total: number): number | undefined {
    return this.perSecond === undefined ? undefined : Math.max(0, total - this.#count) / this.perSecond;
  }
}
