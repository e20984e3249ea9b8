import type { TrainerSettings } from '../../plan/types.ts';
import { type PhaseName, phaseWeights } from './phases.ts';

/** What a step costs beside one of phase A (docs/training.md), for phases of which none was timed yet. */
const COST: Readonly<Record<PhaseName, number>> = { A: 1, B: 2, C: 3, plain: 3 };
/** Steps that are recent. */
const WINDOW = 20;
/** The first steps of a phase are compiled and checked: they tell little about the others. */
const WARM_UP = 4;

interface Timed {
  steps: number;
  /** Seconds of the last steps. */
  recent: number[];
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How fast a run is and how long it will take: its phases cost differently, and each begins with slow steps. */
export class RunClock {
  readonly #phaseOf: (index: number) => PhaseName;
  readonly #steps: number;
  readonly #timed = new Map<PhaseName, Timed>();

  constructor(settings: Pick<TrainerSettings, 'schedule' | 'steps' | 'from'>) {
    const finetune = Boolean(settings.from) && settings.schedule === 'phases';
    this.#phaseOf = (index) => phaseWeights(index, settings, finetune).phase;
    this.#steps = settings.steps;
  }

  /** @param index of the step, from 0 */
  took(index: number, seconds: number): void {
    const phase = this.#phaseOf(index);
    const timed = this.#timed.get(phase) ?? { steps: 0, recent: [] };
    if (timed.steps === WARM_UP) timed.recent = [];
    timed.recent = [...timed.recent, seconds].slice(-WINDOW);
    timed.steps++;
    this.#timed.set(phase, timed);
  }

  /** Of the recent steps of the phase that step `index` is in. */
  stepsPerSecond(index: number): number {
    const timed = this.#timed.get(this.#phaseOf(index));
    return timed ? 1 / Math.max(mean(timed.recent), 1e-9) : 0;
  }

  /** @param done steps so far */
  secondsLeft(done: number): number {
    let seconds = 0;
    for (let at = done; at < this.#steps; ) {
      const phase = this.#phaseOf(at);
      const end = this.#endOf(phase, at);
      seconds += (end - at) * this.#secondsOf(phase);
      at = end;
    }
    return seconds;
  }

  /** One past the last step of a phase that step `at` is in: phases follow each other, none comes twice. */
  #endOf(phase: PhaseName, at: number): number {
    let [low, high] = [at, this.#steps];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#phaseOf(middle) === phase) low = middle;
      else high = middle;
    }
    return high;
  }

  #secondsOf(phase: PhaseName): number {
    const own = this.#timed.get(phase);
    if (own && own.steps > WARM_UP) return mean(own.recent);
    // The latest phase that is known well.
    const known = [...this.#timed].filter(([, { steps }]) => steps > WARM_UP).at(-1);
    if (known) return (mean(known[1].recent) * COST[phase]) / COST[known[0]];
    const [first, timed] = own ? [phase, own] : ([...this.#timed].at(-1) ?? [phase, { recent: [0] }]);
    return (Math.min(...timed.recent) * COST[phase]) / COST[first];
  }
}
