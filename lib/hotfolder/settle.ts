/**
 * Tells when a file is completely written. A file has settled when, for a whole window of time, no event came for it
 * and two stats that far apart agree in size, modification time and inode. The window grows with the pauses seen
 * between the writes of that file. (Model: paperless-ngx's FileStabilityTracker; size alone lies, because SMB
 * preallocates, and events alone lie, because network mounts send none.)
 */
import type { Clock } from './clock.ts';

export interface FileStamp {
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly ino: number;
  readonly dev: number;
  /** A regular file. Others (links, pipes) settle too: whoever takes them refuses them. */
  readonly isFile: boolean;
}

export interface SettledFile {
  readonly path: string;
  readonly stamp: FileStamp;
}

export interface SettleOptions {
  /** Milliseconds without change before a file is taken. */
  readonly settleMs: number;
  /** Milliseconds after which a file that stays empty is given up: `settled` is called with size 0. */
  readonly emptyMs: number;
  readonly clock: Clock;
  /** Must not follow links. @returns undefined if there is no such file */
  stat(path: string): Promise<FileStamp | undefined>;
  /** Called with all files found settled in one look; the tracker has forgotten them by then. */
  settled(files: readonly SettledFile[]): void;
  /** Called after a look, if files came or went since the last. */
  changed(): void;
  /** A stat failed for another reason than absence. The file is forgotten; a rescan may bring it back. */
  trouble(path: string, error: unknown): void;
}

interface Entry {
  lastChange: number;
  /** Longest pause between two changes seen so far, milliseconds. */
  longestPause: number;
  stamp?: FileStamp;
  /** When `stamp` was first seen to hold. */
  stampSince: number;
  /** Next stat is due at this time. */
  due: number;
  settled: boolean;
}

/** The window is at most this many times settleMs, however slow the writer. */
const MAX_GROWTH = 10;
/** A writer that paused for p may pause for longer: wait this many p. */
const PAUSE_FACTOR = 2;
/** Stats under way at once: few, so that 5,000 files leave the thread pool to others. */
const CONCURRENCY = 8;

export function sameStamp(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.ino === b.ino && a.dev === b.dev && a.isFile === b.isFile;
}

export class SettleTracker {
  readonly #options: SettleOptions;
  readonly #tickMs: number;
  readonly #entries = new Map<string, Entry>();
  #cancelTick: (() => void) | undefined;
  #checking = false;
  /** Files came or went since `changed` was called. */
  #dirty = false;
  #closed = false;

  constructor(options: SettleOptions) {
    this.#options = options;
    this.#tickMs = Math.min(250, Math.max(10, options.settleMs / 8));
  }

  get size(): number {
    return this.#entries.size;
  }

  has(path: string): boolean {
    return this.#entries.has(path);
  }

  /** A scan found the file: starts watching it unless that is under way. Says nothing about a change. */
  see(path: string): void {
    if (this.#closed || this.#entries.has(path)) return;
    const now = this.#options.clock.now();
    this.#entries.set(path, { lastChange: now, longestPause: 0, stampSince: now, due: now, settled: false });
    this.#dirty = true;
    this.#arm();
  }

  /** An event came for the file: its quiet time starts anew. */
  touch(path: string): void {
    const entry = this.#entries.get(path);
    if (!entry) {
      this.see(path);
      return;
    }
    this.#change(entry);
    entry.due = entry.lastChange;
    entry.settled = false;
  }

  close(): void {
    this.#closed = true;
    this.#cancelTick?.();
    this.#entries.clear();
  }

  #change(entry: Entry): void {
    const now = this.#options.clock.now();
    entry.longestPause = Math.max(entry.longestPause, now - entry.lastChange);
    entry.lastChange = now;
  }

  #window(entry: Entry): number {
    const { settleMs } = this.#options;
    return Math.min(Math.max(settleMs, PAUSE_FACTOR * entry.longestPause), MAX_GROWTH * settleMs);
  }

  #arm(): void {
    if (this.#closed || this.#cancelTick || this.#checking || this.#entries.size === 0) return;
    this.#cancelTick = this.#options.clock.after(this.#tickMs, () => {
      this.#cancelTick = undefined;
      void this.#tick();
    });
  }

  async #tick(): Promise<void> {
    this.#checking = true;
    const now = this.#options.clock.now();
    const due = [...this.#entries].filter(([, entry]) => entry.due <= now);
    const rest = due.values();
    const work = async () => {
      for (const [path, entry] of rest) await this.#check(path, entry);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
    this.#deliver(due);
    this.#checking = false;
    if (this.#dirty && !this.#closed) this.#options.changed();
    this.#dirty = false;
    this.#arm();
  }

  /** Passes on what has settled and was not touched while the others were looked at. */
  #deliver(looked: readonly [string, Entry][]): void {
    const files: SettledFile[] = [];
    for (const [path, entry] of looked) {
      if (!entry.settled || !entry.stamp || this.#entries.get(path) !== entry) continue;
      this.#forget(path, entry);
      files.push({ path, stamp: entry.stamp });
    }
    if (files.length > 0) this.#options.settled(files);
  }

  async #check(path: string, entry: Entry): Promise<void> {
    if (this.#closed) return;
    let stamp: FileStamp | undefined;
    try {
      stamp = await this.#options.stat(path);
    } catch (error) {
      this.#forget(path, entry);
      this.#options.trouble(path, error);
      return;
    }
    if (this.#entries.get(path) !== entry) return;
    if (stamp) this.#judge(entry, stamp);
    else this.#forget(path, entry);
  }

  #judge(entry: Entry, stamp: FileStamp): void {
    const now = this.#options.clock.now();
    if (!entry.stamp || !sameStamp(entry.stamp, stamp)) {
      if (entry.stamp) this.#change(entry);
      entry.stamp = stamp;
      entry.stampSince = now;
    }
    const quiet = now - Math.max(entry.lastChange, entry.stampSince);
    const window = this.#window(entry);
    if (quiet < window) {
      entry.due = now + window - quiet;
    } else if (stamp.isFile && stamp.size === 0 && quiet < this.#options.emptyMs) {
      entry.due = now + Math.min(window, this.#options.emptyMs - quiet);
    } else {
      entry.settled = true;
    }
  }

  #forget(path: string, entry: Entry): void {
    if (this.#entries.get(path) !== entry) return;
    this.#entries.delete(path);
    this.#dirty = true;
  }
}
