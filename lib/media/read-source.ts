import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { MangaError } from '../errors/manga-error.ts';
import { ioError } from './io-error.ts';
import { printableName } from './printable.ts';

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** @throws MangaError BAD_INPUT when there is nothing, or more than maxBytes */
export function checkByteCount(name: string, bytes: number, maxBytes: number): void {
  if (bytes === 0) {
    throw new MangaError(
      'BAD_INPUT',
      `${name} is empty (0 bytes).`,
      'Copy the picture again; it may still be on its way.',
    );
  }
  if (bytes > maxBytes) {
    throw new MangaError(
      'BAD_INPUT',
      `${name} is too large: ${megabytes(bytes)}, the limit is ${megabytes(maxBytes)}.`,
      'Save it as JPEG, or make it smaller.',
    );
  }
}

/**
 * Reads a whole regular file.
 * @throws MangaError BAD_INPUT for a folder, a device, an empty or too large file; IO when it is missing or unreadable
 */
export async function readPictureFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const name = printableName(path);
  try {
    // Non-blocking: opening a named pipe would wait for a writer for ever.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await file.stat();
    if (stats.isDirectory()) throw new MangaError('BAD_INPUT', `${name} is a folder.`, 'Give the path of a picture.');
    if (!stats.isFile()) throw new MangaError('BAD_INPUT', `${name} is not a file.`, 'Give the path of a picture.');
    checkByteCount(name, stats.size, maxBytes);
    return await file.readFile();
  } catch (error) {
    throw ioError('Cannot read', path, error);
  }
}
