import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { errnoOf } from './io-error.ts';
import type { FileStamp } from './settle.ts';

export function toStamp(stats: Stats): FileStamp {
  return { size: stats.size, mtimeMs: stats.mtimeMs, ino: stats.ino, dev: stats.dev, isFile: stats.isFile() };
}

/** Stats a path without following links. @returns undefined if nothing is there */
export async function stampOf(path: string): Promise<FileStamp | undefined> {
  try {
    return toStamp(await lstat(path));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}
