/**
 * A watched folder whose pictures become jobs: settle, queue, claim, hand out, and file away when the flow says how it
 * went. Whatever stops in between, a file is always in exactly one of inbox, `.work`, done or failed.
 */
import { MangaError } from '../errors/manga-error.ts';
import { type Candidate, type Claim, ClaimStore, nameOf } from './claims.ts';
import { type Clock, systemClock } from './clock.ts';
import { Filing } from './filing.ts';
import { Flights } from './flights.ts';
import { Folders } from './folders.ts';
import { refusalOf, wearinessOf } from './gate.ts';
import { Intake } from './intake.ts';
import { ioError, isGone, isPassing, show } from './io-error.ts';
import { LeftFiles } from './left-files.ts';
import { Listeners } from './listeners.ts';
import { type HotFolderOptions, parseOptions } from './options.ts';
import { FileQueue } from './queue.ts';
import type { FailureReport, FolderState, HotFolderEvents, Probe } from './types.ts';

/** Everything that exists only between start and close. */
interface Rooms {
  readonly folders: Folders;
  readonly claims: ClaimStore;
  readonly left: LeftFiles;
  readonly intake: Intake;
  readonly filing: Filing;
}

/** Inboxes open in this process: two hot folders on one would take each other's claims for leftovers. */
const openInboxes = new Set<string>();
/** Claims that may fail in a row before the queue rests until the next rescan. */
const CLAIM_FAILURES = 3;

export class HotFolder {
  readonly #settings: ReturnType<typeof parseOptions>;
  readonly #probe: Probe;
  readonly #clock: Clock;
  readonly #listeners: Listeners;
  #rooms: Rooms | undefined;
  #open = false;
  #closing: Promise<void> | undefined;
  /** Nothing is claimed before the claims an earlier run left are known. */
  #recovered = false;
  readonly #queue = new FileQueue<Candidate | Claim>();
  readonly #flights: Flights;
  /** Tried again at the next rescan: files that could not be claimed or probed. */
  #again: (() => unknown)[] = [];
  /** Work under way that close() waits for. */
  readonly #busy = new Set<Promise<unknown>>();
  /** Claims that wait for the next rescan, or for close() to release them. */
  readonly #held = new Set<Claim>();
  #pumping = false;
  #claimFailures = 0;
  #cancelRescan: (() => void) | undefined;

  /** @throws MangaError BAD_SETTING */
  constructor(options: HotFolderOptions, events: HotFolderEvents) {
    this.#settings = parseOptions(options);
    this.#probe = options.probe;
    this.#clock = options.clock ?? systemClock;
    this.#listeners = new Listeners(events);
    this.#flights = new Flights(this.#clock);
  }

