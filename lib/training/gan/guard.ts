/** Watches a run for what cannot be learned from: numbers that are none, explosions, collapse. Plain numbers in, a verdict out. */

export interface Vitals {
  /** Of the schedule; in another one other numbers are usual. */
  readonly phase?: string;
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
  readonly leads?: readonly number[];
  readonly phase?: string;
}

/** 'outplayed': the discriminator has won. The weights are well; the others are what a run cannot go on from. */
export type Verdict = {
  readonly kind: 'not-a-number' | 'explosion' | 'collapse' | 'outplayed';
  readonly reason: string;
} | null;

/** A loss this many times its recent median has exploded; sizes, since minimax losses are negative. */
const EXPLOSION = 25;
/**
 * The least that counts as usual. A player that has won loses next to nothing; when its loss comes back to what tossing a coin
 * costs (log 2), nothing has exploded.
 */
const LEAST_USUAL: Readonly<Record<string, number>> = { adversarial: Math.LN2, discriminator: Math.LN2 };
/** Steps whose median counts as recent, and how many must be there before anything is judged. */
const WINDOW = 100;
const WARM_UP = 30;
/** Below this diversity for so many steps in a row, the generator ignores its input. */
const COLLAPSE = 0.08;
const PATIENCE = 40;
/** A lead D(x) - D(G(z)) of more than this, as mean over so many steps, leaves the generator nothing to learn: most is the real label, .9. */
const WON = 0.75;
const WON_STEPS = 60;

export class Guard {
  readonly #recent = new Map<string, number[]>();
  #dull = 0;
  /** D(x) - D(G(z)) of the last steps. */
  #leads: number[] = [];
  #phase: string | undefined;

  /** @returns null while all is well */
  check({ losses, scores, diversity, phase }: Vitals): Verdict {
    if (phase !== this.#phase) this.reset();
    this.#phase = phase;
    for (const [name, value] of Object.entries(losses)) {
      if (!Number.isFinite(value)) return { kind: 'not-a-number', reason: `The ${name} loss is ${value}.` };
    }
    for (const [name, value] of Object.entries(losses)) {
      const recent = this.#recent.get(name) ?? [];
      const size = Math.abs(value);
      const usual = Math.max(median(recent), LEAST_USUAL[name] ?? 0);
      if (recent.length >= WARM_UP && usual > 1e-6 && size > EXPLOSION * usual) {
        const times = Math.round(size / usual);
        return {
          kind: 'explosion',
          reason: `The ${name} loss is ${times} times as large as is usual for it (${usual.toPrecision(3)}).`,
        };
      }
      recent.push(size);
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
    return scores ? this.#judgeGame(scores) : null;
  }

  #judgeGame({ real, fake }: NonNullable<Vitals['scores']>): Verdict {
    this.#leads.push(real - fake);
    if (this.#leads.length < WON_STEPS) return null;
    const lead = this.#leads.reduce((sum, value) => sum + value, 0) / WON_STEPS;
    if (lead <= WON) {
      this.#leads.shift();
      return null;
    }
    this.#leads = [];
    const scores = `D(x) ${real.toFixed(2)}, D(G(z)) ${fake.toFixed(2)}`;
    return {
      kind: 'outplayed',
      reason: `For ${WON_STEPS} steps the discriminator told real and generated clips apart (${scores}), from which the generator learns nothing: lower discriminatorRate.`,
    };
  }

  /** So that a run that goes on in another process is watched as if never stopped. */
  state(): GuardState {
    return {
      recent: Object.fromEntries([...this.#recent].map(([name, values]) => [name, [...values]])),
      dull: this.#dull,
      leads: [...this.#leads],
      ...(this.#phase !== undefined && { phase: this.#phase }),
    };
  }

  restore({ recent, dull, leads = [], phase }: GuardState): void {
    this.reset();
    this.#leads = [...leads];
    this.#phase = phase;
    for (const [name, values] of Object.entries(recent)) this.#recent.set(name, [...values]);
    this.#dull = dull;
  }

  /** Forgets what it saw: after a roll-back or a change of phase other numbers are usual. */
  reset(): void {
    this.#recent.clear();
    this.#dull = 0;
    this.#leads = [];
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
