/**
 * A watched folder whose pictures become jobs: settle, queue, claim, hand out, and file away when the flow says how it
 * went. Whatever stops in between, a file is always in exactly one of inbox, `.work`, done or failed, and the ledger knows
 * what came of it.
 */
import { join, resolve } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { FileLedger } from '../ledger/ledger.ts';
import type { JobRecord, LedgerQuery, Recipe } from '../ledger/types.ts';
import { Actions, CANCELLED } from './actions.ts';
import { mayPass } from './back-off.ts';
import { type Candidate, type Claim, ClaimStore } from './claims.ts';
import { type Clock, systemClock } from './clock.ts';
import { DiskGuard } from './disk-guard.ts';
import { Dispatcher } from './dispatcher.ts';
import { Filing } from './filing.ts';
import { Flights } from './flights.ts';
import { Folders, realPath } from './folders.ts';
import { Intake } from './intake.ts';
import { ioError, isDiskFull, show } from './io-error.ts';
import { Listeners } from './listeners.ts';
import { type HotFolderOptions, parseOptions } from './options.ts';
import { recordsIn } from './rebuild.ts';
import type { Rooms } from './rooms.ts';
import { removeClips } from './sidecar.ts';
import { Thumbs } from './thumbs.ts';
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
  #rooms: Rooms | undefined;
  #dispatcher: Dispatcher | undefined;
  #actions: Actions | undefined;
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
    const { intake, flights, filing, disk } = this.#rooms ?? {};
    const dispatcher = this.#dispatcher;
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
    return this.#rooms?.ledger.list(query) ?? [];
  }

  job(id: string): JobRecord | undefined {
    return this.#rooms?.ledger.get(id);
  }

  /** The files that wait in the folder, in order of arrival, at most `count`: they are in no ledger yet. */
  waiting(count: number): JobRecord[] {
    return [...(this.#dispatcher?.queue.first(count) ?? [])]
      .filter(({ id }) => !this.#rooms!.ledger.get(id))
      .map((item) => {
        const size = 'stamp' in item ? item.stamp.size : item.size;
        return { id: item.id, state: 'waiting', name: item.relativePath, size, at: item.enqueuedAt, attempts: 0 };
      });
  }

  /** Path of the small picture of a job's photo, WebP; undefined if there is none. */
  thumbnail(id: string): string | undefined {
    const thumbs = this.#rooms?.thumbs;
    return thumbs?.has(id) ? thumbs.path(id) : undefined;
  }

  /**
   * Acknowledges a job that succeeded and makes room for the next. Resolves when the original is filed away, or when that
   * failed (which is a problem, tried again at each rescan). The clip of a job that was cancelled meanwhile is removed.
   * @param outputs the clips written; checked before `doneAction: delete` deletes the original
   * @param handOut of the job, to refuse answers to an earlier hand-out
   * @throws MangaError BAD_INPUT if no such job is out
   */
  async complete(jobId: string, outputs: readonly string[], handOut?: string): Promise<void> {
    if (this.#rooms?.flights.hasEnded(jobId, CANCELLED)) return removeClips(outputs, jobId);
    const { claim, milliseconds, rooms, dispatcher } = this.#land(jobId, 'been completed', handOut);
    rooms.disk.relax();
    // The next need not wait until this one is filed away.
    dispatcher.pump();
    const real = await Promise.all(outputs.map((path) => realPath(resolve(path)).catch(() => path)));
    await this.#track(
      rooms.filing.done(claim, { outputs: real, milliseconds }).finally(() => dispatcher.landed(claim)),
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
    if (this.#rooms?.flights.hasEnded(jobId, CANCELLED)) return undefined;
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
    this.#dispatcher?.stop();
    this.#rooms?.disk.close();
    const out = this.#rooms?.flights.clear() ?? [];
    await this.#rooms?.intake.close();
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    if (this.#rooms) await this.#letGo(this.#rooms, out);
    if (this.#folders) openInboxes.delete(this.#folders.inbox);
  }

  /** Marks what stays claimed as given back in good order; should that fail, it only counts one attempt more. */
  async #letGo({ claims, filing, ledger }: Rooms, out: readonly Claim[]): Promise<void> {
    const back = out.map(async ({ id }) => {
      const record = ledger.get(id);
      if (record) await ledger.put({ ...record, state: 'waiting', attempts: record.attempts - 1 });
    });
    const held = [...out, ...(this.#dispatcher?.kept() ?? []), ...filing.unfiled];
    await Promise.allSettled([...back, ...held.map((claim) => claims.release(claim))]);
    await ledger.close().catch(() => undefined);
  }

  /** Takes a job off the list of those out; its place is free at once. */
  #land(jobId: string, how: string, handOut: string | undefined) {
    const { rooms, dispatcher } = this.#opened(`job ${show(String(jobId))} cannot be acknowledged`);
    return { ...rooms.flights.land(jobId, how, handOut), rooms, dispatcher };
  }

  #opened(what: string) {
    if (!this.#rooms || !this.#dispatcher || !this.#actions || this.#closing) {
      const message = `The hot folder is closed; ${what}.`;
      throw new MangaError('CANCELLED', message, 'Its files are taken up again at the next start.');
    }
    return { rooms: this.#rooms, dispatcher: this.#dispatcher, actions: this.#actions };
  }

  async #act(work: (actions: Actions) => Promise<number>): Promise<number> {
    return this.#track(work(this.#opened('nothing can be asked of it').actions));
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused;
    if (this.#dispatcher) {
      this.#dispatcher.paused = paused;
      this.#dispatcher.pump();
    }
    this.#changed();
  }

  /** The regular look at everything: retries, leftovers, the inbox. Arms the next one. */
  async #rescan(folders: Folders): Promise<void> {
    try {
      await folders.prepare();
      if (!this.#rooms) await this.#open(folders);
      await this.#rooms?.ledger.mend();
    } catch (error) {
      this.#listeners.problem(ioError('use the hot folder', folders.inbox, error));
      this.#changed();
    }
    if (this.#rooms) {
      await this.#rooms.filing.retry();
      await this.#rooms.intake.scan();
      this.#dispatcher?.retry();
    }
    if (this.#closing) return;
    const delay = this.#rooms?.intake.rescanMs ?? this.#settings.rescanMs;
    this.#cancelRescan = this.#clock.after(delay, () => void this.#track(this.#rescan(folders)));
  }

  /** Reads the ledger, takes up what an earlier run left. */
  async #open(folders: Folders): Promise<void> {
    const claims = new ClaimStore(folders);
    const ledger = await FileLedger.open({
      path: join(folders.hidden, 'ledger.jsonl'),
      rebuild: () => recordsIn(folders),
      corrupt: (aside, lines, rebuilt) => {
        const message = `The ledger of ${show(folders.inbox)} was damaged in ${lines} places; ${rebuilt} jobs were read back from the folders.`;
        this.#listeners.problem(new MangaError('IO', message, `The damaged one is ${show(aside)}.`));
      },
    });
    const found = await claims.recover((path, error) => this.#listeners.problem(ioError('take up', path, error)));
    const rooms = this.#furnish(folders, claims, ledger);
    await rooms.thumbs.load();
    const dispatcher = new Dispatcher(rooms);
    const actions = new Actions(rooms, dispatcher);
    const resumed = await actions.resume(found);
    this.#rooms = rooms;
    this.#dispatcher = dispatcher;
    this.#actions = actions;
    dispatcher.paused = this.#paused;
    dispatcher.ready = true;
    dispatcher.enqueue([...found, ...resumed]);
  }

  #furnish(folders: Folders, claims: ClaimStore, ledger: FileLedger): Rooms {
    const { doneAction, maxQueue } = this.#settings;
    const listeners = this.#listeners;
    const changed = () => this.#changed();
    const recipe = async () => (await this.#options.recipe?.()) ?? NO_RECIPE;
    const disk = new DiskGuard({
      clock: this.#clock,
      folders: () => [folders.hidden, folders.done, folders.failed, ...folders.outDirs],
      full: changed,
      room: () => {
        changed();
        void this.#track((async () => this.#rooms?.filing.retry())().then(() => this.#dispatcher?.retry()));
      },
    });
    const refused = (error: MangaError) => void (isDiskFull(error) && disk.report());
    const filing = new Filing({ folders, claims, ledger, doneAction, listeners, recipe, changed, refused });
    const intake = new Intake(
      { folders, settings: this.#settings, clock: this.#clock },
      {
        settled: (candidates: readonly Candidate[]) => this.#dispatcher?.enqueue(candidates),
        stirred: (path) => void (this.#dispatcher?.queue.remove(path) && changed()),
        isWaiting: (path) => this.#dispatcher?.queue.has(path) ?? false,
        hasRoom: () => (this.#dispatcher?.queue.size ?? 0) + (this.#rooms?.intake.settling ?? 0) < maxQueue,
        mayBeLeft: (name) => ledger.findLeft(name) !== undefined,
        isLeft: (name, { size, mtimeMs, ino }) => {
          const left = ledger.findLeft(name)?.left;
          return left !== undefined && left[1] === size && left[2] === mtimeMs && left[3] === ino;
        },
        problem: (error) => listeners.problem(error),
        changed,
      },
    );
    return {
      settings: this.#settings,
      probe: this.#options.probe,
      clock: this.#clock,
      flights: new Flights(this.#clock),
      thumbs: new Thumbs(folders),
      track: (work) => this.#track(work),
      ...{ folders, ledger, claims, filing, intake, disk, listeners, recipe, changed },
    };
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
