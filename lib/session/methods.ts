/**
 * The methods of a session that cross the process boundary, with the number of their arguments: on the engine side a
 * method takes one more, the signal that cancels it.
 */
import type { SessionCore } from './core.ts';

export const METHODS = {
  start: 0,
  openArena: 1,
  closeArena: 1,
  loadPicture: 2,
  encode: 2,
  encodeStyle: 2,
  decode: 4,
  openVideo: 4,
  keep: 2,
  compose: 3,
  writeClip: 2,
  framesWritten: 1,
  read: 3,
  preview: 3,
  origin: 2,
  inspect: 3,
  startTraining: 2,
  controlTraining: 1,
  trainingReport: 0,
  releaseIdle: 0,
  stats: 0,
  close: 0,
} as const satisfies Partial<Record<keyof SessionCore, number>>;

export type Method = keyof typeof METHODS;

export function isMethod(name: string): name is Method {
  return Object.hasOwn(METHODS, name);
}
