import type { MangaError } from '../errors/manga-error.ts';
import { withAny } from './signals.ts';

/** The calls in flight of each arena, so that closing it cancels also those that have not reached the engine yet. */
export class ArenaCalls {
  readonly #calls = new Map<string, Set<AbortController>>();

  /** Does a call for an arena; `signal` aborts with the caller's own, or when the arena is cancelled. */
  during<R>(
    arena: string,
    callersSignal: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    return withAny([callersSignal], async (abort) => {
      const calls = this.#calls.get(arena) ?? new Set();
      this.#calls.set(arena, calls.add(abort));
      try {
        return await call(abort.signal);
      } finally {
        calls.delete(abort);
        if (calls.size === 0 && this.#calls.get(arena) === calls) this.#calls.delete(arena);
      }
    });
  }

  cancel(arena: string, reason: MangaError): void {
    for (const abort of this.#calls.get(arena) ?? []) abort.abort(reason);
  }
}
