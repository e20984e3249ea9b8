/** Where a soak lives: a small disk of its own where that can be had, so that it can be full. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DISK_MB = 96;

export class Home {
  readonly path: string;
  /** Why the disk cannot be filled here; undefined: it can. */
  readonly noSmallDisk: string | undefined;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'motion-manga-soak-'));
    this.noSmallDisk = this.#mount();
    for (const folder of [this.inbox, this.outbox, this.staging]) mkdirSync(folder);
  }

  get inbox(): string {
    return join(this.path, 'inbox');
  }
  get outbox(): string {
    return join(this.path, 'outbox');
  }
  get staging(): string {
    return join(this.path, 'staging');
  }

  #mount(): string | undefined {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_MB}m`, 'none', this.path], { stdio: 'pipe' });
      return undefined;
    } catch (error) {
      const said = String((error as { stderr?: Buffer }).stderr ?? '').trim() || (error as Error).message;
      return `no small disk could be mounted (it takes root): ${said}`;
    }
  }

  /** Fills the disk to the last byte. @returns a function that frees it */
  async fill(): Promise<() => Promise<void>> {
    const path = join(this.path, 'filler');
    const file = await open(path, 'w');
    try {
      for (let piece = Buffer.alloc(1 << 20); piece.length > 0; ) {
        try {
          const { bytesWritten } = await file.write(piece);
          if (bytesWritten < piece.length) piece = piece.subarray(0, piece.length >> 1);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          piece = piece.subarray(0, piece.length >> 1);
        }
      }
    } finally {
      await file.close();
    }
    return () => unlink(path);
  }

  remove(): void {
    if (this.noSmallDisk === undefined) execFileSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
