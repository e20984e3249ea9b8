/** The hot folder's side of the queue: submits pictures, waits for clips. */
import { createHash } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { fromWire, MangaError, type WireError } from '../errors/manga-error.ts';
import { ioError } from '../media/io-error.ts';
import { openPartFile } from '../media/part-file.ts';
import type { ClipResult } from '../session/types.ts';
import { connect, type QueueConnection } from './redis.ts';
import { SharedFolder } from './shared-folder.ts';
import {
  type DrawQueue,
  type DrawRequest,
  MAX_VALUE_BYTES,
  type QueueCounts,
  type QueuedDrawing,
  type QueueOptions,
} from './types.ts';
import { clipKey, pictureKey, VALUE_SECONDS } from './values.ts';

/** Answers that nobody took are kept this long: for a Node-RED that is being started again. */
const KEPT = { age: 24 * 3600, count: 10_000 };
/** Events are quick but may be lost with a connection; this look is the safety net. */
const LOOK_MS = 3000;

interface Waiting {
  readonly id: string;
  readonly request: DrawRequest;
  readonly drawing: QueuedDrawing;
  resolve(clip: ClipResult): void;
  reject(error: Error): void;
  looking: boolean;
  /** A worker had begun it for an earlier submission, whose picture may be elsewhere by now: its failure is no last word. */
  inherited: boolean;
}

/**
 * @throws MangaError BAD_SETTING for a wrong address, ENGINE_MISSING when bullmq or ioredis is not installed, IO when Redis
 *   or the shared folder cannot be reached
 */
export async function openDrawQueue(options: QueueOptions): Promise<DrawQueue> {
  const shared = options.shared ? await SharedFolder.open(options.shared) : undefined;
  const connection = await connect(options.url);
  return new RedisDrawQueue(connection, shared);
}

class RedisDrawQueue implements DrawQueue {
  readonly #connection: QueueConnection;
  readonly #shared: SharedFolder | undefined;
  readonly #queue: import('bullmq').Queue;
  readonly #events: import('bullmq').QueueEvents;
  readonly #waiting = new Map<string, Waiting>();
  readonly #timer: NodeJS.Timeout;

