/** Waits for room on full disks: tries to write, less and less often. */
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './clock.ts';

/** What must fit on every disk before work goes on: bytes. */
const ROOM = 256 * 1024;
const FIRST_MS = 1000;
const LONGEST_MS = 30_000;
const NAME = '.motion-manga-room.tmp';

async function hasRoom(folder: string): Promise<boolean> {
  const path = join(folder, NAME);
  try {
    const file = await open(path, 'w');
    try {
      await file.writeFile(Buffer.alloc(ROOM, 1));
      await file.sync();
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    // A folder that is gone is another trouble, told by others.
    return !['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
  } finally {
    await unlink(path).catch(() => undefined);
  }
}

export interface DiskGuardOptions {
  readonly clock: Clock;
  /** Where the hot folder and its flow write. */
  folders(): Iterable<string>;
  /** The disk is full: called once, until it has room. */
  full(): void;
  /** All folders have room again. */
  room(): void;
}

export class DiskGuard {
  readonly #options: DiskGuardOptions;
  #cancel: (() => void) | undefined;
  #full = false;
  #waits = 0;
  #closed = false;

  constructor(options: DiskGuardOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#full;
  }

  /** A write was refused for want of room. */
  report(): void {
    if (this.#full || this.#closed) return;
    this.#full = true;
    this.#options.full();
    this.#wait();
  }

  /** A job went well, so the disk has room for more than the guard's own try. */
  relax(): void {
    this.#waits = 0;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #wait(): void {
    const ms = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#waits++);
    this.#cancel = this.#options.clock.after(ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    const rooms = await Promise.all([...new Set(this.#options.folders())].map(hasRoom));
    if (this.#closed) return;
    if (!rooms.every(Boolean)) return this.#wait();
    this.#full = false;
    this.#options.room();
  }
}
