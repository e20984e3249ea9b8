/** What a user asks of jobs: once more, or not at all. And what a start finds half done of that. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { hashRecipe, recipeOfKey } from '../ledger/key.ts';
import type { JobRecord, JobState } from '../ledger/types.ts';
import type { Claim } from './claims.ts';
import type { Dispatcher } from './dispatcher.ts';
import { show } from './io-error.ts';
import { READABLE_ENDING, REPORT_ENDING } from './report.ts';
import type { Rooms } from './rooms.ts';

/** How a job that was out ended, see Flights. */
export const CANCELLED = 'been cancelled';

const AGAIN: Readonly<Record<'retry' | 'redo', readonly JobState[]>> = {
  retry: ['failed', 'cancelled'],
  redo: ['done', 'skipped'],
};

export class Actions {
  readonly #rooms: Rooms;
  readonly #dispatcher: Dispatcher;

  constructor(rooms: Rooms, dispatcher: Dispatcher) {
    this.#rooms = rooms;
    this.#dispatcher = dispatcher;
  }

  /**
   * Takes a job that is over back to work; its original leaves the folder where it was filed.
   * @throws MangaError BAD_INPUT if there is no such job, it is in no state for that, or its original is gone
   */
  async again(id: string, action: 'retry' | 'redo'): Promise<void> {
    const record = this.#rooms.ledger.get(id);
    if (!record) throw unknown(id);
    if (!AGAIN[action].includes(record.state)) {
      const message = `Job ${id} (${show(record.name)}) is ${record.state}.`;
      throw new MangaError(
        'BAD_INPUT',
        message,
        `Only jobs that are ${AGAIN[action].join(' or ')} can be asked to ${action}.`,
      );
    }
    const waiting: JobRecord = { ...record, state: 'waiting', attempts: 0, redo: action === 'redo', at: Date.now() };
    await this.#rooms.ledger.commit(waiting);
    const claim = await this.#adopt(waiting);
    if (claim) return this.#dispatcher.enqueue([claim]);
    await this.#rooms.ledger.commit(record);
    const message = `The original of ${show(record.name)} is not where it was filed.`;
    throw new MangaError('BAD_INPUT', message, 'Put the picture into the folder again.');
  }

  /** All that failed or were cancelled. @returns how many go back to work */
  retryAll(): Promise<number> {
    return this.#all('retry', () => true);
  }

  /** All that were drawn by another recipe than today's. @returns how many go back to work */
  async redoOutdated(): Promise<number> {
    const recipe = hashRecipe(await this.#rooms.recipe());
    return this.#all('redo', ({ state, key }) => state === 'done' && (!key || recipeOfKey(key) !== recipe));
  }

  async #all(action: 'retry' | 'redo', wanted: (record: JobRecord) => boolean): Promise<number> {
    let count = 0;
    for (const record of this.#rooms.ledger.list({ states: AGAIN[action], limit: Infinity })) {
      if (!wanted(record)) continue;
      try {
        await this.again(record.id, action);
        count++;
      } catch (error) {
        // Its original was moved or deleted: the others can be had all the same.
        if (!(error instanceof MangaError && error.code === 'BAD_INPUT')) throw error;
      }
    }
    return count;
  }

  /**
   * Gives a job up that waits or is out: its original goes to the failed folder, with a report.
   * @throws MangaError BAD_INPUT if it neither waits nor is out
   */
  async cancel(id: string): Promise<void> {
    const { flights, filing } = this.#rooms;
    const out = flights.has(id);
    const claim = out ? flights.land(id, CANCELLED).claim : await this.#dispatcher.withdraw(id);
    if (!claim) throw unknown(id);
    const error = new MangaError('CANCELLED', 'The job was cancelled.', 'Retry the job, or put the picture in again.');
    await filing.failed(claim, error, 'cancelled');
    if (out) this.#dispatcher.landed(claim);
    else this.#dispatcher.pump();
  }

  /**
   * At a start: goes on with what a crash left of {@link again}, and puts right what the ledger says of files that are gone.
   * @param claims what lies in `.work`
   * @returns the claims that came of it
   */
  async resume(claims: readonly Claim[]): Promise<Claim[]> {
    const { ledger } = this.#rooms;
    const claimed = new Set(claims.map(({ id }) => id));
    const found: Claim[] = [];
    for (const record of ledger.list({ states: ['waiting', 'running'], limit: Infinity })) {
      if (claimed.has(record.id)) {
        if (record.state === 'waiting') await this.#removeReports(record);
        continue;
      }
      const claim = await this.#adopt(record);
      if (claim) found.push(claim);
      else await ledger.put({ ...record, state: 'failed', at: Date.now(), fault: VANISHED });
    }
    return found;
  }

  async #adopt(record: JobRecord): Promise<Claim | undefined> {
    const { folders, claims } = this.#rooms;
    const { id, name, filed, left } = record;
    const places = [
      ...(left ? [join(folders.inbox, left[0])] : []),
      ...(filed === undefined ? [] : [join(folders.failed, filed), join(folders.done, filed)]),
    ];
    for (const from of record.fault ? places : places.reverse()) {
      const claim = await claims.adopt(id, from, name);
      if (!claim) continue;
      await this.#removeReports(record);
      return claim;
    }
    return undefined;
  }

  async #removeReports({ filed, fault }: JobRecord): Promise<void> {
    if (filed === undefined || !fault) return;
    const path = join(this.#rooms.folders.failed, filed);
    for (const ending of [REPORT_ENDING, READABLE_ENDING]) await unlink(path + ending).catch(() => undefined);
  }
}

const VANISHED = {
  code: 'IO',
  cause: 'The original vanished while it was worked on.',
  hint: 'Put the picture into the folder again.',
} as const;

function unknown(id: string): MangaError {
  return new MangaError('BAD_INPUT', `There is no job ${show(String(id))} for that.`, 'Look at the list of jobs.');
}