  /**
   * Starts watching; resolves after the first look at the folders. A folder that cannot be used is reported as a problem
   * and tried again at each rescan.
   * @throws MangaError BAD_SETTING if the folders cannot be used together, or the inbox is open already
   */
  async start(): Promise<void> {
    if (this.#rooms || this.#closing) throw new MangaError('INTERNAL', 'A hot folder is started once.');
    const folders = await Folders.resolve(this.#settings);
    if (this.#closing) return;
    if (openInboxes.has(folders.inbox)) {
      const hint = 'Choose another folder, or remove one of the two nodes.';
      throw new MangaError('BAD_SETTING', `Another hot folder watches ${show(folders.inbox)} already.`, hint);
    }
    openInboxes.add(folders.inbox);
    const left = new LeftFiles(folders);
    const intake = new Intake(
      { folders, left, settings: this.#settings, clock: this.#clock },
      {
        settled: (candidates) => this.#enqueue(candidates),
        stirred: (path) => void (this.#queue.remove(path) && this.#changed()),
        isWaiting: (path) => this.#queue.has(path),
        problem: (error) => this.#listeners.problem(error),
        changed: () => this.#changed(),
      },
    );
    const claims = new ClaimStore(folders);
    const { doneAction } = this.#settings;
    const changed = () => this.#changed();
    const filing = new Filing({ folders, left, claims, doneAction, listeners: this.#listeners, changed });
    this.#rooms = { folders, left, intake, claims, filing };
    this.#open = true;
    await this.#track(this.#rescan(this.#rooms));
  }

  /** How many files are where. */
  counts(): FolderState {
    return {
      watching: this.#rooms?.intake.watching ?? false,
      settling: this.#rooms?.intake.settling ?? 0,
      queued: this.#queue.size,
      inFlight: this.#flights.size,
      done: this.#rooms?.filing.doneCount ?? 0,
      failed: this.#rooms?.filing.failedCount ?? 0,
      oldestQueuedAt: this.#queue.oldestQueuedAt,
    };
  }

  /**
   * Acknowledges a job that succeeded and makes room for the next. Resolves when the original is filed away, or when that
   * failed (which is a problem, tried again at each rescan).
   * @param outputs the clips written; checked before `doneAction: delete` deletes the original
   * @throws MangaError BAD_INPUT if no such job is out
   */
  async complete(jobId: string, outputs: string[]): Promise<void> {
    const { claim, rooms } = this.#land(jobId, 'been completed');
    await this.#track(rooms.filing.done(claim, outputs));
  }

  /**
   * Acknowledges a job that failed and makes room for the next. The original goes to the failed folder with its report.
   * @param error what the flow threw: any value, also a catch node's `msg.error`
   * @throws MangaError BAD_INPUT if no such job is out
   */
  async fail(jobId: string, error: unknown): Promise<FailureReport> {
    const { claim, rooms } = this.#land(jobId, 'been failed');
    return this.#track(rooms.filing.failed(claim, error, jobId));
  }

  /** Stops. Files under work stay claimed; the next hot folder on this inbox takes them up. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const rooms = this.#rooms;
    this.#open = false;
    this.#cancelRescan?.();
    const out = this.#flights.clear();
    if (!rooms) return;
    await rooms.intake.close();
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    const held = [...out, ...this.#held, ...rooms.filing.unfiled];
    // A claim that cannot be marked is taken up all the same; it only counts one attempt more.
    await Promise.allSettled(held.map((claim) => rooms.claims.release(claim)));
    openInboxes.delete(rooms.folders.inbox);
  }

  /** Takes a job off the list of those out; its place is free at once. */
  #land(jobId: string, how: string): { claim: Claim; rooms: Rooms } {
    const rooms = this.#rooms;
    if (!this.#open || !rooms) {
      const message = `The hot folder is closed; job ${show(String(jobId))} cannot be acknowledged.`;
      throw new MangaError('CANCELLED', message, 'Its file is taken up again at the next start.');
    }
    const claim = this.#flights.land(jobId, how);
    this.#pump();
    return { claim, rooms };
  }

  /** Fails a file nobody in the flow knows of. */
  async #reject({ filing }: Rooms, claim: Claim, error: unknown, job?: string): Promise<void> {
    this.#listeners.problem(error instanceof MangaError ? error : ioError('read', claim.sourcePath, error));
    await filing.failed(claim, error, job);
  }

  #enqueue(items: readonly (Candidate | Claim)[]): void {
    for (const item of items) this.#queue.put(item);
    this.#changed();
    this.#pump();
  }

  /** Claims and hands out while there is room. One at a time: a claim is quick, and the order stays. */
  #pump(): void {
    const rooms = this.#rooms;
    if (this.#pumping || !rooms || !this.#recovered) return;
    this.#pumping = true;
    const run = async () => {
      while (this.#open && this.#flights.size < this.#settings.maxInFlight && this.#claimFailures < CLAIM_FAILURES) {
        const item = this.#queue.take();
        if (!item) break;
        await this.#launch(rooms, item);
        this.#changed();
      }
      this.#pumping = false;
    };
    void this.#track(run());
  }

  async #launch(rooms: Rooms, item: Candidate | Claim): Promise<void> {
    try {
      const taken = await this.#claim(rooms, item);
      this.#claimFailures = 0;
      if (taken) await this.#admit(rooms, taken.claim, taken.refusal);
    } catch (error) {
      if (isGone(error)) return;
      this.#claimFailures++;
      this.#listeners.problem(ioError('take', item.path, error));
      this.#again.push(() => ('stamp' in item ? rooms.intake.track(item.path) : this.#enqueue([item])));
    }
  }

  async #claim(rooms: Rooms, item: Candidate | Claim): Promise<{ claim: Claim; refusal?: MangaError } | undefined> {
    const { claims, folders, intake } = rooms;
    if (!('stamp' in item)) {
      const claim = item.recovered ? await claims.renew(item) : item;
      return { claim, refusal: wearinessOf(claim, this.#settings.maxAttempts) };
    }
    // Its folder has become a link: the file is another's now.
    if (!(await folders.isJailed(item.path))) return undefined;
    const refusal = await refusalOf(item, folders);
    const claim = await claims.take(item);
    if (claim === 'changed') intake.track(item.path);
    return typeof claim === 'string' ? undefined : { claim, refusal };
  }

  /** Hands a claimed file out, unless the gates refuse it. */
  async #admit(rooms: Rooms, claim: Claim, refusal: MangaError | undefined): Promise<void> {
    try {
      if (refusal) throw refusal;
      await this.#probe(claim.path);
    } catch (error) {
      if (!isPassing(error)) return this.#reject(rooms, claim, error);
      this.#listeners.problem(ioError('look into', claim.sourcePath, error));
      this.#held.add(claim);
      this.#again.push(() => this.#held.delete(claim) && this.#enqueue([claim]));
      return;
    }
    // Closed meanwhile: it is released with the others.
    if (this.#open) this.#handOut(rooms, claim);
    else this.#held.add(claim);
  }

  #handOut(rooms: Rooms, claim: Claim): void {
    const { id, relativePath, path, sourcePath, size, attempt, enqueuedAt } = claim;
    const { jobTimeoutMs } = this.#settings;
    const abort = (error: MangaError, how: string) => {
      this.#land(id, how);
      void this.#track(this.#reject(rooms, claim, error, id));
    };
    this.#flights.start(claim, jobTimeoutMs, () => {
      const message = `${show(relativePath)}: the flow did not acknowledge within ${jobTimeoutMs / 1000} s.`;
      const hint = "Wire the clip node's output and a catch node back to the hot-folder node.";
      abort(new MangaError('TIMEOUT', message, hint), 'timed out');
    });
    this.#changed();
    const job = { id, name: nameOf(claim), relativePath, claimedPath: path, sourcePath, size, attempt, enqueuedAt };
    const error = this.#listeners.job(job);
    if (error && this.#flights.has(id)) abort(error, 'been failed');
  }

  /** The regular look at everything: retries, leftovers, the inbox. Arms the next one. */
  async #rescan(rooms: Rooms): Promise<void> {
    const again = this.#again;
    this.#again = [];
    this.#claimFailures = 0;
    for (const retry of again) retry();
    await rooms.filing.retry();
    if (!this.#recovered) await this.#recover(rooms);
    if (this.#recovered) await rooms.intake.scan();
    this.#pump();
    if (!this.#open) return;
    this.#cancelRescan = this.#clock.after(rooms.intake.rescanMs, () => void this.#track(this.#rescan(rooms)));
  }

  /** Takes up what an earlier run left. Once: later the claims there are our own. */
  async #recover({ claims, left, folders }: Rooms): Promise<void> {
    try {
      await folders.prepare();
      await left.load();
      const found = await claims.recover((path, error) => this.#listeners.problem(ioError('take up', path, error)));
      this.#recovered = true;
      this.#enqueue(found);
    } catch (error) {
      this.#listeners.problem(ioError('take up the files left in', folders.work, error));
      this.#changed();
    }
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
