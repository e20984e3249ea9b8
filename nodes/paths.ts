import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Red } from './red.ts';

/** Absolute form of a path that a user typed: `~` is the home folder; relative ones start in Node-RED's working or user folder. */
export function userPath(RED: Red, path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return resolve(RED.settings.fileWorkingDirectory || RED.settings.userDir || '.', path);
}
