/** Which failures may pass by themselves, and how long to wait for that. */
import type { MangaErrorCode } from '../errors/manga-error.ts';
import { errnoOf, isDiskFull, isPassing } from './io-error.ts';

/** CANCELLED: a node or the session went away under the picture, because of a deployment. */
const PASSING_CODES: ReadonlySet<string> = new Set<MangaErrorCode>([
  'OUT_OF_MEMORY',
  'SESSION_CRASHED',
  'SESSION_CLOSED',
  'STALE_HANDLE',
  'CANCELLED',
  'BUSY',
]);

/** Words of errors whose errno was lost on their way through the session and a catch node. */
const PASSING_WORDS =
  /\b(EBUSY|EAGAIN|EMFILE|ENFILE|ESTALE|another program holds it|too many (open )?files|went away)\b/i;

const FIRST_MS = 1000;
const LONGEST_MS = 300_000;

/** Whether trying the job again, later, may help. */
export function mayPass(error: unknown): boolean {
  const { code, message, cause } = Object(error) as Record<string, unknown>;
  if (PASSING_CODES.has(String(code)) || isPassing(error) || isDiskFull(error)) return true;
  if (code === 'IO') return PASSING_WORDS.test(String(message)) || (errnoOf(cause) !== '' && isPassing(cause));
  return false;
}

/**
 * Exponential, with jitter so that jobs that failed together do not come back together.
 * @param failures 1 for the first wait
 * @returns milliseconds: half to all of 1 s, 2 s, 4 s, … at most five minutes
 */
export function backOffMs(failures: number, random: () => number = Math.random): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(whole * (0.5 + random() / 2));
}
