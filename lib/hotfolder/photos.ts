/**
 * Photos of jobs, large enough to be compared with their clips: made when they are asked for, in the probe's kind of process,
 * and kept for a while in memory. Nothing is written: who deletes an original has deleted it.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { pictureProbe } from './probe.ts';
import type { Probe } from './types.ts';

/** Long side, pixels. */
export const PHOTO_SIDE = 1024;
const QUALITY = 80;
/** Photos kept: about 100 kB each. */
const MOST = 32;

export interface Photo {
  /** WebP, upright, without the metadata of the file (cameras note the place). */
  readonly webp: Uint8Array;
  readonly etag: string;
}

export class Photos {
  readonly #probe: Probe;
  readonly #known = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(probe: Probe = pictureProbe({ side: PHOTO_SIDE, quality: QUALITY })) {
    this.#probe = probe;
  }

  /** Tells this content of the file from others. @throws file system errors */
  async etag(path: string): Promise<string> {
    const { size, mtimeMs, ino } = await stat(path);
    return `"${createHash('sha256').update(`${path} ${size} ${mtimeMs} ${ino}`).digest('base64url').slice(0, 22)}"`;
  }

  /** @returns undefined where it cannot be decoded @throws file system errors */
  async read(path: string): Promise<Photo | undefined> {
    const etag = await this.etag(path);
    const reading = this.#known.get(etag) ?? this.#read(path, etag);
    // The one that was asked for last is forgotten last.
    this.#known.delete(etag);
    this.#known.set(etag, reading);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
    const webp = await reading;
    return webp && { webp, etag };
  }

  #read(path: string, etag: string): Promise<Uint8Array | undefined> {
    return this.#probe(path).then(
      (result) => result?.thumbnail,
      () => {
        this.#known.delete(etag);
        return undefined;
      },
    );
  }
}
