/** Watches a run for what cannot be learned from: numbers that are none, explosions, collapse. Plain numbers in, a verdict out. */

export interface Vitals {
  /** Every loss of the step. */
  readonly losses: Readonly<Record<string, number>>;
  /** Mean of sigmoid(D(x)) and sigmoid(D(G(z))); absent while the discriminator rests. */
  readonly scores?: { readonly real: number; readonly fake: number };
  /** How much the generated sequences of a batch differ from each other, over how much the real ones do; judged while the discriminator plays. */
  readonly diversity?: number;
}

/** What a guard has seen: plain JSON. */
export interface GuardState {
  readonly recent: Readonly<Record<string, readonly number[]>>;
  readonly dull: number;
}

export type Verdict = { readonly kind: 'not-a-number' | 'explosion' | 'collapse'; readonly reason: string } | null;

/** A loss this many times its recent median has exploded. */
const EXPLOSION = 25;
/** Steps whose median counts as recent, and how many must be there before anything is judged. */
const WINDOW = 100;
const WARM_UP = 30;
/** Below this diversity for so many steps in a row, the generator ignores its input. */
const COLLAPSE = 0.08;
const PATIENCE = 40;

export class Guard {
  readonly #recent = new Map<string, number[]>();
  #dull = 0;

  /** @returns null while all is well */
  check({ losses, scores, diversity }: Vitals): Verdict {
    for (const [name, value] of Object.entries(losses)) {
      if (!Number.isFinite(value)) return { kind: 'not-a-number', reason: `The ${name} loss is ${value}.` };
    }
    for (const [name, value] of Object.entries(losses)) {
      const recent = this.#recent.get(name) ?? [];
      const usual = median(recent);
      if (recent.length >= WARM_UP && usual > 1e-6 && value > EXPLOSION * usual) {
        const times = Math.round(value / usual);
        return {
          kind: 'explosion',
          reason: `The ${name} loss is ${times} times its recent median (${usual.toPrecision(3)}).`,
        };
      }
      recent.push(value);
      if (recent.length > WINDOW) recent.shift();
      this.#recent.set(name, recent);
    }
    // Without an opponent paper is blank until the paired losses have taught some ink: that is no collapse.
    if (diversity !== undefined) this.#dull = scores && diversity < COLLAPSE ? this.#dull + 1 : 0;
    if (this.#dull >= PATIENCE) {
      const share = Math.round((diversity ?? 0) * 100);
      return {
        kind: 'collapse',
        reason: `For ${PATIENCE} steps all generated clips looked alike (${share} % of the real ones' variety).`,
      };
    }
    return null;
  }

  /** So that a run that goes on in another process is watched as if never stopped. */
  state(): GuardState {
    return {
      recent: Object.fromEntries([...this.#recent].map(([name, values]) => [name, [...values]])),
      dull: this.#dull,
    };
  }

  restore({ recent, dull }: GuardState): void {
    this.reset();
    for (const [name, values] of Object.entries(recent)) this.#recent.set(name, [...values]);
    this.#dull = dull;
  }

  /** Forgets what it saw: after a roll-back or a change of phase other numbers are usual. */
  reset(): void {
    this.#recent.clear();
    this.#dull = 0;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
