import { MangaError } from '../errors/manga-error.ts';
import { type ArenaEnd, arenaId, staleArena } from './handles.ts';
import { abortReason, withAny } from './signals.ts';
import type { Thing } from './thing.ts';

export interface Item {
  readonly id: number;
  readonly arena: Arena;
  readonly thing: Thing;
  readonly bytes: number;
  /** Running calls that use it; it is not disposed of under them. */
  users: number;
}

/** The memory of one job: it is freed as a whole. */
export interface Arena {
  readonly id: string;
  readonly abort: AbortController;
  readonly items: Map<number, Item>;
  /** The work of its calls, until that really ends (a cancelled call rejects before). */
  readonly running: Set<Promise<unknown>>;
  /** Milliseconds of performance.now(). */
  lastUse: number;
}

export interface ArenaStoreOptions {
  readonly generation: number;
  readonly budgetBytes: number;
  readonly idleSeconds: number;
  /** What the engine says it holds: things made by it, and its weights. */
  engineBytes(): number;
}

/** Only arenas that nothing used for this long make room for others. */
const EVICTABLE_AFTER_MS = 2000;
const REMEMBERED_ENDS = 1000;

const resourceOf = (thing: Thing) =>
  thing.kind === 'content'
    ? thing.content
    : thing.kind === 'style'
      ? thing.style
      : thing.kind === 'frames'
        ? thing.frames
        : undefined;

const bytesOf = (thing: Thing): number =>
  thing.kind === 'image' ? thing.pixels.data.byteLength : resourceOf(thing)!.byteLength;

/** The arenas of one generation of a session, within a memory budget. */
export class ArenaStore {
  readonly #options: ArenaStoreOptions;
  readonly #arenas = new Map<string, Arena>();
  /** Arenas whose work is being brought to an end. */
  readonly #closings = new Map<string, Promise<void>>();
  readonly #timers = new Map<Arena, NodeJS.Timeout>();
  readonly #ends = new Map<string, ArenaEnd>();
  #lastArena = 0;
  #lastItem = 0;
  #items = 0;
  #pixelBytes = 0;
  #engineItemBytes = 0;
  /** While an allocation is under way, the engine's side counts at least this much. */
  #engineFloor = 0;

  constructor(options: ArenaStoreOptions) {
    this.#options = options;
  }

  get arenas(): number {
    return this.#arenas.size;
  }

  get items(): number {
    return this.#items;
  }

  /** Bytes of all that handles refer to. */
  get bytes(): number {
    return this.#pixelBytes + this.#engineItemBytes;
  }

