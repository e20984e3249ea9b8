import type { ClipSettings } from '../settings/settings.ts';

/** How far an overshoot goes too far: 10 % (Penner's "back" easing). */
const BACK = 1.70158;

/** Progress of a motion. @param p 0..1, share of the time @returns 0 at 0, 1 at 1; up to 1.1 between for 'overshoot' */
export function ease(easing: ClipSettings['easing'], p: number): number {
  switch (easing) {
    case 'linear':
      return p;
    case 'ease-in':
      return p * p;
    case 'ease-out':
      return 1 - (1 - p) ** 2;
    case 'ease-in-out':
      return p * p * (3 - 2 * p);
    case 'overshoot':
      return 1 + (BACK + 1) * (p - 1) ** 3 + BACK * (p - 1) ** 2;
  }
}
