/** The waiting files, oldest first (modification time, then name). */
export interface Queued {
  /** Absolute path of the file now: the key. */
  readonly path: string;
  readonly relativePath: string;
  readonly mtimeMs: number;
  /** Milliseconds since 1970. */
  readonly enqueuedAt: number;
}

function laterFirst(a: Queued, b: Queued): number {
  if (a.mtimeMs !== b.mtimeMs) return b.mtimeMs - a.mtimeMs;
  return a.relativePath < b.relativePath ? 1 : a.relativePath > b.relativePath ? -1 : 0;
}

export class FileQueue<T extends Queued> {
  /** In order of arrival. */
  readonly #items = new Map<string, T>();
  /** Latest first, so that the next is popped; may hold items that were removed since. */
  #order: T[] = [];
  #sorted = true;

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

  put(item: T): void {
    this.#items.delete(item.path);
    this.#items.set(item.path, item);
    this.#order.push(item);
    this.#sorted = false;
  }

  remove(path: string): boolean {
    return this.#items.delete(path);
  }

  take(): T | undefined {
    if (!this.#sorted) {
      this.#order = this.#order.filter((item) => this.#items.get(item.path) === item).sort(laterFirst);
      this.#sorted = true;
    }
    for (let item = this.#order.pop(); item; item = this.#order.pop()) {
      if (this.#items.get(item.path) !== item) continue;
      this.#items.delete(item.path);
      return item;
    }
    return undefined;
  }
}
