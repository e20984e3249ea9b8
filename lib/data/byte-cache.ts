interface Kept<V> {
  readonly value: V | null;
  readonly bytes: number;
}

/** Keeps what was loaded last, up to a number of bytes (the newest is kept whatever its size). */
export class ByteCache<V> {
  readonly #limit: number;
  readonly #sizeOf: (value: V) => number;
  /** Oldest first. */
  readonly #kept = new Map<string, Kept<V>>();
  #bytes = 0;

  constructor(limit: number, sizeOf: (value: V) => number) {
    this.#limit = limit;
    this.#sizeOf = sizeOf;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** @param make called when the key is not kept; null: it is unusable, which is remembered too */
  async load(key: string, make: () => Promise<V | null>): Promise<V | null> {
    const known = this.#kept.get(key);
    if (known) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.value;
    }
    const value = await make();
    const bytes = value === null ? 0 : this.#sizeOf(value);
    this.#kept.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const [old, kept] of this.#kept) {
      if (this.#bytes <= this.#limit || old === key) break;
      if (kept.bytes === 0) continue;
      this.#kept.delete(old);
      this.#bytes -= kept.bytes;
    }
    return value;
  }
}
