/** The waiting files: a binary heap, so that taking one costs the same however many wait. */
export const ORDERS = ['oldest', 'newest', 'name'] as const;
/** By modification time, then name; or by the path below the inbox. */
export type Order = (typeof ORDERS)[number];

export interface Queued {
  readonly id: string;
  /** Absolute path of the file now: the key. */
  readonly path: string;
  readonly relativePath: string;
  readonly mtimeMs: number;
  /** Milliseconds since 1970. */
  readonly enqueuedAt: number;
}

const byName = (a: Queued, b: Queued): boolean => a.relativePath < b.relativePath;
const BEFORE: Readonly<Record<Order, (a: Queued, b: Queued) => boolean>> = {
  oldest: (a, b) => (a.mtimeMs === b.mtimeMs ? byName(a, b) : a.mtimeMs < b.mtimeMs),
  newest: (a, b) => (a.mtimeMs === b.mtimeMs ? byName(a, b) : a.mtimeMs > b.mtimeMs),
  name: byName,
};

export class FileQueue<T extends Queued> {
  readonly #before: (a: Queued, b: Queued) => boolean;
  /** In order of arrival. */
  readonly #items = new Map<string, T>();
  /** The next is first; may hold items that were removed since. */
  #heap: T[] = [];

  constructor(order: Order = 'oldest') {
    this.#before = BEFORE[order];
  }

  get size(): number {
    return this.#items.size;
  }

  /** When the item that waits longest arrived; null if none waits. */
  get oldestQueuedAt(): number | null {
    for (const item of this.#items.values()) return item.enqueuedAt;
    return null;
  }

  has(path: string): boolean {
    return this.#items.has(path);
  }

  /** The first that arrived, at most `count`. */
  *first(count: number): Generator<T> {
    let left = count;
    for (const item of this.#items.values()) {
      if (left-- <= 0) return;
      yield item;
    }
  }

  /** An item by the id of its job. Looks at all. */
  find(id: string): T | undefined {
    for (const item of this.#items.values()) if (item.id === id) return item;
    return undefined;
  }

  put(item: T): void {
    this.#items.delete(item.path);
    this.#items.set(item.path, item);
    const heap = this.#heap;
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(item, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = item;
    if (heap.length > 2 * this.#items.size + 1000) this.#sweep();
  }

  remove(path: string): boolean {
    return this.#items.delete(path);
  }

  take(): T | undefined {
    for (let item = this.#pop(); item; item = this.#pop()) {
      if (this.#items.get(item.path) !== item) continue;
      this.#items.delete(item.path);
      return item;
    }
    return undefined;
  }

  #pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  /** Removed items would pile up where the same files come and go for months. A sorted list is a heap. */
  #sweep(): void {
    this.#heap = this.#heap
      .filter((item) => this.#items.get(item.path) === item)
      .sort((a, b) => (this.#before(a, b) ? -1 : 1));
  }
}
