import { isDeepStrictEqual } from 'node:util';
import { twice, wrong } from './build.ts';
import type { Plan, PlanStep, StepBlock } from './types.ts';
import { WiringError } from './wiring-error.ts';

/** Order of the steps of a finished plan: that of a chain, so that chain and parallel wiring give the same plan. */
const ORDER: readonly StepBlock[] = [
  'dataset',
  'encoder',
  'tcn-decoder',
  'discriminator',
  'loss-adversarial',
  'loss-content',
  'loss-style',
  'loss-temporal',
];

/**
 * Joins the branches of one walk. A step that several branches share counts once.
 * @throws WiringError (BAD_WIRING) when the branches are of two sessions or walks, or contradict each other
 */
export function mergePlans(plans: readonly Plan[]): Plan {
  const [first] = plans;
  if (!first) throw new WiringError(undefined, 'No training message arrived.', 'Start at a manga-dataset node.');
  const steps = new Map<string, PlanStep>();
  for (const plan of plans) {
    if (plan.session !== first.session) {
      throw new WiringError(
        undefined,
        'Branches of two sessions meet here.',
        'Choose the same manga-session in all nodes.',
      );
    }
    if (plan.walk !== first.walk) {
      throw new WiringError(undefined, 'Branches of two training messages meet here.', 'Use one manga-dataset node.');
    }
    for (const step of plan.steps) {
      const known = steps.get(step.id);
      if (known && !isDeepStrictEqual(known, step)) {
        throw wrong(
          step,
          'it was reached on two ways that give it different inputs or settings',
          'Wire it on one way only, and set what comes from the message alike on all branches.',
        );
      }
      const twin = [...steps.values()].find((other) => other.block === step.block && other.id !== step.id);
      if (twin) throw twice(step, twin);
      steps.set(step.id, step);
    }
  }
  const sorted = [...steps.values()].sort((a, b) => ORDER.indexOf(a.block) - ORDER.indexOf(b.block));
  return { ...first, steps: sorted };
}
