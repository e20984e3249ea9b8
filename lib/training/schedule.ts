/** Share of a run that only draws; the rest adds motion. */
const DRAWING_SHARE = 0.8;
/** Learning rate at the start and the end of each phase, falling linearly. */
const RATE = { drawing: [1e-3, 1e-4], motion: [4e-4, 2e-5], path: [1e-3, 2e-5] } as const;

export interface Moment {
  readonly phase: 'drawing' | 'motion';
  readonly rate: number;
  /** Learning rate of the TCN. */
  readonly pathRate: number;
}

/** What to do at a point of the run. @param progress 0..1 */
export function scheduleAt(progress: number): Moment {
  const phase = progress < DRAWING_SHARE ? 'drawing' : 'motion';
  const within = phase === 'drawing' ? progress / DRAWING_SHARE : (progress - DRAWING_SHARE) / (1 - DRAWING_SHARE);
  const at = ([from, to]: readonly [number, number]) => from + (to - from) * Math.min(1, within);
  return { phase, rate: at(RATE[phase]), pathRate: at(RATE.path) };
}
