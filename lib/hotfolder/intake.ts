/** Finds the files in the inbox, by events and by scans, and passes each on once it has settled. */
import { basename, relative } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MangaError } from '../errors/manga-error.ts';
import { newJobId } from '../ledger/key.ts';
import type { Candidate } from './claims.ts';
import type { Clock } from './clock.ts';
import { EventProbe } from './event-probe.ts';
import type { Folders } from './folders.ts';
import { errnoOf, ioError, show } from './io-error.ts';
import { hasExtension, isJunk, MARKER, ofMarker } from './names.ts';
import type { Settings } from './options.ts';
import { scan } from './scan.ts';
import { type FileStamp, type SettledFile, SettleTracker } from './settle.ts';
import { stampOf } from './stamp.ts';
import { FolderWatcher, isRemote } from './watcher.ts';

export interface IntakeEvents {
  /** Whether a file may be one that stays in the inbox, and is it if it has this stamp. */
  mayBeLeft(relativePath: string): boolean;
  isLeft(relativePath: string, stamp: FileStamp): boolean;
  /** Whether the queue takes more; if not, the rest waits in the folder. */
  hasRoom(): boolean;
  settled(candidates: readonly Candidate[]): void;
  /** An event came for a file: whoever has it waiting gives it up, it has to settle anew. */
  stirred(path: string): void;
  /** Whether the file waits already. */
  isWaiting(path: string): boolean;
  problem(error: MangaError): void;
  changed(): void;
}

export interface IntakeOptions {
  readonly folders: Folders;
  readonly settings: Settings & { readonly extensionSet: ReadonlySet<string> };
  readonly clock: Clock;
}

/** Time between an event that calls for a scan and that scan, so that many make one. */
const SOON_MS = 200;
/**
 * Events in one turn of the event loop after which listening stops until the next scan. All events waiting in the system
 * come in one turn: 5,000 files moved in at once held the event loop for 250 ms (measured). A scan goes in small steps.
 */
const FLOOD = 200;
/** Settled files passed on in one turn of the event loop. */
const SLICE = 500;
/** Longest time between two scans while polling: what network mounts show is old enough as it is. */
const POLLING_RESCAN_MS = 5000;

export class Intake {
  readonly #options: IntakeOptions;
  readonly #events: IntakeEvents;
  #tracker: SettleTracker | undefined;
  #watcher: FolderWatcher | undefined;
  #pollingForced = false;
  /** Events in this turn of the event loop. */
  #eventsNow = 0;
  /** Not listening because of a flood; the scan to come listens again. */
  #flooded = false;
  #probe: EventProbe | undefined;
  #scanning: Promise<void> | undefined;
  #cancelSoon: (() => void) | undefined;
  /** Names that cannot be opened, each reported once. */
  readonly #unreadable = new Set<string>();
  /** Files were left where they are because the queue was full. */
  #overflowed = false;
  #closed = false;

  constructor(options: IntakeOptions, events: IntakeEvents) {
    this.#options = options;
    this.#events = events;
  }

  get watching(): boolean {
    return this.#watcher !== undefined || this.#flooded;
  }

  get settling(): number {
    return this.#tracker?.size ?? 0;
  }

  /** Milliseconds until the next full scan is due. */
  get rescanMs(): number {
    const { rescanMs } = this.#options.settings;
    return this.#watcher?.polling ? Math.min(rescanMs, POLLING_RESCAN_MS) : rescanMs;
  }

