import { MangaError, toMangaError } from '../lib/errors/manga-error.ts';
import type { NodeStatus, Red } from './red.ts';

/** Headings and hints by code, and how a language puts them together: the session's catalog has them for all nodes. */
const CATALOG = '@motion-manga/node-red/manga-session:error';

function say(RED: Red, form: 'status' | 'text', { code, message }: MangaError): string {
  const heading = RED._(`${CATALOG}.heading.${code}`);
  const hint = RED._(`${CATALOG}.hint.${code}`);
  return RED._(`${CATALOG}.${form}`, { code, heading, hint, detail: message });
}

/**
 * What is thrown, for `done` and `node.error`, in the runtime's language: heading and hint of the code, then the English
 * message with its details. English is the message alone. A catch node shows `msg.error.code`, `msg.error.message` and
 * `msg.error.cause`: its `hint`, and in other languages than English the English message as `detail`.
 */
export function localized(RED: Red, thrown: unknown): MangaError {
  const original = toMangaError(thrown);
  const { code, hint, message, stack } = original;
  const text = say(RED, 'text', original);
  const error = text === message ? original : new MangaError(code, text);
  const cause = { ...(hint && { hint }), ...(error !== original && { detail: message }) };
  if (Object.keys(cause).length > 0) Object.defineProperty(error, 'cause', { value: cause, configurable: true });
  if (error !== original) Object.defineProperties(error, { hint: { value: hint }, stack: { value: stack } });
  return error;
}

/** The status of a node that failed: its code's heading, in the runtime's language. */
export function errorStatus(RED: Red, thrown: unknown): NodeStatus {
  return { fill: 'red', shape: 'ring', text: say(RED, 'status', toMangaError(thrown)) };
}
