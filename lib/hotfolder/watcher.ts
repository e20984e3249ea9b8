/** Events of folders, by chokidar. What lies in the folders is our own scan's business. */
import { statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { FSWatcher } from 'chokidar';

/**
 * Chokidar reads a folder and stats all its files at each event: with 20,000 files waiting, every claim cost 200 ms of
 * CPU and the drop itself a minute (measured). It also watches each file it finds. Our scan does the finding, so
 * chokidar may keep to the folders.
 */
class FolderEvents extends FSWatcher {
  override _readdirp(): undefined {
    return undefined;
  }
}

export interface WatcherEvents {
  /** Something happened to the entry at `path` (it may be gone). */
  touched(path: string): void;
  /** Something happened in a folder; nobody knows to which entry. */
  changed(): void;
  error(error: unknown): void;
}

export interface WatcherOptions {
  readonly polling: boolean;
  /** Milliseconds between two looks when polling. */
  readonly intervalMs: number;
}

export class FolderWatcher {
  readonly #watcher: FSWatcher;
  /** Watched folders and what tells them from others made later at the same path. */
  readonly #folders = new Map<string, string>();
  readonly polling: boolean;

  constructor(options: WatcherOptions, events: WatcherEvents) {
    this.polling = options.polling;
    this.#watcher = new FolderEvents({
      usePolling: options.polling,
      interval: options.intervalMs,
      ignoreInitial: true,
      followSymlinks: false,
      ignored: (_path, stats) => stats !== undefined && !stats.isDirectory(),
    });
    this.#watcher.on('error', (error) => events.error(error));
    this.#watcher.on('raw', (_event, name, details) => {
      const folder = (details as { watchedPath?: unknown } | undefined)?.watchedPath;
      // A folder reports its own removal under its own name.
      if (typeof folder !== 'string' || !name || name === basename(folder)) events.changed();
      else events.touched(join(folder, name));
    });
  }

  /** Starts watching one folder (not its subfolders). */
  add(folder: string, id: string): void {
    this.#folders.set(folder, id);
    this.#watcher.add(folder);
  }

  has(folder: string): boolean {
    return this.#folders.has(folder);
  }

  /** Whether a watched folder is not among `found` any more, or is another one now. */
  isStale(found: ReadonlyMap<string, string>): boolean {
    return [...this.#folders].some(([folder, id]) => found.get(folder) !== id);
  }

  close(): Promise<void> {
    return this.#watcher.close();
  }
}

/** File systems that hide changes made by other machines (Linux, statfs(2)). */
const REMOTE_TYPES = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x65735546, // FUSE
  0x01021997, // 9p
  0x786f4256, // VirtualBox
  0x00c36400, // Ceph
  0x5346414f, // AFS
]);

/** Whether changes in the folder may come without an event. Knows Linux; elsewhere the rescan has to do. */
export async function isRemote(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const { type } = await statfs(folder);
  return REMOTE_TYPES.has(type >>> 0);
}
