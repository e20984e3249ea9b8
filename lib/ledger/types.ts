/**
 * The ledger of a hot folder: which picture became which clip, so that nothing is lost and nothing is done twice.
 *
 * Who knows what: the **folders** say where each original is (inbox, `.work/<id>-<attempt>/`, done, failed), the **ledger**
 * says what came of it. A file that waits in the inbox is in no ledger: the folder is the queue. One process writes the
 * ledger: the one whose hot folder watches the inbox. Workers elsewhere report to it.
 *
 * Order of a job, each step on the disk before the next begins:
 *   1. the file moves to `.work/<id>-<attempt>/`                        (from here on the job has its id for good)
 *   2. ledger: `running`, with its key
 *   3. the flow draws; whoever writes the clip owns its name by the sidecar (`state: "writing"`, the job's id), see
 *      lib/hotfolder/sidecar.ts: a second try of the same job gets the same name and replaces the clip
 *   4. sidecar `done`; ledger: `done` with outputs, committed (fsync). From here on the job is done, whatever happens
 *   5. the original moves to its place in done
 * A crash before 4 leads to another hand-out of the same id, a crash after 4 to step 5 and nothing else.
 *
 * File: `<inbox>/.motion-manga/ledger.jsonl`. A line is 8 hexadecimal digits of the CRC-32 of what follows the blank, a
 * blank, and a {@link JobRecord} as JSON. The last line of an id counts.
 */
import type { MangaErrorCode } from '../errors/manga-error.ts';

/** sha256 of the file's bytes (43 characters of base64url), '.', the first 16 characters of the recipe's. */
export type JobKey = `${string}.${string}`;

/** Everything but the picture that decides what the clip looks like. Plain JSON; hashed with sorted keys. */
export interface Recipe {
  /** Version of this package. */
  readonly version: string;
  /** sha256 of the checkpoint, base64url; '' where no model takes part. */
  readonly model: string;
  /** Settings of what works on the picture, in the order of the work. */
  readonly settings: unknown;
}

/**
 * waiting: taken back from the flow, done or failed to be tried (again); its original is in `.work` or about to be.
 * running: handed out. done, failed, skipped (the same picture was done before), cancelled: over.
 */
export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';

export const OVER: readonly JobState[] = ['done', 'failed', 'skipped', 'cancelled'];

/** Why a job failed, for people. */
export interface JobFault {
  readonly code: MangaErrorCode;
  readonly cause: string;
  readonly hint: string;
}

/** All that is known of a job; plain JSON. */
export interface JobRecord {
  /** 24 hexadecimal digits, the same for all hand-outs of the job. */
  readonly id: string;
  readonly state: JobState;
  /** Path below the inbox. */
  readonly name: string;
  /** Bytes of the original. */
  readonly size: number;
  /** Absent where the file was refused before it was read. */
  readonly key?: JobKey;
  /** Of this record: milliseconds since 1970. */
  readonly at: number;
  /** Hand-outs so far. */
  readonly attempts: number;
  /** Absolute paths of the clips. */
  readonly outputs?: readonly string[];
  /** Where the original is, or is about to be moved: path below the done folder (done, skipped) or the failed folder (failed, cancelled). */
  readonly filed?: string;
  /** An original that stays in the inbox, by its path there and what stat says of it: no scan takes it again. */
  readonly left?: readonly [name: string, size: number, mtimeMs: number, ino: number];
  /** Of a failed or cancelled job, or one that is to be tried again: why. */
  readonly fault?: JobFault;
  /** Id of the job whose clip names this one takes over; absent: its own. */
  readonly owner?: string;
  /** To be drawn although its key is done. */
  readonly redo?: boolean;
  /** Of a skipped picture: id of the job that made its clip. */
  readonly sameAs?: string;
  /** From hand-out to done, milliseconds. */
  readonly milliseconds?: number;
}

/** What happens to a picture whose key is done already. */
export const REPEATS = ['skip', 'redo', 'rename'] as const;
/** skip: filed away, no clip. redo: drawn again, its clip replaced. rename: drawn again, under a name of its own. */
export type Repeat = (typeof REPEATS)[number];

export interface LedgerQuery {
  readonly states?: readonly JobState[];
  /** Only records older than this (milliseconds since 1970): the next page. */
  readonly before?: number;
  /** Default 100. */
  readonly limit?: number;
}

export interface Ledger {
  /** Number of jobs. */
  readonly size: number;
  /** Bytes of the journal. */
  readonly bytes: number;
  get(id: string): JobRecord | undefined;
  /** The job that is done for this key, if any (the latest). */
  findDone(key: JobKey): JobRecord | undefined;
  /** The job whose original was left in the inbox under this path. */
  findLeft(name: string): JobRecord | undefined;
  /** Newest first. */
  list(query?: LedgerQuery): JobRecord[];
  count(state: JobState): number;
  /** Writes a record; it survives the end of this process, but perhaps not a power failure. @throws MangaError IO */
  put(record: JobRecord): Promise<void>;
  /** Writes a record and flushes it to the disk: when this resolves, it survives all. Concurrent calls share a flush. @throws MangaError IO */
  commit(record: JobRecord): Promise<void>;
  close(): Promise<void>;
}
