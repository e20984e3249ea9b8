import { CAMERA_OUTPUTS } from '../network/blocks/motion-tcn.ts';
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

/** When 'ease-in-out' has come as far. @param e 0..1 */
function easeInOutTime(e: number): number {
  return 0.5 - Math.sin(Math.asin(1 - 2 * e) / 3);
}

/**
 * Motions that run from a beginning to an end, at another pace. The network moves by 'ease-in-out' (phases.ts); another easing
 * shows at each time where that one is then: the network does what it was taught, and all easings begin and end alike.
 * Flow bases, which sway and breathe in their own time, stay as they are.
 * @param rows the network's output of each step, [7+K]
 */
export function easeRows(rows: readonly Float32Array[], easing: ClipSettings['easing']): Float32Array[] {
  const last = rows.length - 1;
  if (easing === 'ease-in-out' || last < 1) return [...rows];
  return rows.map((row, t) => {
    const way = ease(easing, t / last);
    const at = easeInOutTime(Math.min(Math.max(way, 0), 1)) * last;
    const before = rows[Math.min(Math.floor(at), last - 1)]!;
    const after = rows[Math.min(Math.floor(at), last - 1) + 1]!;
    const share = at - Math.min(Math.floor(at), last - 1);
    const over = Math.max(way - 1, 0);
    return row.map((own, i) => {
      if (i >= CAMERA_OUTPUTS) return own;
      return before[i]! + share * (after[i]! - before[i]!) + over * (rows[last]![i]! - rows[0]![i]!);
    });
  });
}