  constructor(connection: QueueConnection, shared: SharedFolder | undefined) {
    const { bullmq, redis, address, prefix } = connection;
    this.#connection = connection;
    this.#shared = shared;
    this.#queue = new bullmq.Queue(address.name, { connection: redis, prefix });
    this.#events = new bullmq.QueueEvents(address.name, { connection: redis, prefix });
    const look = ({ jobId }: { jobId: string }): void => {
      const waiting = this.#waiting.get(jobId);
      if (waiting) void this.#look(waiting);
    };
    this.#events.on('completed', look);
    this.#events.on('failed', look);
    // The connection mends itself; the regular look then finds what was missed.
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
    this.#timer = setInterval(() => {
      for (const waiting of this.#waiting.values()) void this.#look(waiting);
    }, LOOK_MS);
  }

  async submit(request: DrawRequest, signal?: AbortSignal): Promise<ClipResult> {
    if (signal?.aborted) throw cancelled();
    if (this.#connection.redis.status !== 'ready')
      throw new MangaError(
        'IO',
        'The queue cannot be reached now.',
        'Look whether Redis runs; the connection comes back by itself.',
      );
    const drawing = await this.#drawingOf(request);
    // Numbers alone are no ids for BullMQ, and another recipe is another job. The picture may move from try to try.
    const { picture: _, ...fixed } = drawing;
    const hash = createHash('sha256').update(JSON.stringify(fixed)).digest('hex').slice(0, 12);
    const id = `draw-${request.id}-${hash}`;
    const give = (): void => {
      this.#waiting.get(id)?.reject(cancelled());
      void this.#queue.remove(id).catch(() => {});
    };
    try {
      return await new Promise<ClipResult>((resolve, reject) => {
        if (this.#waiting.has(id)) throw new MangaError('INTERNAL', `Job ${request.id} was submitted twice at once.`);
        const waiting: Waiting = { id, request, drawing, resolve, reject, looking: false, inherited: false };
        this.#waiting.set(id, waiting);
        signal?.addEventListener('abort', give, { once: true });
        this.#add(waiting, true).then(() => this.#look(waiting), reject);
      });
    } finally {
      signal?.removeEventListener('abort', give);
      this.#waiting.delete(id);
    }
  }

  async counts(): Promise<QueueCounts> {
    const { waiting = 0, active = 0 } = await this.#queue.getJobCounts('waiting', 'active');
    return { waiting, active, workers: await this.#queue.getWorkersCount() };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const { reject } of this.#waiting.values()) reject(cancelled());
    await Promise.allSettled([this.#queue.close(), this.#events.close()]);
    this.#connection.close();
  }

  async #drawingOf({ name, picture, output, recipe }: DrawRequest): Promise<QueuedDrawing> {
    const below = (path: string) => this.#shared?.toRelative(path);
    const drawing = { name, recipe, picture: await below(picture), output: await below(output) };
    if (drawing.output === undefined && recipe.output.format === 'png')
      throw new MangaError(
        'BAD_SETTING',
        'Frames as PNG are a folder, which cannot travel through Redis.',
        'Name a shared folder that holds the output, or choose another format.',
      );
    return drawing;
  }

  /** @param anew an answer from an earlier submission counts only if it is good */
  async #add(waiting: Waiting, anew: boolean): Promise<void> {
    const { redis, prefix } = this.#connection;
    const { id, request, drawing } = waiting;
    waiting.inherited = false;
    if (anew) {
      const before = await this.#queue.getJob(id);
      const state = await before?.getState();
      if (state === 'failed') await before!.remove();
      else await before?.updateData(drawing);
      waiting.inherited = state === 'active';
    }
    if (drawing.picture === undefined) {
      const bytes = await readPicture(request.picture);
      await redis.set(pictureKey(prefix, id), bytes, 'EX', VALUE_SECONDS);
    }
    await this.#queue.add('draw', drawing, { jobId: id, attempts: 1, removeOnComplete: KEPT, removeOnFail: KEPT });
  }

  /** Looks what became of a job, and ends the waiting if it is over. */
  async #look(waiting: Waiting): Promise<void> {
    if (waiting.looking) return;
    waiting.looking = true;
    try {
      // In this order: a job that ends in between would be over and say nothing of its clip.
      const state = await this.#queue.getJobState(waiting.id);
      const job = await this.#queue.getJob(waiting.id);
      // Redis was emptied or started anew without its data.
      if (!job || state === 'unknown') await this.#add(waiting, false);
      else if (state === 'completed') await this.#take(waiting, job.returnvalue as ClipResult);
      else if (state === 'failed') {
        if (waiting.inherited) await this.#add(waiting, true);
        else waiting.reject(errorOf(job.failedReason));
      }
    } catch (error) {
      waiting.reject(error as Error);
    } finally {
      waiting.looking = false;
    }
  }

  async #take(waiting: Waiting, clip: ClipResult): Promise<void> {
    const { id, request, drawing } = waiting;
    const { redis, prefix } = this.#connection;
    const there = drawing.output === undefined ? await this.#fetch(id, request.output) : await exists(request.output);
    // The answer of an earlier submission, whose clip is gone meanwhile: a new one is drawn.
    await this.#queue.remove(id);
    if (!there) return this.#add(waiting, false);
    if (drawing.picture === undefined) await redis.del(pictureKey(prefix, id));
    waiting.resolve({ ...clip, path: request.output });
  }

  /** Writes a clip that came by value. @returns false if it is not there any more */
  async #fetch(id: string, output: string): Promise<boolean> {
    const { redis, prefix } = this.#connection;
    const bytes = await redis.getBuffer(clipKey(prefix, id));
    if (!bytes) return false;
    const part = await openPartFile(output);
    try {
      await writeFile(part.path, bytes).catch((error: unknown) => {
        throw ioError('Cannot write', output, error);
      });
      await part.publish();
    } finally {
      await part.discard();
    }
    await redis.del(clipKey(prefix, id));
    return true;
  }
}

const cancelled = (): MangaError => new MangaError('CANCELLED', 'The picture was taken back from the queue.');

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function readPicture(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw ioError('Cannot read', path, error);
  });
  if (bytes.length <= MAX_VALUE_BYTES) return bytes;
  throw new MangaError(
    'BAD_INPUT',
    `The picture has ${Math.round(bytes.length / 1e6)} MB; at most ${MAX_VALUE_BYTES / 1e6} travel through the queue.`,
    'Let the machines share a folder, or make the picture smaller.',
  );
}

/** Workers write their errors as JSON; other words are BullMQ's own. */
function errorOf(reason: string | undefined): MangaError {
  try {
    return fromWire(JSON.parse(reason ?? '') as WireError);
  } catch {
    const message = `Every worker that drew this picture ended while it did (${reason ?? 'no reason given'}).`;
    return new MangaError('SESSION_CRASHED', message, 'Look at the workers: their memory, their logs.');
  }
}