  get runningCalls(): number {
    return new Set([...this.#arenas.values()].flatMap((arena) => [...arena.running])).size;
  }

  open(): string {
    const id = arenaId(this.#options.generation, ++this.#lastArena);
    const arena: Arena = {
      id,
      abort: new AbortController(),
      items: new Map(),
      running: new Set(),
      lastUse: performance.now(),
    };
    this.#arenas.set(id, arena);
    const expire = (): void => {
      if (arena.running.size > 0) this.#touch(arena);
      else void this.close(id, 'idle');
    };
    this.#timers.set(arena, setTimeout(expire, this.#options.idleSeconds * 1000).unref());
    return id;
  }

  /** @throws MangaError STALE_HANDLE */
  arena(id: string): Arena {
    const arena = this.#arenas.get(id);
    if (!arena) throw staleArena(this.#ends.get(id) ?? 'closed', this.#options.idleSeconds);
    return arena;
  }

  /** @throws MangaError STALE_HANDLE */
  item(arena: string, id: number): Item {
    const item = this.arena(arena).items.get(id);
    if (!item) throw staleArena('closed', this.#options.idleSeconds);
    return item;
  }

  /**
   * Takes over a new thing. If that is not possible any more it is disposed of.
   * @throws MangaError OUT_OF_MEMORY, or the signal's reason
   */
  put(arena: Arena, thing: Thing, signal: AbortSignal): Item {
    const item: Item = { id: ++this.#lastItem, arena, thing, bytes: bytesOf(thing), users: 0 };
    arena.items.set(item.id, item);
    this.#count(item, 1);
    this.#touch(arena);
    try {
      signal.throwIfAborted();
      this.makeRoom(0, item.bytes);
    } catch (error) {
      arena.items.delete(item.id);
      this.#dispose(item);
      throw error;
    }
    return item;
  }

  /**
   * Does work for a call. Items in `used` stay alive until the work ends, even if their arena is closed.
   * @param arenas the call's own one first: closing that cancels the call
   * @returns what the work returns; rejects at once when the signal given to the work aborts
   */
  during<R>(
    arenas: readonly Arena[],
    used: readonly Item[],
    signal: AbortSignal | undefined,
    work: (signal: AbortSignal) => Promise<R>,
  ): Promise<R> {
    for (const item of used) item.users++;
    return withAny([arenas[0]!.abort.signal, signal], (abort) => {
      const done = work(abort.signal).finally(() => {
        for (const item of used) this.#release(item);
        for (const arena of arenas) {
          arena.running.delete(done);
          this.#touch(arena);
        }
      });
      for (const arena of arenas) arena.running.add(done);
      return untilAborted(done, abort.signal);
    });
  }

  /** Keeps items alive, whatever becomes of their arenas, until the returned function is called (any number of times). */
  hold(items: readonly Item[]): () => void {
    for (const item of items) item.users++;
    let held = items;
    return () => {
      for (const item of held) this.#release(item);
      held = [];
    };
  }

  /** Frees all that the arena holds and cancels its calls. Resolves when their work has ended, also when asked again. */
  async close(id: string, end: ArenaEnd, reason?: MangaError): Promise<void> {
    const arena = this.#arenas.get(id);
    if (!arena) return this.#closings.get(id);
    this.#arenas.delete(id);
    const closing = this.#end(id, arena, end, reason).finally(() => this.#closings.delete(id));
    this.#closings.set(id, closing);
    return closing;
  }

  async #end(id: string, arena: Arena, end: ArenaEnd, reason?: MangaError): Promise<void> {
    clearTimeout(this.#timers.get(arena));
    this.#timers.delete(arena);
    this.#ends.set(id, end);
    if (this.#ends.size > REMEMBERED_ENDS) this.#ends.delete(this.#ends.keys().next().value!);
    arena.abort.abort(reason ?? new MangaError('CANCELLED', "The picture's job was closed while this ran."));
    const items = [...arena.items.values()];
    arena.items.clear();
    for (const item of items) if (item.users === 0) this.#dispose(item);
    await Promise.allSettled(arena.running);
  }

  /** Frees the arenas that nothing used for two seconds. @returns how many */
  closeIdle(): number {
    const idle = this.#idle();
    for (const { id } of idle) void this.close(id, 'evicted');
    return idle.length;
  }

  async closeAll(reason: MangaError): Promise<void> {
    await Promise.all([...this.#arenas.keys()].map((id) => this.close(id, 'closed', reason)));
    await Promise.all(this.#closings.values());
  }

  /**
   * Evicts idle arenas, oldest first, until `bytes` more fit into the budget.
   * @param needed what the message speaks of
   * @throws MangaError OUT_OF_MEMORY
   */
  makeRoom(bytes: number, needed = bytes): void {
    const { budgetBytes } = this.#options;
    while (this.#used() + bytes > budgetBytes) {
      const oldest = this.#oldestIdle();
      if (!oldest) throw outOfMemory(needed, this.#used() + bytes - needed, budgetBytes);
      // An idle arena has no running work, so its memory is free when this returns.
      void this.close(oldest.id, 'evicted');
    }
  }

  /**
   * Makes room for an allocation in the engine and keeps it until the returned function is called. One at a time.
   * @throws MangaError OUT_OF_MEMORY
   */
  reserve(bytes: number): () => void {
    this.makeRoom(bytes);
    this.#engineFloor = this.#engineSide() + bytes;
    return () => {
      this.#engineFloor = 0;
    };
  }

  #engineSide(): number {
    return Math.max(this.#engineItemBytes, this.#options.engineBytes(), this.#engineFloor);
  }

  #used(): number {
    return this.#pixelBytes + this.#engineSide();
  }

  #oldestIdle(): Arena | undefined {
    return this.#idle()
      .filter(({ items }) => items.size > 0)
      .sort((a, b) => a.lastUse - b.lastUse)[0];
  }

  #idle(): Arena[] {
    const before = performance.now() - EVICTABLE_AFTER_MS;
    return [...this.#arenas.values()].filter((arena) => arena.running.size === 0 && arena.lastUse < before);
  }

  #touch(arena: Arena): void {
    arena.lastUse = performance.now();
    this.#timers.get(arena)?.refresh();
  }

  #release(item: Item): void {
    item.users--;
    if (item.users === 0 && !item.arena.items.has(item.id)) this.#dispose(item);
  }

  #dispose(item: Item): void {
    this.#count(item, -1);
    resourceOf(item.thing)?.dispose();
  }

  #count(item: Item, sign: 1 | -1): void {
    this.#items += sign;
    if (item.thing.kind === 'image') this.#pixelBytes += sign * item.bytes;
    else this.#engineItemBytes += sign * item.bytes;
  }
}

/** Settles as `work` does, or rejects with the signal's reason as soon as that aborts. */
async function untilAborted<R>(work: Promise<R>, signal: AbortSignal): Promise<R> {
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
  });
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([aborted, work]);
  } catch (error) {
    throw signal.aborted ? abortReason(signal) : error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function outOfMemory(needed: number, held: number, budget: number): MangaError {
  const mb = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;
  return new MangaError(
    'OUT_OF_MEMORY',
    `This needs ${mb(needed)}, but the session holds ${mb(held)} of its ${mb(budget)}.`,
    'Raise the memory budget (memoryMb) in the session node, make canvas and size smaller, or work on fewer pictures at a time.',
  );
}
