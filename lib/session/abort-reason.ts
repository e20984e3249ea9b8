import { MangaError } from '../errors/manga-error.ts';

/** Why a signal aborted, as an error for people: its own reason if that is one, else CANCELLED. */
export function abortReason(signal: AbortSignal): MangaError {
  return signal.reason instanceof MangaError ? signal.reason : new MangaError('CANCELLED', 'The call was cancelled.');
}
