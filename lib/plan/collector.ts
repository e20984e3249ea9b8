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
  /** The walk that was joined last: branches may come later than that. */
  #last: { readonly key: string; readonly plan: Plan } | undefined;

  /** @param quietMs a walk is whole when none of its branches arrived for this long */
  constructor(quietMs: number) {
    this.#quietMs = quietMs;
  }

  /**
   * @returns the joined plan for the first branch of a walk, undefined for the others; for a branch that comes when its
   * walk was joined already, all of the walk
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
    const plans = this.#last?.key === key ? [this.#last.plan, plan] : [plan];
    let finish = (): void => {};
    const joined = new Promise<void>((resolve) => {
      finish = () => {
        this.#walks.delete(key);
        resolve();
      };
    }).then(() => {
      const joined = mergePlans(plans);
      this.#last = { key, plan: joined };
      return joined;
    });
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
