import { basename, extname } from 'node:path';
import { readStill, type StillView } from './still.ts';

/** Clips remembered; the oldest is forgotten first. */
export const MOST_CLIPS = 200;

/** What is ever served as a clip. */
const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.png': 'image/png',
  '.apng': 'image/apng',
};

/** What manga-clip says of the file it wrote, as far as it is there. */
export interface Recipe {
  readonly width?: number;
  readonly height?: number;
  readonly frames?: number;
  readonly fps?: number;
  readonly format?: string;
  readonly encoder?: string;
  readonly bytes?: number;
  /** Milliseconds of each stage, by name. */
  readonly timings?: Readonly<Record<string, number>>;
}

/** A clip as browsers get it. */
export interface ClipEntry {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly type: string;
  readonly recipe: Recipe;
  readonly still?: StillView;
  /** Id of the hot folder's job that it is of. */
  readonly job?: string;
}

export interface StoredClip {
  readonly entry: ClipEntry;
  readonly path: string;
}

type Fields = Readonly<Record<string, unknown>>;

const object = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const string = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** The clips that arrived at one gallery, oldest first. */
export class Clips {
  readonly #clips = new Map<string, StoredClip>();
  readonly #now: () => number;
  #count = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get entries(): ClipEntry[] {
    return [...this.#clips.values()].map(({ entry }) => entry);
  }

  path(id: string): string | undefined {
    return this.#clips.get(id)?.path;
  }

  store(): StoredClip[] {
    return [...this.#clips.values()];
  }

  /** @param message of manga-clip @returns what was added; undefined when the message has no clip */
  take(message: { readonly payload?: unknown; readonly manga?: unknown }): StoredClip | undefined {
    const clip = object(message.payload);
    const path = string(clip.path);
    const type = path && TYPES[extname(path).toLowerCase()];
    if (!type) return undefined;
    const manga = object(message.manga);
    const at = this.#now();
    const timings = Object.entries(object(manga.timings)).filter(([, value]) => typeof value === 'number');
    const entry: ClipEntry = {
      id: `${at.toString(36)}-${this.#count++}`,
      name: string(manga.source) ?? basename(path),
      at,
      type,
      recipe: {
        width: number(clip.width),
        height: number(clip.height),
        frames: number(clip.frames),
        fps: number(clip.fps),
        format: string(clip.format),
        encoder: string(clip.encoder),
        bytes: number(clip.bytes),
        timings: Object.fromEntries(timings) as Record<string, number>,
      },
      job: string(object(manga.job).jobId),
      still: readStill(clip.still),
    };
    const stored = { entry, path };
    this.add(stored);
    return stored;
  }

  /** Adds a clip, new or read from the file; one that was drawn again replaces the one before. */
  add(stored: StoredClip): void {
    for (const [id, { path }] of this.#clips) if (path === stored.path) this.#clips.delete(id);
    this.#clips.set(stored.entry.id, stored);
    while (this.#clips.size > MOST_CLIPS) this.#clips.delete(this.#clips.keys().next().value!);
  }
}
