/**
 * Renders frames of a clip side by side in worker threads: the loop over pixels is one thread's work, and the engine
 * rests meanwhile. The threads see the drawing in memory that all share, so that nothing but frames is sent.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fromWire, MangaError } from '../errors/manga-error.ts';
import { sibling } from '../sibling.ts';
import type { FrameScene } from './frame-scene.ts';
import type { RenderReply, RenderRequest } from './render-thread.ts';

/** More would only wait for the encoder. */
const MAX_THREADS = 4;
/** Frames a thread is given ahead, so that it does not wait for us between two. */
const AHEAD = 2;

class RenderThread {
  readonly #worker: Worker;
  readonly #waiting: { resolve(bytes: Uint8Array): void; reject(error: unknown): void }[] = [];
  broken = false;

  constructor(worker: Worker) {
    this.#worker = worker;
    this.#worker.on('message', (reply: RenderReply) => {
      const frame = this.#waiting.shift();
      if (this.#waiting.length === 0) this.#worker.unref();
      if ('error' in reply) frame?.reject(fromWire(reply.error));
      else frame?.resolve(reply.bytes);
    });
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('it ended')));
    // Last: to listen for messages is to hold the process again.
    this.#worker.unref();
  }

  show(scene: FrameScene): void {
    this.#worker.postMessage({ scene } satisfies RenderRequest);
  }

  render(frame: number): Promise<Uint8Array> {
    this.#worker.ref();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage({ frame } satisfies RenderRequest);
    });
  }

  #fail(cause: Error): void {
    this.broken = true;
    const error = new MangaError('INTERNAL', `A thread that renders frames died: ${cause.message}.`, undefined, {
      cause,
    });
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

export class RenderCrew {
  readonly #size: number;
  readonly #begin: () => Worker;
  #threads: RenderThread[] = [];
  #shown: FrameScene | undefined;
  /** Planes of the scene that is shown. Kept for the next one: memory that threads share is only freed when all have noticed. */
  #memory = new SharedArrayBuffer(0);
  #last: Promise<unknown> = Promise.resolve();

  /** @param size threads @param begin starts one */
  constructor(
    size = Math.min(availableParallelism(), MAX_THREADS),
    begin = () => new Worker(sibling('./render-thread', import.meta.url)),
  ) {
    this.#size = size;
    this.#begin = begin;
  }

  /** Whether more than one frame at a time gets ready sooner here than in the caller's own thread. */
  get isWorthwhile(): boolean {
    return this.#size > 1;
  }

  /** Starts the threads, so that they are there when the first frames are asked for. */
  start(): void {
    const working = this.#threads.filter(({ broken }) => !broken);
    if (working.length === this.#size) return;
    while (working.length < this.#size) working.push(new RenderThread(this.#begin()));
    this.#threads = working;
    this.#shown = undefined;
  }

  /**
   * @param frames which of the scene's motions @param received is given each frame's bytes and its place in `frames`, in any order
   * @throws MangaError INTERNAL when a thread dies: the next call starts new ones
   */
  render(
    scene: FrameScene,
    frames: readonly number[],
    received: (bytes: Uint8Array, place: number) => void,
  ): Promise<void> {
    const rendered = this.#last.then(() => this.#render(scene, frames, received));
    this.#last = rendered.catch(() => undefined);
    return rendered;
  }

  /** The scene's clip is freed: it is not shown again. */
  forget(scene: FrameScene): void {
    if (this.#shown === scene) this.#shown = undefined;
  }

  async #render(
    scene: FrameScene,
    frames: readonly number[],
    received: (bytes: Uint8Array, place: number) => void,
  ): Promise<void> {
    this.start();
    this.#show(scene);
    let next = 0;
    const lane = async (thread: RenderThread) => {
      while (next < frames.length) {
        const place = next++;
        try {
          received(await thread.render(frames[place]!), place);
        } catch (error) {
          next = frames.length;
          throw error;
        }
      }
    };
    const lanes = this.#threads.flatMap((thread) => Array.from({ length: AHEAD }, () => lane(thread)));
    // All must have ended before the planes may be overwritten.
    const failed = (await Promise.allSettled(lanes)).find((ended) => ended.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #show(scene: FrameScene): void {
    if (this.#shown === scene) return;
    const { drawing } = scene;
    const { layers, mask, fields, colours, screen } = drawing;
    const planes = [layers, mask, fields, colours, screen];
    const room = planes.reduce((sum, plane) => sum + aligned(plane?.byteLength ?? 0), 0);
    if (room > this.#memory.byteLength) this.#memory = new SharedArrayBuffer(room);
    let at = 0;
    const shared = <P extends Float32Array | Uint8Array>(plane: P): P => {
      const Plane = plane.constructor as new (memory: SharedArrayBuffer, at: number, length: number) => P;
      const copy = new Plane(this.#memory, at, plane.length);
      copy.set(plane);
      at += aligned(plane.byteLength);
      return copy;
    };
    const copied = {
      ...drawing,
      layers: shared(layers),
      mask: shared(mask),
      fields: fields && shared(fields),
      colours: colours && shared(colours),
      screen: screen && shared(screen),
    };
    for (const thread of this.#threads) thread.show({ ...scene, drawing: copied });
    this.#shown = scene;
  }
}

/** Bytes up to the next place where any plane may begin. */
function aligned(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

/** One for the process: its cores are the same whatever is rendered. */
export const renderCrew = new RenderCrew();
