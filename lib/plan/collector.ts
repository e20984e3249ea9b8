import { mergePlans } from './merge.ts';
import type { Plan } from './types.ts';

interface Walk {
  readonly plans: Plan[];
  readonly joined: Promise<Plan>;
  timer: NodeJS.Timeout;
  finish(): void;
}

/** Joins the branches of each walk: they arrive one by one, and nothing tells how many there are. */
export class WalkCollector {
  readonly #quietMs: number;
  readonly #walks = new Map<string, Walk>();

  /** @param quietMs a walk is whole when none of its branches arrived for this long */
  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  /**
   * @returns the joined plan for the first branch of a walk, undefined for the others
   * @throws what mergePlans throws, for the first branch
   */
  add(plan: Plan): Promise<Plan | undefined> {
    const key = JSON.stringify([plan.session, plan.walk]);
    const walk = this.#walks.get(key);
    if (walk) {
      walk.plans.push(plan);
      walk.timer.refresh();
      return walk.joined.then(
        () => undefined,
        () => undefined,
      );
    }
    const plans = [plan];
    let finish = (): void => {};
    const joined = new Promise<void>((resolve) => {
      finish = () => {
        this.#walks.delete(key);
        resolve();
      };
    }).then(() => mergePlans(plans));
    this.#walks.set(key, { plans, joined, timer: setTimeout(finish, this.#quietMs), finish });
    return joined;
  }

  /** Whether branches are arriving. */
  get busy(): boolean {
    return this.#walks.size > 0;
  }

  /** Ends all walks now, with what has arrived. */
  close(): void {
    for (const walk of [...this.#walks.values()]) {
      clearTimeout(walk.timer);
      walk.finish();
    }
  }
}
