import { copyFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioError } from '../hotfolder/io-error.ts';
import { CorruptJournal, Journal, replaceJournal } from './journal.ts';
import type { JobKey, JobRecord, JobState, Ledger, LedgerQuery } from './types.ts';

export interface LedgerOptions {
  /** Path of the journal. Its folder is made. */
  readonly path: string;
  /**
   * Called after a corrupt journal was set aside: the jobs that the folders tell of. Those of good lines that were left
   * win over them.
   */
  rebuild(): Promise<readonly JobRecord[]>;
  /** Told when the journal was set aside. */
  corrupt(aside: string, badLines: number, rebuilt: number): void;
}

/** The journal is written anew when this much of it is out of date. */
const SLACK_SHARE = 0.25;
const SLACK_BYTES = 512 * 1024;

function isRecord(value: unknown): value is JobRecord {
  const { id, state, name } = Object(value) as Partial<Record<keyof JobRecord, unknown>>;
  return typeof id === 'string' && typeof state === 'string' && typeof name === 'string';
}

/** The ledger in a journal file. Everything is also in memory: about 500 bytes a job. */
export class FileLedger implements Ledger {
  readonly #path: string;
  #journal!: Journal;
  /** In the order of their last change. */
  readonly #jobs = new Map<string, JobRecord>();
  readonly #done = new Map<JobKey, string>();
  readonly #left = new Map<string, string>();
  readonly #counts = new Map<JobState, number>();
  #compactAt = 0;
  #compacting = false;

  private constructor(path: string) {
    this.#path = path;
  }

  /** @throws MangaError IO */
  static async open(options: LedgerOptions): Promise<FileLedger> {
    const ledger = new FileLedger(options.path);
    try {
      await mkdir(dirname(options.path), { recursive: true });
      await ledger.#open(options);
    } catch (error) {
      throw ioError('read the ledger', options.path, error);
    }
    return ledger;
  }

  async #open({ rebuild, corrupt }: LedgerOptions): Promise<void> {
    const take = (value: unknown) => void (isRecord(value) && this.#apply(value));
    try {
      this.#journal = (await Journal.open(this.#path, take)).journal;
    } catch (error) {
      if (!(error instanceof CorruptJournal)) throw error;
      const aside = this.#path.replace(/(\.jsonl)?$/, `.corrupt-${new Date().toISOString().replaceAll(':', '-')}$1`);
      const found = (await rebuild()).filter(({ id }) => !this.#jobs.has(id));
      for (const record of found) this.#apply(record);
      // Copied, not moved: until the new one is in its place, a crash must find the old one.
      await copyFile(this.#path, aside);
      await replaceJournal(this.#path, this.#jobs.values());
      this.#journal = (await Journal.open(this.#path, () => {})).journal;
      corrupt(aside, error.badLines, found.length);
    }
    this.#planCompaction();
  }

  get size(): number {
    return this.#jobs.size;
  }

  get bytes(): number {
    return this.#journal.bytes;
  }

  get(id: string): JobRecord | undefined {
    return this.#jobs.get(id);
  }

  findDone(key: JobKey): JobRecord | undefined {
    const id = this.#done.get(key);
    return id === undefined ? undefined : this.#jobs.get(id);
  }

  findLeft(name: string): JobRecord | undefined {
    const id = this.#left.get(name);
    return id === undefined ? undefined : this.#jobs.get(id);
  }

  list({ states, before = Infinity, limit = 100 }: LedgerQuery = {}): JobRecord[] {
    const found: JobRecord[] = [];
    const all = [...this.#jobs.values()];
    for (let i = all.length - 1; i >= 0 && found.length < limit; i--) {
      const record = all[i]!;
      if (record.at < before && (!states || states.includes(record.state))) found.push(record);
    }
    return found;
  }

  count(state: JobState): number {
    return this.#counts.get(state) ?? 0;
  }

  put(record: JobRecord): Promise<void> {
    return this.#write(record, false);
  }

  commit(record: JobRecord): Promise<void> {
    return this.#write(record, true);
  }

  /** Writes the journal anew where it was removed with its folder. @throws MangaError IO */
  async mend(): Promise<void> {
    if (await this.#journal.isThere()) return;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      await this.#compact();
    } catch (error) {
      throw ioError('write the ledger', this.#path, error);
    }
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }

  async #write(record: JobRecord, sync: boolean): Promise<void> {
    try {
      await this.#journal.append(record, sync, () => this.#apply(record));
    } catch (error) {
      throw ioError('write the ledger', this.#path, error);
    }
    if (this.#journal.bytes < this.#compactAt || this.#compacting) return;
    // A full disk is no reason to fail the job: the journal works as it is.
    await this.#compact().catch(() => this.#planCompaction());
  }

  #apply(record: JobRecord): void {
    const old = this.#jobs.get(record.id);
    if (old) {
      this.#jobs.delete(record.id);
      this.#counts.set(old.state, this.count(old.state) - 1);
      if (old.key && this.#done.get(old.key) === old.id) this.#done.delete(old.key);
      if (old.left && this.#left.get(old.left[0]) === old.id) this.#left.delete(old.left[0]);
    }
    this.#jobs.set(record.id, record);
    this.#counts.set(record.state, this.count(record.state) + 1);
    if (record.state === 'done' && record.key) this.#done.set(record.key, record.id);
    if (record.left) this.#left.set(record.left[0], record.id);
  }

  async #compact(): Promise<void> {
    this.#compacting = true;
    try {
      await this.#journal.compact(() => [...this.#jobs.values()]);
    } finally {
      this.#compacting = false;
    }
    this.#planCompaction();
  }

  #planCompaction(): void {
    this.#compactAt = this.#journal.bytes * (1 + SLACK_SHARE) + SLACK_BYTES;
  }
}
