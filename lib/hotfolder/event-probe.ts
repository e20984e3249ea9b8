import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from './clock.ts';

/** How often the file is written, and how long each event is waited for: one second in all. */
const TRIES = 20;
const WAIT_MS = 50;

/** Tells whether a folder's events arrive, by a file written into it. */
export class EventProbe {
  /** Name of that file: junk to all others. */
  readonly name = '.motion-manga-event.tmp';
  #heard = false;
  #wake = () => {};

  /** To be called when the event for {@link name} has come. */
  hear(): void {
    this.#heard = true;
    this.#wake();
  }

  /** @throws file system errors if the folder cannot be written to */
  async run(folder: string, clock: Clock): Promise<boolean> {
    const path = join(folder, this.name);
    try {
      // Whatever is there, a link perhaps, is not written through.
      await rm(path, { force: true });
      // Watchers take a moment to start, so the file is written again and again.
      for (let left = TRIES; left > 0 && !this.#heard; left--) {
        await writeFile(path, '');
        if (this.#heard) break;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(WAIT_MS, resolve);
          this.#wake = () => {
            cancel();
            resolve();
          };
        });
      }
    } finally {
      await rm(path, { force: true });
    }
    return this.#heard;
  }
}
