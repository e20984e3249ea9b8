/** Whether memory stays flat: in the last life, which nobody interrupts, and from life to life. */
import type { Life } from './node-red.ts';

/** Start-up is over after this many reports (ten seconds). */
const WARM = 20;
const ENOUGH = 100;
/** More than this much and this part is growth; less is the garbage collector's mood. */
const SLACK_MB = 25;
const SLACK = 1.2;

export interface MemoryVerdict {
  readonly words: string;
  readonly flat: boolean;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const grew = (before: number, after: number): boolean => after > before * SLACK && after > before + SLACK_MB;

export function judgeMemory(lives: readonly Life[]): MemoryVerdict {
  const words: string[] = [];
  let flat = true;
  const last = lives.at(-1)?.health.slice(WARM) ?? [];
  if (last.length >= ENOUGH) {
    const quarter = Math.floor(last.length / 4);
    for (const [name, key] of [
      ['Node-RED', 'residentMb'],
      ['its heap', 'heapMb'],
      ['session', 'sessionMb'],
    ] as const) {
      const before = mean(last.slice(quarter, 2 * quarter).map((health) => health[key]));
      const after = mean(last.slice(-quarter).map((health) => health[key]));
      // A session that was killed or idle meanwhile starts small: nothing to compare.
      if (key === 'sessionMb' && new Set(last.slice(quarter).map(({ sessionPid }) => sessionPid)).size > 1) continue;
      flat &&= !grew(before, after);
      words.push(
        `${name} ${Math.round(before)} to ${Math.round(after)} MB in the last ${Math.round(last.length / 2)} s`,
      );
    }
  } else words.push('the last life was too short to judge growth within it');
  const peaks = lives
    .filter(({ health }) => health.length > WARM)
    .map(({ health }) => Math.max(...health.map((h) => h.residentMb)));
  if (peaks.length >= 6) {
    const third = Math.floor(peaks.length / 3);
    const [first, final] = [mean(peaks.slice(0, third)), mean(peaks.slice(-third))];
    flat &&= !grew(first, final);
    words.push(`peak of a life ${Math.round(first)} MB at first, ${Math.round(final)} MB at last`);
  }
  return { words: words.join('; '), flat };
}
