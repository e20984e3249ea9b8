/**
 * From the queue to the flow: claims the next file, looks whether it may become a job, hands it out, and takes it back when
 * it failed by what may pass.
 */
import { randomBytes } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { MangaError } from '../errors/manga-error.ts';
import { hashFile, hashRecipe, keyOf } from '../ledger/key.ts';
import { type JobKey, type JobRecord, OVER, type Recipe } from '../ledger/types.ts';
import { backOffMs } from './back-off.ts';
import { type Candidate, type Claim, nameOf } from './claims.ts';
import { refusalOf, wearinessOf } from './gate.ts';
import { ioError, isDiskFull, isGone, isPassing, show } from './io-error.ts';
import { exists } from './move.ts';
import { MARKER } from './names.ts';
import { FileQueue } from './queue.ts';
import { makeReport } from './report.ts';
import type { Rooms } from './rooms.ts';
import type { FailureReport } from './types.ts';

/** Claims that may fail in a row before the queue rests until the next rescan. */
const CLAIM_FAILURES = 3;

function isCandidate(item: Candidate | Claim): item is Candidate {
  return 'stamp' in item;
}

export class Dispatcher {
  readonly #rooms: Rooms;
  readonly queue: FileQueue<Candidate | Claim>;
  #open = true;
  #begun = false;
  paused = false;
  #pumping = false;
  #claimFailures = 0;
  /** Tried again at the next rescan: files that could not be claimed or looked into. */
  #again: (() => unknown)[] = [];
  /** Claims that wait for a rescan, for their next try, or for close() to release them; with what ends the wait early. */
  readonly #held = new Map<Claim, () => void>();
  /** Claims whose picture is being drawn for another job: the key decides when that is over. */
  readonly #twins = new Map<JobKey, Claim[]>();
  /** Keys of the jobs that are out. */
  readonly #keys = new Map<string, JobKey>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
    this.queue = new FileQueue(rooms.settings.order);
  }

  get retrying(): number {
    return this.#held.size;
  }

  /** Files that wait for their turn. */
  get waiting(): number {
    let twins = 0;
    for (const each of this.#twins.values()) twins += each.length;
    return this.queue.size + twins;
  }

  /** Nothing is claimed before this. */
  begin(): void {
    this.#begun = true;
    this.pump();
  }

  enqueue(items: readonly (Candidate | Claim)[]): void {
    for (const item of items) this.queue.put(item);
    this.#rooms.changed();
    this.pump();
  }

  /** Tries again what waits for a rescan. */
  retry(): void {
    const again = this.#again;
    this.#again = [];
    this.#claimFailures = 0;
    for (const each of again) each();
    this.pump();
  }

  /** Claims and hands out while there is room. One at a time: a claim is quick, and the order stays. */
  pump(): void {
    if (this.#pumping || !this.#begun) return;
    this.#pumping = true;
    const run = async () => {
      const { flights, settings, intake, changed } = this.#rooms;
      while (this.#isFree() && flights.size < settings.maxInFlight && this.#claimFailures < CLAIM_FAILURES) {
        const item = this.queue.take();
        if (!item) break;
        await this.#launch(item);
        if (this.queue.size < settings.maxQueue / 2) intake.refill();
        changed();
      }
      this.#pumping = false;
    };
    void this.#rooms.track(run());
  }

  /** A job is over or was taken back: its twins go on, and the next comes. */
  landed(claim: Claim): void {
    const key = this.#keys.get(claim.id);
    this.#keys.delete(claim.id);
    const twins = (key && this.#twins.get(key)) ?? [];
    if (key) this.#twins.delete(key);
    this.enqueue(twins);
  }

  /** Keeps a claim whose job failed by what may pass, and hands it out again later. @returns the report, if it has been tried too often */
  async tryLater(claim: Claim, error: unknown): Promise<FailureReport | undefined> {
    const { filing, ledger, settings, disk, clock } = this.#rooms;
    const base = filing.base(claim);
    const full = isDiskFull(error);
    const { code, cause, hint } = makeReport(claim.relativePath, error, base.attempts, claim.id);
    if (!full && base.attempts > settings.retries) {
      return filing.failed(claim, error);
    }
    const attempts = full ? base.attempts - 1 : base.attempts;
    // A ledger that cannot be written now is no reason to lose the try.
    await ledger.put({ ...base, attempts, state: 'waiting', fault: { code, cause, hint } }).catch(() => undefined);
    if (full) disk.report();
    const resume = () => this.#release(claim);
    this.#held.set(claim, full ? resume : clock.after(backOffMs(base.attempts), resume));
    if (full) this.#again.push(resume);
    if (!this.#open) this.#release(claim);
    return undefined;
  }

  /** Takes a file that waits out of all waiting lists. */
  async withdraw(id: string): Promise<Claim | undefined> {
    for (const [claim, stop] of this.#held) {
      if (claim.id !== id) continue;
      stop();
      this.#held.delete(claim);
      this.queue.remove(claim.path);
      return claim;
    }
    for (const twins of this.#twins.values()) {
      const at = twins.findIndex((claim) => claim.id === id);
      if (at >= 0) return twins.splice(at, 1)[0];
    }
    const item = this.queue.find(id);
    if (!item || !this.queue.remove(item.path)) return undefined;
    if (!isCandidate(item)) return item.recovered ? this.#rooms.claims.renew(item) : item;
    const claim = await this.#rooms.claims.take(item);
    return typeof claim === 'string' ? undefined : claim;
  }

  stop(): void {
    this.#open = false;
    for (const stop of this.#held.values()) stop();
  }

  /** After {@link stop}, once no work is under way: the claims that are to be released. */
  kept(): Claim[] {
    return [...this.#held.keys(), ...[...this.#twins.values()].flat()];
  }

  #isFree(): boolean {
    return this.#open && !this.paused && !this.#rooms.disk.isFull;
  }

  #release(claim: Claim): void {
    if (this.#held.delete(claim) && this.#open) this.enqueue([claim]);
    else if (!this.#open) this.#held.set(claim, () => {});
  }

  async #launch(item: Candidate | Claim): Promise<void> {
    try {
      const taken = await this.#claim(item);
      this.#claimFailures = 0;
      if (taken) await this.#admit(taken.claim, taken.refusal);
    } catch (error) {
      if (isGone(error)) return;
      const { listeners, intake, disk } = this.#rooms;
      this.#claimFailures++;
      listeners.problem(ioError('take', item.path, error));
      this.#again.push(() => (isCandidate(item) ? intake.track(item.path) : this.enqueue([item])));
      if (isDiskFull(error)) disk.report();
    }
  }

  async #claim(item: Candidate | Claim): Promise<{ claim: Claim; refusal?: MangaError } | undefined> {
    const { claims, folders, intake, ledger, filing, settings } = this.#rooms;
    if (!isCandidate(item)) {
      const known = ledger.get(item.id);
      if (known && OVER.includes(known.state)) {
        await filing.finish(item, known);
        return undefined;
      }
      const claim = item.recovered ? await claims.renew(item) : item;
      return { claim, refusal: wearinessOf(claim, settings.maxAttempts) };
    }
    // Its folder has become a link: the file is another's now.
    if (!(await folders.isJailed(item.path))) return undefined;
    const refusal = await refusalOf(item, folders);
    const claim = await claims.take(item);
    if (claim === 'changed') intake.track(item.path);
    if (typeof claim === 'string') return undefined;
    if (settings.markers) await unlink(item.path + MARKER).catch(() => undefined);
    return { claim, refusal };
  }

  /** Hands a claimed file out, unless the gates refuse it. */
  async #admit(claim: Claim, refusal: MangaError | undefined): Promise<void> {
    const { listeners, filing, thumbs, probe } = this.#rooms;
    let key: JobKey;
    let recipe: Recipe;
    try {
      if (refusal) throw refusal;
      const seen = await probe(claim.path);
      recipe = await this.#rooms.recipe();
      key = keyOf(await hashFile(claim.path), hashRecipe(recipe));
      if (seen?.thumbnail) await thumbs.write(claim.id, seen.thumbnail);
    } catch (error) {
      const problem = error instanceof MangaError ? error : ioError('look into', claim.sourcePath, error);
      listeners.problem(problem, claim.id);
      if (!isPassing(error)) {
        await filing.failed(claim, problem);
        return;
      }
      this.#held.set(claim, () => {});
      this.#again.push(() => this.#release(claim));
      return;
    }
    const record: JobRecord = { ...filing.base(claim), key, state: 'running' };
    const job = await this.#judgeRepeat(claim, record);
    // Closed meanwhile: it is released with the others.
    if (!this.#open) this.#held.set(claim, () => {});
    else if (job) await this.#handOut(claim, job, recipe);
  }

  /** @returns undefined if the picture needs no drawing, or not now */
  async #judgeRepeat(claim: Claim, record: JobRecord): Promise<JobRecord | undefined> {
    const { settings, ledger, filing } = this.#rooms;
    const key = record.key!;
    if (settings.repeat !== 'rename' && [...this.#keys.values()].includes(key)) {
      this.#twins.set(key, [...(this.#twins.get(key) ?? []), claim]);
      return undefined;
    }
    const same = ledger.findDone(key);
    if (!same || same.id === claim.id) return record;
    const outputs = same.outputs ?? [];
    const there = (await Promise.all(outputs.map(exists))).every(Boolean);
    if (settings.repeat === 'skip' && !record.redo && there) {
      await filing.skipped(claim, same, key);
      return undefined;
    }
    const replace = settings.repeat === 'redo' || record.redo || !there;
    return replace ? { ...record, owner: same.owner ?? same.id } : record;
  }

  async #handOut(claim: Claim, record: JobRecord, recipe: Recipe): Promise<void> {
    const { flights, listeners, ledger, settings, disk, changed } = this.#rooms;
    const { id, relativePath, path, sourcePath, size, enqueuedAt } = claim;
    const attempts = record.attempts + 1;
    try {
      await ledger.put({ ...record, attempts });
    } catch (error) {
      listeners.problem(ioError('note', sourcePath, error));
      this.#held.set(claim, () => {});
      this.#again.push(() => this.#release(claim));
      if (isDiskFull(error)) disk.report();
      return;
    }
    const handOut = `${claim.folder}-${randomBytes(4).toString('hex')}`;
    const abort = (error: MangaError, how: string) => {
      flights.land(id, how);
      listeners.problem(error, id);
      void this.#rooms.track(this.#rooms.filing.failed(claim, error).then(() => this.landed(claim)));
    };
    this.#keys.set(id, record.key!);
    flights.start(claim, handOut, settings.jobTimeoutMs, () => {
      const message = `${show(relativePath)}: the flow did not acknowledge within ${settings.jobTimeoutMs / 1000} s.`;
      const hint = "Wire the clip node's output and a catch node back to the hot-folder node.";
      abort(new MangaError('TIMEOUT', message, hint), 'timed out');
    });
    changed();
    const owner = record.owner ?? id;
    const base = { id, handOut, owner, key: record.key!, name: nameOf(claim), relativePath };
    const job = {
      ...base,
      claimedPath: path,
      sourcePath,
      size,
      attempt: Math.max(attempts, claim.attempt),
      enqueuedAt,
    };
    const error = listeners.job(job, recipe);
    if (error && flights.has(id)) abort(error, 'been failed');
  }
}
