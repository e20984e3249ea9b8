import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { modelFolder } from '../lib/checkpoint/shipped.ts';
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

/** A checkpoint that a user named: a shipped one's name as it is, else its folder, absolute. It may be one that training has yet to fill. */
export function modelPath(RED: Red, model: string): string {
  const folder = userPath(RED, model || '.');
  const shipped = !model || (!existsSync(folder) && existsSync(modelFolder(model)));
  return shipped ? model : folder;
}
