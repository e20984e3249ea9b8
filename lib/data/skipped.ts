/** Something that cannot be used and is passed over. */
export interface Skipped {
  /** File, for annotations with line and element: 'Title.xml, line 12, <frame>'. */
  readonly where: string;
  readonly reason: string;
}

/** Takes note of what is passed over; the same place counts once. */
export class SkipList {
  readonly #reasons = new Map<string, string>();
  readonly #onNew: ((skipped: Skipped) => void) | undefined;

  constructor(onNew?: (skipped: Skipped) => void) {
    this.#onNew = onNew;
  }

  add(where: string, reason: unknown): void {
    if (this.#reasons.has(where)) return;
    const text = reason instanceof Error ? reason.message : String(reason);
    this.#reasons.set(where, text);
    this.#onNew?.({ where, reason: text });
  }

  get list(): readonly Skipped[] {
    return Array.from(this.#reasons, ([where, reason]) => ({ where, reason }));
  }
}
