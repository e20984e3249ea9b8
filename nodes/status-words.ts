import type { Red } from './red.ts';

/** The session's catalog has these words for all nodes. */
const CATALOG = '@motion-manga/node-red/manga-session';
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** What of a status is known; the rest is left out. */
export interface Progress {
  /** What is being done, or how it ended. */
  readonly text: string;
  readonly stepsPerSecond?: number;
  readonly secondsLeft?: number;
  /** Messages behind this one. */
  readonly waiting?: number;
  /** How long it took; less than a tenth of a second is not worth a word. */
  readonly tookSeconds?: number;
}

/** 'frame 12/24 · 3 s left · 2 wait', in the runtime's language. */
export function statusText(RED: Red, progress: Progress): string {
  const { text, stepsPerSecond, secondsLeft, waiting = 0, tookSeconds = 0 } = progress;
  const say = (key: string, values: Record<string, string | number>) => RED._(`${CATALOG}:progress.${key}`, values);
  const parts = [text];
  if (stepsPerSecond !== undefined) parts.push(say('rate', { n: significant(stepsPerSecond) }));
  if (secondsLeft !== undefined) parts.push(say('left', { time: duration(RED, Math.ceil(secondsLeft)) }));
  if (waiting > 0) parts.push(say('wait', { n: waiting }));
  if (tookSeconds >= 0.1) parts.push(duration(RED, tookSeconds));
  return parts.join(' · ');
}

/** What is counted in a status. */
export type Counted = 'frame' | 'step' | 'photo';

/** 'frame 12/24' or 'step 120/2000'. */
export function countText(RED: Red, what: Counted, done: number, of: number): string {
  return RED._(`${CATALOG}:progress.${what}`, { done, of });
}

/** Two units at most: '0.4 s', '12 s', '8 min', '1 h 5 min'. From ten minutes on in whole minutes. */
export function duration(RED: Red, seconds: number): string {
  const say = (unit: string, n: number | string) => RED._(`${CATALOG}:sidebar.unit.${unit}`, { n });
  if (seconds < 10 && !Number.isInteger(seconds)) return say('second', seconds.toFixed(1));
  const whole = seconds < 600 ? Math.round(seconds) : Math.round(seconds / 60) * 60;
  const first = Math.max(
    0,
    UNITS.findIndex(([, size]) => whole >= size),
  );
  const [unit, size] = whole < 1 ? UNITS[3] : UNITS[first]!;
  const [nextUnit, nextSize] = UNITS[first + 1] ?? [];
  const rest = nextSize ? Math.floor((whole % size) / nextSize) : 0;
  const words = say(unit, Math.floor(whole / size));
  return nextUnit && rest > 0 && whole >= 1 ? `${words} ${say(nextUnit, rest)}` : words;
}

/** Three digits at most. */
function significant(value: number): string {
  return String(Number(value.toPrecision(value < 10 ? 2 : 3)));
}
