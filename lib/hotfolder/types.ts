import type { MangaError, MangaErrorCode } from '../errors/manga-error.ts';
import type { JobKey, JobRecord, Recipe } from '../ledger/types.ts';

/** One picture handed to the flow. Plain JSON: it may travel in a message and be cloned. */
export interface Job {
  /** Of the ledger: stays with the file, however often it is handed out. */
  readonly id: string;
  /** Unique per hand-out: an answer to an earlier one is refused. */
  readonly handOut: string;
  /** Whoever writes a clip holds its name under this (see `outputPath`); the id, or that of the job whose clip is replaced. */
  readonly owner: string;
  readonly key: JobKey;
  /** The file's own name, as it was dropped. */
  readonly name: string;
  /** Path below the inbox (equals `name` unless the hot folder is recursive). */
  readonly relativePath: string;
  /** Where the file is while it is worked on. Read this one; do not move or change it. */
  readonly claimedPath: string;
  /** Where the file was dropped (it is not there any more). */
  readonly sourcePath: string;
  /** Bytes. */
  readonly size: number;
  /** 1 for the first hand-out; more when the program stopped during earlier ones, or they failed by what may pass. */
  readonly attempt: number;
  /** When the settled file entered the queue: milliseconds since 1970. */
  readonly enqueuedAt: number;
}

export interface FolderState {
  /** False while the inbox cannot be watched (gone, not writable); the rescan tries again. */
  readonly watching: boolean;
  /** Nothing is handed out: by the user's wish, or until the disk has room again. */
  readonly paused: 'user' | 'disk-full' | null;
  /** Files still being written, or too fresh to tell. */
  readonly settling: number;
  readonly queued: number;
  readonly inFlight: number;
  /** Failed by what may pass, waiting for the next try. */
  readonly retrying: number;
  /** Since this hot folder was started. */
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  /** Milliseconds since 1970; null while nothing is queued. */
  readonly oldestQueuedAt: number | null;
}

/** Why a file failed. All but `movedTo` is also written to `<name>.error.json`, and as text to `<name>.error.txt`. */
export interface FailureReport {
  /** Path below the inbox. */
  readonly file: string;
  readonly code: MangaErrorCode;
  /** What is wrong. */
  readonly cause: string;
  /** What to do about it. */
  readonly hint: string;
  /** ISO 8601. */
  readonly time: string;
  readonly attempts: number;
  /** Id of the job. */
  readonly job: string;
  /** Where the file is now; absent while moving it has to be tried again. */
  readonly movedTo?: string;
}

/** Callbacks of a hot folder. They may throw; that is reported as a problem and stops nothing. */
export interface HotFolderEvents {
  /**
   * A picture to work on. Answer with `complete(job.id, …)` or `fail(job.id, …)`.
   * @param recipe what the job's key was made with
   */
  job(job: Job, recipe: Recipe): void;
  /** After each change; may come thousands of times a second, so throttle what you show. */
  state(state: FolderState): void;
  /**
   * What the flow does not know already: trouble with a folder, a file refused before it became a job, a job that timed
   * out. Folder trouble is reported again at each rescan until it is over.
   * @param job id, where it is a job's
   */
  problem(error: MangaError, job?: string): void;
  /** A file has gone to the failed folder, whoever found the fault. */
  failed?(report: FailureReport): void;
  /** A job is over, well or not, and its original is where it belongs. */
  over?(record: JobRecord): void;
}

/**
 * Last gate before a settled, claimed file becomes a job.
 * @throws MangaError if the file can never become a clip; an error with `code` EBUSY, EMFILE and the like (see
 *   {@link isPassing}) to have the file tried again at the next rescan
 */
export type Probe = (path: string) => Promise<ProbeResult | undefined>;

export interface ProbeResult {
  /** The picture, small, as a WebP file. */
  readonly thumbnail?: Uint8Array;
}
