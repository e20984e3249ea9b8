import { MangaError } from '../errors/manga-error.ts';
import { cancelled } from '../media/abort.ts';
import { Random, type RandomState } from '../random.ts';
import type { Catalogue } from './catalogue.ts';
import { DataThread } from './data-thread.ts';
import type { SkipList, Skipped } from './skipped.ts';
import type { DataSource, TrainingBatch } from './types.ts';

/** A batch is tried again once when its thread dies. */
const TRIES = 2;
/** Skipped things that the summary names; the rest is counted. */
const NAMED = 5;

/** The random numbers of one batch, and the state that follows. */
function draw(state: RandomState): { own: RandomState; after: RandomState } {
  const random = new Random(state);
  const word = () => random.int(2 ** 32);
  return { own: { words: [word(), word(), word(), word()] }, after: random.state() };
}

const keyOf = (state: RandomState): string => state.words.map((word) => word >>> 0).join();

class Entry {
  readonly own: RandomState;
  readonly after: RandomState;
  readonly batch: Promise<TrainingBatch>;
  resolve!: (batch: TrainingBatch) => void;
  reject!: (error: unknown) => void;
  started = false;
  /** Calls of next() that wait for it. */
  waiting = 0;

  constructor(state: RandomState) {
    const { own, after } = draw(state);
    this.own = own;
    this.after = after;
    this.batch = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // One that was made ahead may fail before anyone asks for it.
    this.batch.catch(() => {});
  }
}

/**
 * Makes batches ahead in worker threads: after next(s), those of the states that follow s. Another state than the one
 * that the last call returned is answered all the same, only not ahead of time.
 */
export class BatchQueue implements DataSource {
  readonly #ahead: number;
  readonly #inventory: string;
  readonly #skipped: SkipList;
  readonly #threads: readonly DataThread[];
  readonly #idle: DataThread[];
  /** By the state they are made from, in the order in which they are due. */
  readonly #entries = new Map<string, Entry>();
  #waiting = 0;
  #waited = 0;
  #closing: Promise<void> | null = null;

  constructor(catalogue: Catalogue, inventory: string, skipped: SkipList) {
    const { threads, queue } = catalogue.settings;
    this.#ahead = queue;
    this.#inventory = inventory;
    this.#skipped = skipped;
    const onSkipped = ({ where, reason }: Skipped) => skipped.add(where, reason);
    this.#threads = Array.from({ length: threads }, () => new DataThread(catalogue, onSkipped));
    this.#idle = [...this.#threads];
  }

  /** What there is, for people; without what was skipped. */
  get inventory(): string {
    return this.#inventory;
  }

  get summary(): string {
    const { list } = this.#skipped;
    if (list.length === 0) return `${this.#inventory}.`;
    const named = list.slice(0, NAMED).map(({ where, reason }) => `\n- ${where}: ${reason}`);
    const more = list.length > NAMED ? `\n- and ${list.length - NAMED} more` : '';
    return `${this.#inventory}; ${list.length} skipped:${named.join('')}${more}`;
  }

  /** All that was skipped so far: files are also found broken when their turn comes. */
  get skipped(): readonly Skipped[] {
    return this.#skipped.list;
  }

  get waitedSeconds(): number {
    return this.#waited;
  }

  async next(state: RandomState): Promise<{ batch: TrainingBatch; random: RandomState }> {
    if (this.#closing) throw cancelled();
    const key = keyOf(state);
    const entry = this.#entries.get(key) ?? this.#startOver(key, state);
    this.#fill(entry);
    const began = performance.now();
    entry.waiting++;
    this.#setWaiting(1);
    try {
      return { batch: await entry.batch, random: entry.after };
    } finally {
      entry.waiting--;
      this.#setWaiting(-1);
      this.#waited += (performance.now() - began) / 1000;
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const entry of this.#entries.values()) entry.reject(cancelled());
    this.#entries.clear();
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** Another place in the sequence: what nobody waits for is dropped. */
  #startOver(key: string, state: RandomState): Entry {
    for (const [old, entry] of this.#entries) if (entry.waiting === 0) this.#entries.delete(old);
    const entry = new Entry(state);
    this.#entries.set(key, entry);
    return entry;
  }

  /** Queues what follows an entry, and gives idle threads work. */
  #fill(entry: Entry): void {
    let last = entry;
    for (let i = 0; i < this.#ahead; i++) {
      const at = keyOf(last.after);
      let next = this.#entries.get(at);
      if (!next) {
        next = new Entry(last.after);
        this.#entries.set(at, next);
      }
      last = next;
    }
    this.#dispatch();
  }

  #dispatch(): void {
    for (const entry of this.#entries.values()) {
      if (this.#idle.length === 0) return;
      if (entry.started) continue;
      entry.started = true;
      void this.#work(this.#idle.pop()!, entry);
    }
  }

  async #work(thread: DataThread, entry: Entry): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        entry.resolve(await thread.make(entry.own));
        break;
      } catch (error) {
        const died = error instanceof MangaError && error.code === 'INTERNAL';
        if (died && attempt < TRIES && !this.#closing) continue;
        entry.reject(error);
        break;
      }
    }
    this.#idle.push(thread);
    if (!this.#closing) this.#dispatch();
  }

  /** Threads keep the process alive while someone waits for them, and not longer. */
  #setWaiting(change: 1 | -1): void {
    this.#waiting += change;
    for (const thread of this.#threads) thread.hold(this.#waiting > 0);
  }
}
