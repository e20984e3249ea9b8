/**
 * Drawing on several machines: a hot folder submits pictures to a queue in Redis (or Valkey), workers anywhere draw them.
 *
 * Who knows what: the hot folder's **ledger** alone says what is done; the queue is a way to get work done and may be lost
 * with all that is in it (a lost job is submitted again by who waits for it). A job is drawn **at least once**: a worker that
 * dies or stops answering is relieved by another. It becomes exactly one clip because the job's id decides the clip's path,
 * clips appear by an atomic rename, same settings give the same bytes, and the ledger takes the first answer.
 */
import type { ClipResult } from '../session/types.ts';
import type { CameraMove, ClipSettings, OutputSettings } from '../settings/settings.ts';

/** Everything but the picture that decides what the clip looks like. Plain JSON. */
export interface DrawRecipe {
  readonly clip: ClipSettings;
  readonly output: Omit<OutputSettings, 'path'>;
  /** Replaces the motion. */
  readonly camera?: readonly CameraMove[];
}

export interface DrawRequest {
  /** Of the job in the hot folder's ledger. Submitted again under the same id, a job that waits or runs is not doubled. */
  readonly id: string;
  /** The picture's name, for messages. */
  readonly name: string;
  /** Absolute path of the picture on this machine. */
  readonly picture: string;
  readonly recipe: DrawRecipe;
  /** Absolute path of the clip on this machine (format png: of the folder of frames). Replaced if it exists. */
  readonly output: string;
}

export interface QueueCounts {
  readonly waiting: number;
  readonly active: number;
  /** Workers connected now. */
  readonly workers: number;
}

/** What the hot folder uses; see `openDrawQueue`. */
export interface DrawQueue {
  /**
   * Has a picture drawn by some worker, and resolves when its clip is at `request.output`.
   * @param signal gives the job up: it is taken out of the queue if no worker has begun it
   * @throws MangaError what the worker met (BAD_INPUT and so on); IO while Redis cannot be reached; SESSION_CRASHED when the
   *   job ended several workers; CANCELLED
   */
  submit(request: DrawRequest, signal?: AbortSignal): Promise<ClipResult>;
  counts(): Promise<QueueCounts>;
  /** Ends the connection; pending submissions reject CANCELLED, their jobs stay in the queue. */
  close(): Promise<void>;
}

export interface QueueOptions {
  /** `redis://[user:password@]host[:port][/name]`, or rediss:// for TLS. Name of the queue: default motion-manga. */
  readonly url: string;
  /**
   * A folder that this machine and all workers see (each under its own path). Pictures and clips in it go by path; others
   * travel through Redis, at most {@link MAX_VALUE_BYTES} each.
   */
  readonly shared?: string;
}

/** Largest picture, and largest clip, that travels through Redis: bytes. */
export const MAX_VALUE_BYTES = 32e6;

/** What is in the queue. A picture or clip by value lies in a key of its own: BullMQ copies what is in a job. */
export interface QueuedDrawing {
  readonly name: string;
  /** Below the shared folder, with forward slashes; absent: by value. */
  readonly picture?: string;
  readonly recipe: DrawRecipe;
  /** Below the shared folder; absent: by value. */
  readonly output?: string;
}
