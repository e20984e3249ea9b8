/** Small pictures of the jobs' photos, for the dashboard: `.motion-manga/thumbs/<id>.webp`. Losing one costs nothing. */
import { mkdir, readdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from './folders.ts';

/** Thumbnails kept: the latest jobs'. */
const MOST = 2000;

export class Thumbs {
  readonly #folder: string;
  /** Ids, oldest first. */
  readonly #ids = new Set<string>();

  constructor(folders: Folders) {
    this.#folder = join(folders.hidden, 'thumbs');
  }

  /** Reads what is there. */
  async load(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    for (const name of names) if (name.endsWith('.webp')) this.#ids.add(name.slice(0, -'.webp'.length));
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  path(id: string): string {
    return join(this.#folder, `${id}.webp`);
  }

  /** Never rejects: a full disk is met again by those who care. */
  async write(id: string, webp: Uint8Array): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true });
      await writeFile(this.path(id), webp);
      this.#ids.add(id);
      for (const oldest of this.#ids) {
        if (this.#ids.size <= MOST) break;
        this.#ids.delete(oldest);
        await unlink(this.path(oldest)).catch(() => undefined);
      }
    } catch {
      this.#ids.delete(id);
    }
  }
}
