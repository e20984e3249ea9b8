import { MangaError } from '../errors/manga-error.ts';

export function cancelled(): MangaError {
  return new MangaError('CANCELLED', 'The job was cancelled.');
}

/** @throws MangaError CANCELLED */
export function throwIfAborted(signal?: AbortSignal): void {
  if (signal?.aborted) throw cancelled();
}
