import { MangaError } from '../errors/manga-error.ts';

/** Why a signal aborted, as an error for people: its own reason if that is one, else CANCELLED. */
export function abortReason(signal: AbortSignal): MangaError {
  return signal.reason instanceof MangaError ? signal.reason : new MangaError('CANCELLED', 'The call was cancelled.');
}

/**
 * Does work with a controller that aborts when one of the signals does. Nothing stays on the signals afterwards: they
 * may live as long as a node (AbortSignal.any would leave its signals to the garbage collector).
 */
export async function withAny<R>(
  signals: readonly (AbortSignal | undefined)[],
  work: (abort: AbortController) => Promise<R>,
): Promise<R> {
  const abort = new AbortController();
  const links = signals.flatMap((signal) => {
    if (!signal) return [];
    const onAbort = (): void => abort.abort(abortReason(signal));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return { signal, onAbort };
  });
  try {
    return await work(abort);
  } finally {
    for (const { signal, onAbort } of links) signal.removeEventListener('abort', onAbort);
  }
}
