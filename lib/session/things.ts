import { MangaError, toMangaError } from '../errors/manga-error.ts';
import { type Arena, ArenaStore, type Item } from './arena-store.ts';
import { arenaGeneration, checkHandle, staleGeneration } from './handles.ts';
import type { Thing } from './thing.ts';
import type { Handle, HandleKind, SessionOptions } from './types.ts';

type ItemOf<K extends HandleKind> = Item & { readonly thing: Extract<Thing, { kind: K }> };

/** What the handles of one generation of a session refer to. */
export class Things {
  readonly generation: number;
  readonly store: ArenaStore;
  readonly #options: SessionOptions;
  readonly #engineBytes: () => number;

  /** @param engineBytes what the engine says it holds */
  constructor(options: SessionOptions, generation: number, engineBytes: () => number) {
    const { memoryMb, idleSeconds } = options;
    this.generation = generation;
    this.store = new ArenaStore({ generation, budgetBytes: memoryMb * 1e6, idleSeconds, engineBytes });
    this.#options = options;
    this.#engineBytes = engineBytes;
  }

  /** The next generation, with nothing in it. */
  next(): Things {
    return new Things(this.#options, this.generation + 1, this.#engineBytes);
  }

  /** @throws MangaError STALE_HANDLE when it is closed, or of another generation */
  arena(id: string): Arena {
    if (arenaGeneration(id) !== this.generation) throw staleGeneration();
    return this.store.arena(id);
  }

  /**
   * @param doing who asks, for messages @param kinds that serve
   * @throws MangaError BAD_WIRING, FOREIGN_HANDLE, STALE_HANDLE
   */
  find<K extends HandleKind>(handle: unknown, doing: string, ...kinds: K[]): ItemOf<K> {
    checkHandle(handle, doing, kinds, this.#options.id, this.generation);
    const item = this.store.item(handle.arena, handle.id);
    if (item.thing.kind !== handle.kind)
      throw new MangaError(
        'BAD_WIRING',
        `The handle says ${handle.kind}, but it is ${item.thing.kind}.`,
        'Pass handles on unchanged.',
      );
    return item as ItemOf<K>;
  }

  /** Gives a thing to an arena. @returns its handle @throws MangaError when the arena has closed meanwhile */
  put(arena: Arena, thing: Thing, shape: readonly number[], dtype: Handle['dtype'], signal: AbortSignal): Handle {
    const { id } = this.store.put(arena, thing, signal);
    const { kind } = thing;
    return {
      manga: 'handle',
      session: this.#options.id,
      generation: this.generation,
      arena: arena.id,
      id,
      kind,
      shape: [...shape],
      dtype,
    };
  }

  /** Work of these arenas on these items, cancelled with the first of them. @throws MangaError */
  async during<R>(
    arenas: Arena[],
    used: Item[],
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    try {
      return await this.store.during(arenas, used, signal, work);
    } catch (error) {
      throw toMangaError(error);
    }
  }
}
