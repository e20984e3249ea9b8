/** The worker's side of the queue: takes jobs, has them drawn, and leaves jobs it lost to others. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Job } from 'bullmq';
import * as z from 'zod';
import { MangaError, toMangaError, toWire } from '../errors/manga-error.ts';
import type { ClipResult } from '../session/types.ts';
import { cameraSchema, clipSchema, outputSchema, parseSettings } from '../settings/settings.ts';
import { connect, type QueueConnection } from './redis.ts';
import { SharedFolder } from './shared-folder.ts';
import { type DrawRecipe, MAX_VALUE_BYTES, type QueuedDrawing, type QueueOptions } from './types.ts';
import { clipKey, pictureKey, VALUE_SECONDS } from './values.ts';

/** Draws one picture. @param input absolute path @param output absolute path */
export type Draw = (input: string, output: string, recipe: DrawRecipe, signal: AbortSignal) => Promise<ClipResult>;

export interface ServeOptions extends QueueOptions {
  /** Pictures drawn at the same time. */
  readonly concurrency: number;
  /** Another worker takes over what a worker did that was not heard of for so long. */
  readonly takeoverMs: number;
  readonly draw: Draw;
  /** One line for people. */
  tell(line: string): void;
}

export interface Serving {
  /** Takes no more jobs, and resolves when those begun are done. */
  close(): Promise<void>;
}

/** Times that a job may end the worker that draws it, before it fails. */
const MOST_TAKEOVERS = 2;

/** What comes out of Redis may be anything. */
const drawingSchema = z.object({
  name: z.string().max(4096),
  picture: z.string().max(4096).optional(),
  output: z.string().max(4096).optional(),
  recipe: z.object({
    clip: clipSchema,
    output: outputSchema.omit({ path: true }),
    camera: cameraSchema.optional(),
  }),
});

/** @throws MangaError like `openDrawQueue` */
export async function serveQueue(options: ServeOptions): Promise<Serving> {
  const { concurrency, takeoverMs, tell } = options;
  const shared = options.shared ? await SharedFolder.open(options.shared) : undefined;
  const connection = await connect(options.url);
  const { bullmq, redis, address, prefix } = connection;
  const aborts = new Map<string, AbortController>();

  const work = async (job: Job): Promise<ClipResult> => {
    const abort = new AbortController();
    aborts.set(job.id!, abort);
    const began = performance.now();
    try {
      const clip = await drawJob(job, { connection, shared, draw: options.draw, signal: abort.signal });
      tell(
        `${clip.path}: ${clip.frames} frames of ${clip.width}x${clip.height} in ${Math.round(performance.now() - began)} ms`,
      );
      return clip;
    } catch (thrown) {
      const error = toMangaError(thrown);
      tell(`${JSON.stringify((job.data as QueuedDrawing).name)}: ${error.message}`);
      // Tried again by who submitted it, who knows what is worth another try.
      throw new Error(JSON.stringify(toWire(error)));
    } finally {
      aborts.delete(job.id!);
    }
  };

  const worker = new bullmq.Worker(address.name, work, {
    ...{ connection: redis, prefix, concurrency, name: `${hostname()}:${process.pid}` },
    ...{ lockDuration: takeoverMs, stalledInterval: Math.max(250, takeoverMs / 2), maxStalledCount: MOST_TAKEOVERS },
  });
  worker.on('error', () => {});
  worker.on('stalled', () => tell('took over the picture of a worker that was not heard of'));
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) aborts.get(id)?.abort(new MangaError('CANCELLED', 'Another worker took this picture over.'));
  });
  await worker.waitUntilReady();
  return {
    async close() {
      await worker.close();
      connection.close();
    },
  };
}

interface Place {
  readonly connection: QueueConnection;
  readonly shared: SharedFolder | undefined;
  readonly draw: Draw;
  readonly signal: AbortSignal;
}

async function drawJob(job: Job, { connection, shared, draw, signal }: Place): Promise<ClipResult> {
  const { redis, prefix } = connection;
  const { name, picture, output, recipe } = parseSettings(drawingSchema, job.data);
  if (!shared && (picture !== undefined || output !== undefined))
    throw new MangaError(
      'IO',
      'A worker does not know the folder that this picture is shared in.',
      'Start all workers of this queue with --shared FOLDER, or use another queue.',
    );
  const scratch = await mkdtemp(join(tmpdir(), 'motion-manga-worker-'));
  try {
    let input: string;
    if (picture === undefined) {
      const bytes = await redis.getBuffer(pictureKey(prefix, job.id!));
      if (!bytes) throw new MangaError('IO', 'The picture is not in the queue any more.', 'Drop it again.');
      input = join(scratch, `picture-${basename(name).slice(-60)}`);
      await writeFile(input, bytes);
    } else input = await shared!.toAbsolute(picture);
    if (output !== undefined) return await draw(input, await shared!.toAbsolute(output), recipe, signal);
    const drawn = await draw(input, join(scratch, `clip.${recipe.output.format}`), recipe, signal);
    if (drawn.bytes > MAX_VALUE_BYTES)
      throw new MangaError(
        'BAD_SETTING',
        `The clip has ${Math.round(drawn.bytes / 1e6)} MB; at most ${MAX_VALUE_BYTES / 1e6} travel through the queue.`,
        'Let the machines share a folder, or make the clip smaller.',
      );
    await redis.set(clipKey(prefix, job.id!), await readFile(drawn.path), 'EX', VALUE_SECONDS);
    return drawn;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