  /** Makes sure the inbox is watched and looks through it once. Reports trouble as a problem; never rejects. */
  scan(): Promise<void> {
    this.#scanning ??= this.#scan()
      .catch((error) => this.#lose(ioError('watch', this.#options.folders.inbox, error)))
      .finally(() => {
        this.#scanning = undefined;
      });
    return this.#scanning;
  }

  /** A file that was taken has come back or could not be taken: it has to settle anew. */
  track(path: string): void {
    this.#tracker?.touch(path);
  }

  /** The queue has room again: looks for the files that it had none for. */
  refill(): void {
    if (!this.#overflowed) return;
    this.#overflowed = false;
    this.#soon();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelSoon?.();
    this.#probe?.hear();
    this.#tracker?.close();
    await this.#scanning;
    await this.#watcher?.close();
    this.#watcher = undefined;
  }

  async #scan(): Promise<void> {
    const { folders, settings } = this.#options;
    const id = await folders.prepare();
    if (this.#closed) return;
    if (!this.#watcher) await this.#watch(id);
    const options = {
      recursive: settings.recursive,
      extensions: settings.extensionSet,
      isOwn: (path: string) => folders.isOwn(path),
    };
    const present = new Map<string, string>();
    for await (const found of scan(folders.inbox, options)) {
      if (this.#closed) return;
      if (found.kind === 'folder') present.set(found.path, found.id);
      if (found.kind === 'trouble') this.#events.problem(ioError('read the folder', found.path, found.error));
      else if (found.kind === 'file') await this.#found(found.path);
      else if (this.#watcher && !this.#watcher.has(found.path)) {
        this.#watcher.add(found.path, found.id);
        // What came between the listing and the first event is found by another look.
        this.#soon();
      }
    }
    if (this.#watcher?.isStale(present)) {
      // A folder was removed, or removed and made again: the system's watch is gone with the old one.
      await this.#lose();
      this.#soon();
    }
    this.#events.changed();
  }

  async #found(path: string): Promise<void> {
    if (this.#events.isWaiting(path) || this.#tracker?.has(path)) return;
    if (path.includes('\ufffd')) this.#checkName(path);
    const relativePath = relative(this.#options.folders.inbox, path);
    if (this.#events.mayBeLeft(relativePath)) {
      const stamp = await stampOf(path);
      if (stamp && this.#events.isLeft(relativePath, stamp)) return;
    }
    if (!this.#events.hasRoom()) this.#overflowed = true;
    else this.#tracker?.see(path);
  }

  /** Names that are not UTF-8 reach us mangled: no file is found under them. */
  #checkName(path: string): void {
    if (this.#unreadable.has(path)) return;
    this.#unreadable.add(path);
    this.#events.problem(
      new MangaError(
        'IO',
        `The name of ${show(path)} may not be UTF-8; if so the file cannot be opened.`,
        'Rename it.',
      ),
    );
  }

  /** Stops watching, to start again at the next scan. */
  async #lose(error?: MangaError): Promise<void> {
    const watcher = this.#watcher;
    this.#watcher = undefined;
    if (error && !this.#closed) this.#events.problem(error);
    this.#events.changed();
    await watcher?.close();
  }

  async #watch(id: string): Promise<void> {
    const { folders, settings } = this.#options;
    const auto = settings.usePolling === 'auto';
    const polling = settings.usePolling === 'yes' || (auto && (this.#pollingForced || (await isRemote(folders.inbox))));
    this.#open(polling, id);
    const heard = await this.#hearsEvents();
    if (this.#closed || heard || polling || !auto) return;
    this.#pollingForced = true;
    await this.#watcher?.close();
    this.#open(true, id);
  }

  #open(polling: boolean, id: string): void {
    const { folders, settings, clock } = this.#options;
    const settleMs = settings.settleMs ?? (polling ? 10_000 : 2000);
    this.#tracker?.close();
    this.#tracker = new SettleTracker({
      settleMs,
      emptyMs: settings.emptyMs,
      clock,
      stat: stampOf,
      settled: (files) =>
        void this.#settled(files).catch((error) => this.#events.problem(ioError('look at', folders.inbox, error))),
      changed: () => this.#events.changed(),
      trouble: (path, error) => this.#events.problem(ioError('look at', path, error)),
    });
    const watcher = new FolderWatcher(
      { polling, intervalMs: Math.min(1000, settleMs) },
      {
        touched: (path) => this.#touched(path),
        changed: () => this.#soon(),
        error: (error) => {
          if (this.#watcher !== watcher) return;
          // Out of watches: polling needs none.
          if (['ENOSPC', 'EMFILE'].includes(errnoOf(error))) this.#pollingForced = true;
          void this.#lose(ioError('watch', folders.inbox, error));
        },
      },
    );
    this.#watcher = watcher;
    this.#flooded = false;
    watcher.add(folders.inbox, id);
  }

  /** Whether events arrive. Until that is known, events may be missed. */
  async #hearsEvents(): Promise<boolean> {
    if (this.#watcher?.polling) return true;
    this.#probe = new EventProbe();
    try {
      return await this.#probe.run(this.#options.folders.inbox, this.#options.clock);
    } finally {
      this.#probe = undefined;
    }
  }

  #touched(path: string): void {
    const name = basename(path);
    if (this.#isFlood()) return;
    if (name === this.#probe?.name) this.#probe.hear();
    if (this.#closed || isJunk(name) || this.#options.folders.isOwn(path)) return;
    if (hasExtension(name, this.#options.settings.extensionSet)) {
      this.#events.stirred(path);
      if (this.#events.hasRoom() || this.#tracker?.has(path)) this.#tracker?.touch(path);
      else this.#overflowed = true;
    } else if (this.#options.settings.markers && ofMarker(path) !== undefined) {
      this.#tracker?.see(ofMarker(path)!);
    } else if (this.#options.settings.recursive) {
      this.#soon();
    }
  }

  #isFlood(): boolean {
    if (this.#flooded) return true;
    if (this.#eventsNow++ === 0)
      setImmediate(() => {
        this.#eventsNow = 0;
      });
    if (this.#eventsNow < FLOOD) return false;
    this.#flooded = true;
    // Events do arrive, whether that of the probe is among them or not.
    this.#probe?.hear();
    void this.#lose();
    this.#soon();
    return true;
  }

  #soon(): void {
    if (this.#closed) return;
    this.#cancelSoon ??= this.#options.clock.after(SOON_MS, async () => {
      this.#cancelSoon = undefined;
      // A scan under way may have passed the place already.
      await this.#scanning;
      await this.scan();
    });
  }

  /** In slices: 20,000 files settle together, and each turn of the event loop must be short. */
  async #settled(files: readonly SettledFile[]): Promise<void> {
    const { folders, settings } = this.#options;
    const enqueuedAt = Date.now();
    for (let from = 0; from < files.length && !this.#closed; from += SLICE) {
      if (from > 0) await turn();
      const candidates: Candidate[] = [];
      for (const { path, stamp } of files.slice(from, from + SLICE)) {
        const relativePath = relative(folders.inbox, path);
        if (this.#events.isLeft(relativePath, stamp)) continue;
        if (settings.markers && !(await stampOf(path + MARKER))) continue;
        candidates.push({ id: newJobId(), path, relativePath, stamp, mtimeMs: stamp.mtimeMs, enqueuedAt });
      }
      if (candidates.length > 0) this.#events.settled(candidates);
    }
  }
}
