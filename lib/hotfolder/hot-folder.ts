/**
 * A watched folder whose pictures become jobs: settle, queue, claim, hand out, and file away when the flow says how it
 * went. Whatever stops in between, a file is always in exactly one of inbox, `.work`, done or failed, and the ledger knows
 * what came of it.
 */
import { resolve } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import type { JobRecord, JobState, LedgerQuery, Recipe } from '../ledger/types.ts';
import type { StillView } from '../motion/still-view.ts';
import { type Actions, CANCELLED } from './actions.ts';
import { mayPass } from './back-off.ts';
import type { Claim } from './claims.ts';
import { type Clock, systemClock } from './clock.ts';
import { type Desk, openDesk } from './desk.ts';
import { Folders, realPath } from './folders.ts';
import { ioError, show } from './io-error.ts';
import { Listeners } from './listeners.ts';
import { type HotFolderOptions, parseOptions } from './options.ts';
import { originalOf } from './original.ts';
import { removeClips } from './sidecar.ts';
import type { FailureReport, FolderState, HotFolderEvents } from './types.ts';

/** Inboxes open in this process: two hot folders on one would take each other's claims for leftovers. */
const openInboxes = new Set<string>();

const NO_RECIPE: Recipe = { version: '', model: '', settings: null };

export class HotFolder {
  readonly #options: HotFolderOptions;
  readonly #settings: ReturnType<typeof parseOptions>;
  readonly #clock: Clock;
  readonly #listeners: Listeners;
  #folders: Folders | undefined;
  #desk: Desk | undefined;
  #closing: Promise<void> | undefined;
  /** Work under way that close() waits for. */
  readonly #busy = new Set<Promise<unknown>>();
  #paused = false;
  #cancelRescan: (() => void) | undefined;

  /** @throws MangaError BAD_SETTING */
  constructor(options: HotFolderOptions, events: HotFolderEvents) {
    this.#settings = parseOptions(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#listeners = new Listeners(events);
  }

