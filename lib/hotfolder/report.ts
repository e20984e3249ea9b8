import { MangaError, type MangaErrorCode } from '../errors/manga-error.ts';
import type { JobRecord } from '../ledger/types.ts';
import { errnoOf } from './io-error.ts';
import type { FailureReport } from './types.ts';

/** For programs, and for people. */
export const REPORT_ENDING = '.error.json';
export const READABLE_ENDING = '.error.txt';

const AGAIN = 'Put the file back into the inbox to try again.';
const HINTS: Readonly<Record<MangaErrorCode, string>> = {
  BAD_INPUT: 'Open the file in a picture viewer: if it shows, save it anew as JPEG or PNG and drop that.',
  BAD_SETTING: `Mend the setting, deploy, then: ${AGAIN}`,
  BAD_WIRING: `Mend the wires, deploy, then: ${AGAIN}`,
  STALE_HANDLE: AGAIN,
  FOREIGN_HANDLE: `Let all nodes of the flow use the same session, then: ${AGAIN}`,
  OUT_OF_MEMORY: `Give the session more memory or choose a smaller size, then: ${AGAIN}`,
  SESSION_CRASHED: AGAIN,
  SESSION_CLOSED: AGAIN,
  CANCELLED: AGAIN,
  BUSY: AGAIN,
  TIMEOUT: AGAIN,
  ENGINE_MISSING: `Run "motion-manga doctor", then: ${AGAIN}`,
  MODEL_MISSING: `Name the folder of a model in the session's settings, then: ${AGAIN}`,
  IO: `Look whether the file and the folders can be read and written, then: ${AGAIN}`,
  INTERNAL: `${AGAIN} If it fails again, look at the log.`,
};

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * Describes any thrown value, also the `{message, source}` objects of a Node-RED catch node.
 * @returns message without the hint, and always a hint
 */
function describe(error: unknown): { code: MangaErrorCode; cause: string; hint: string } {
  const { code: given, message, hint: givenHint, cause } = Object(error) as Record<string, unknown>;
  let code: MangaErrorCode = errnoOf(error) ? 'IO' : 'INTERNAL';
  if (typeof given === 'string' && Object.hasOwn(HINTS, given)) code = given as MangaErrorCode;
  else if (code === 'INTERNAL' && cause instanceof MangaError) return describe(cause);
  const hint = text(givenHint) || HINTS[code];
  const whole = text(message) || (typeof error === 'string' ? error : '') || 'The flow failed without saying why.';
  return { code, cause: whole.endsWith(hint) ? whole.slice(0, -hint.length).trim() : whole, hint };
}

export function makeReport(file: string, error: unknown, attempts: number, job: string): FailureReport {
  return { file, ...describe(error), time: new Date().toISOString(), attempts, job };
}

/** The text of `<name>.error.json`. */
export function reportText({ file, code, cause, hint, time, attempts, job }: FailureReport): string {
  return `${JSON.stringify({ file, code, cause, hint, time, attempts, job }, null, 2)}\n`;
}

/** The text of `<name>.error.txt`. */
export function readableText({ file, code, cause, hint, time, attempts, job }: FailureReport): string {
  const tried = attempts > 1 ? `, tried ${attempts} times` : '';
  return `${file} could not be drawn.\n\nWhy: ${cause}\nWhat to do: ${hint}\n\n${code}, ${time}${tried}, job ${job}\n`;
}

/** The report of a job that failed earlier, from the ledger. */
export function reportOf(record: JobRecord): FailureReport {
  const { id, name, fault, at, attempts } = record;
  const why = fault ?? describe(undefined);
  return { file: name, ...why, time: new Date(at).toISOString(), attempts, job: id };
}
