import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { samplePath } from '../lib/samples.ts';
import type { Red } from './red.ts';

/**
 * Absolute form of a path that a user typed: `~` is the home folder, `sample:` what comes with this package; relative ones
 * start in Node-RED's working or user folder.
 * @throws MangaError BAD_INPUT when there is no such sample
 */
export function userPath(RED: Red, path: string): string {
  const sample = samplePath(path);
  if (sample !== undefined) return sample;
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return resolve(RED.settings.fileWorkingDirectory || RED.settings.userDir || '.', path);
}