  /**
   * Starts watching; resolves after the first look at the folders. A folder that cannot be used is reported as a problem
   * and tried again at each rescan.
   * @throws MangaError BAD_SETTING if the folders cannot be used together, or the inbox is open already
   */
  async start(): Promise<void> {
    if (this.#folders || this.#closing) throw new MangaError('INTERNAL', 'A hot folder is started once.');
    const folders = await Folders.resolve(this.#settings);
    if (this.#closing) return;
    if (openInboxes.has(folders.inbox)) {
      const hint = 'Choose another folder, or remove one of the two nodes.';
      throw new MangaError('BAD_SETTING', `Another hot folder watches ${show(folders.inbox)} already.`, hint);
    }
    openInboxes.add(folders.inbox);
    this.#folders = folders;
    await this.#track(this.#rescan(folders));
  }

  /** How many files are where. */
  counts(): FolderState {
    const { dispatcher, rooms } = this.#desk ?? {};
    const { intake, flights, filing, disk } = rooms ?? {};
    return {
      watching: intake?.watching ?? false,
      paused: this.#paused ? 'user' : disk?.isFull ? 'disk-full' : null,
      settling: intake?.settling ?? 0,
      queued: dispatcher?.waiting ?? 0,
      inFlight: flights?.size ?? 0,
      retrying: dispatcher?.retrying ?? 0,
      done: filing?.doneCount ?? 0,
      failed: filing?.failedCount ?? 0,
      skipped: filing?.skippedCount ?? 0,
      oldestQueuedAt: dispatcher?.queue.oldestQueuedAt ?? null,
    };
  }

  /** Output folders, absolute, links resolved; known once it is started. */
  get outDirs(): readonly string[] {
    return this.#folders?.outDirs ?? [];
  }

  /** The jobs of the ledger, newest first. */
  jobs(query?: LedgerQuery): JobRecord[] {
    return this.#desk?.rooms.ledger.list(query) ?? [];
  }

  job(id: string): JobRecord | undefined {
    return this.#desk?.rooms.ledger.get(id);
  }

  /** The files that wait in the folder, in order of arrival, at most `count`: they are in no ledger yet. */
  waiting(count: number): JobRecord[] {
    return [...(this.#desk?.dispatcher.queue.first(count) ?? [])]
      .filter(({ id }) => !this.#desk?.rooms.ledger.get(id))
      .map((item) => {
        const size = 'stamp' in item ? item.stamp.size : item.size;
        return { id: item.id, state: 'waiting', name: item.relativePath, size, at: item.enqueuedAt, attempts: 0 };
      });
  }

  /** Path of the small picture of a job's photo, WebP; undefined if there is none. */
  thumbnail(id: string): string | undefined {
    const thumbs = this.#desk?.rooms.thumbs;
    return thumbs?.has(id) ? thumbs.path(id) : undefined;
  }

  /** Path of a job's photo where it was filed away; undefined if it is not there. */
  async original(id: string): Promise<string | undefined> {
    const record = this.job(id);
    return record && this.#folders && originalOf(record, this.#folders);
  }

  /** How many jobs of the ledger ended how, also before this start. */
  totals(): Record<'done' | 'failed' | 'skipped' | 'cancelled', number> {
    const count = (state: JobState): number => this.#desk?.rooms.ledger.count(state) ?? 0;
    return { done: count('done'), failed: count('failed'), skipped: count('skipped'), cancelled: count('cancelled') };
  }

  /**
   * Acknowledges a job that succeeded and makes room for the next. Resolves when the original is filed away, or when that
   * failed (which is a problem, tried again at each rescan). The clip of a job that was cancelled meanwhile is removed.
   * @param outputs the clips written; checked before `doneAction: delete` deletes the original
   * @param handOut of the job, to refuse answers to an earlier hand-out
   * @param still of the clip, for its sidecar
   * @throws MangaError BAD_INPUT if no such job is out
   */
  async complete(jobId: string, outputs: readonly string[], handOut?: string, still?: StillView): Promise<void> {
    if (this.#desk?.rooms.flights.hasEnded(jobId, CANCELLED)) return removeClips(outputs, jobId);
    const { claim, milliseconds, rooms, dispatcher } = this.#land(jobId, 'been completed', handOut);
    rooms.disk.relax();
    // The next need not wait until this one is filed away.
    dispatcher.pump();
    const real = await Promise.all(outputs.map((path) => realPath(resolve(path)).catch(() => path)));
    await this.#track(
      rooms.filing.done(claim, { outputs: real, milliseconds, still }).finally(() => dispatcher.landed(claim)),
    );
  }

  /**
   * Acknowledges a job that failed and makes room for the next. What may pass (memory, session crashed, disk full) is tried
   * again after a while; otherwise the original goes to the failed folder with its report.
   * @param error what the flow threw: any value, also a catch node's `msg.error`
   * @returns the report; undefined if it is tried again
   * @throws MangaError BAD_INPUT if no such job is out
   */
  async fail(jobId: string, error: unknown, handOut?: string): Promise<FailureReport | undefined> {
    if (this.#desk?.rooms.flights.hasEnded(jobId, CANCELLED)) return undefined;
    const { claim, rooms, dispatcher } = this.#land(jobId, 'been failed', handOut);
    const { filing } = rooms;
    const file = async () => (mayPass(error) ? dispatcher.tryLater(claim, error) : filing.failed(claim, error));
    return this.#track(file().finally(() => dispatcher.landed(claim)));
  }

  /** Hands nothing out until {@link resume}; what is out comes back as ever. */
  pause(): void {
    this.#setPaused(true);
  }

  resume(): void {
    this.#setPaused(false);
  }

  /** See {@link Actions.again}; without an id all that failed. @returns how many jobs go back to work. @throws MangaError BAD_INPUT */
  retry(id?: string): Promise<number> {
    return this.#act((actions) => (id === undefined ? actions.retryAll() : actions.again(id, 'retry').then(() => 1)));
  }

  /** Draws a done job again, without an id all that another recipe drew. @returns how many. @throws MangaError BAD_INPUT */
  redo(id?: string): Promise<number> {
    return this.#act((actions) =>
      id === undefined ? actions.redoOutdated() : actions.again(id, 'redo').then(() => 1),
    );
  }

  /** See {@link Actions.cancel}. @throws MangaError BAD_INPUT */
  cancel(id: string): Promise<number> {
    return this.#act((actions) => actions.cancel(id).then(() => 1));
  }

  /** Stops. Files under work stay claimed; the next hot folder on this inbox takes them up. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#cancelRescan?.();
    this.#desk?.dispatcher.stop();
    this.#desk?.rooms.disk.close();
    const out = this.#desk?.rooms.flights.clear() ?? [];
    await this.#desk?.rooms.intake.close();
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    if (this.#desk) await this.#letGo(this.#desk, out);
    if (this.#folders) openInboxes.delete(this.#folders.inbox);
  }

  /** Marks what stays claimed as given back in good order; should that fail, it only counts one attempt more. */
  async #letGo({ rooms: { claims, filing, ledger }, dispatcher }: Desk, out: readonly Claim[]): Promise<void> {
    const back = out.map(async ({ id }) => {
      const record = ledger.get(id);
      if (record) await ledger.put({ ...record, state: 'waiting', attempts: record.attempts - 1 });
    });
    const held = [...out, ...dispatcher.kept(), ...filing.unfiled];
    await Promise.allSettled([...back, ...held.map((claim) => claims.release(claim))]);
    await ledger.close().catch(() => undefined);
  }

  /** Takes a job off the list of those out; its place is free at once. */
  #land(jobId: string, how: string, handOut: string | undefined) {
    const { rooms, dispatcher } = this.#opened(`job ${show(String(jobId))} cannot be acknowledged`);
    return { ...rooms.flights.land(jobId, how, handOut), rooms, dispatcher };
  }

  #opened(what: string) {
    if (!this.#desk || this.#closing) {
      const message = `The hot folder is closed; ${what}.`;
      throw new MangaError('CANCELLED', message, 'Its files are taken up again at the next start.');
    }
    return this.#desk;
  }

  async #act(work: (actions: Actions) => Promise<number>): Promise<number> {
    return this.#track(work(this.#opened('nothing can be asked of it').actions));
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    if (this.#desk) {
      this.#desk.dispatcher.paused = paused;
      this.#desk.dispatcher.pump();
    }
    this.#changed();
  }

  /** The regular look at everything: retries, leftovers, the inbox. Arms the next one. */
  async #rescan(folders: Folders): Promise<void> {
    try {
      await folders.prepare();
      if (!this.#desk) await this.#open(folders);
      await this.#desk?.rooms.ledger.mend();
    } catch (error) {
      this.#listeners.problem(ioError('use the hot folder', folders.inbox, error));
      this.#changed();
    }
    if (this.#closing) return;
    if (this.#desk) {
      await this.#desk.rooms.filing.retry();
      await this.#desk.rooms.intake.scan();
      this.#desk.dispatcher.retry();
    }
    if (this.#closing) return;
    const delay = this.#desk?.rooms.intake.rescanMs ?? this.#settings.rescanMs;
    this.#cancelRescan = this.#clock.after(delay, () => void this.#track(this.#rescan(folders)));
  }

  async #open(folders: Folders): Promise<void> {
    this.#desk = await openDesk({
      folders,
      settings: this.#settings,
      probe: this.#options.probe,
      recipe: async () => (await this.#options.recipe?.()) ?? NO_RECIPE,
      clock: this.#clock,
      listeners: this.#listeners,
      changed: () => this.#changed(),
      track: (work) => this.#track(work),
    });
    const { dispatcher } = this.#desk;
    dispatcher.paused = this.#paused;
    if (this.#closing) dispatcher.stop();
    else dispatcher.begin();
  }

  #track<R>(work: Promise<R>): Promise<R> {
    this.#busy.add(work);
    const forget = () => void this.#busy.delete(work);
    work.then(forget, forget);
    return work;
  }

  #changed(): void {
    this.#listeners.state(this.counts());
  }
}
