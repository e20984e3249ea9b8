/** MP4 without ffmpeg: H.264 in WebAssembly in a worker thread. */
import { writeFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { MangaError } from '../errors/manga-error.ts';
import { sibling } from '../sibling.ts';
import { cancelled } from './abort.ts';
import type { ClipEncoder, ClipSpec, OpenClip } from './encoder.ts';
import type { H264Reply, H264Request } from './h264-worker.ts';

/**
 * A worker nobody used for this long ends; the next clip then waits about 80 ms for a new one. Long enough for people who
 * have their pictures drawn one after the other.
 */
const idleMilliseconds = 60_000;

/** 1..100 to H.264's quantiser; 80 gives about 42 dB on manga frames. */
const quantizer = (quality: number): number => Math.min(51, Math.max(10, Math.round(46 - 0.3 * quality)));

/** One worker thread that serves one clip at a time, each request answered by one reply. */
class H264Thread {
  #worker = new Worker(sibling('./h264-worker', import.meta.url));
  #settle?: { resolve(reply: H264Reply): void; reject(error: Error): void };
  #dead?: Error;

  constructor() {
    this.#worker.on('message', (reply: H264Reply) => this.#settle?.resolve(reply));
    this.#worker.on('error', (cause) => this.#fail(this.#failure(cause.message)));
    this.#worker.on('exit', () => this.#fail(this.#failure('the encoder thread ended')));
  }

  get dead(): boolean {
    return this.#dead !== undefined;
  }

  /** The transferred buffer is gone for the caller. */
  async call(request: H264Request, transfer: ArrayBuffer[] = []): Promise<H264Reply> {
    if (this.#dead) throw this.#dead;
    const reply = await new Promise<H264Reply>((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#worker.postMessage(request, transfer);
    });
    if ('failed' in reply) throw this.#failure(reply.failed);
    return reply;
  }

  /** Keeps the process alive while a clip is encoded, not while the thread waits for the next. */
  hold(held: boolean): void {
    if (held) this.#worker.ref();
    else this.#worker.unref();
  }

  async end(reason: Error): Promise<void> {
    this.#fail(reason);
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#dead ??= error;
    this.#settle?.reject(this.#dead);
  }

  #failure(detail: string): MangaError {
    const hint = "Try a smaller size, or install ffmpeg and set the encoder to 'ffmpeg'.";
    return new MangaError('INTERNAL', `The built-in MP4 encoder failed: ${detail}.`, hint);
  }
}

let spare: { readonly thread: H264Thread; readonly timer: NodeJS.Timeout } | undefined;

function lease(): H264Thread {
  const waiting = spare;
  spare = undefined;
  clearTimeout(waiting?.timer);
  const thread = waiting && !waiting.thread.dead ? waiting.thread : new H264Thread();
  thread.hold(true);
  return thread;
}

function giveBack(thread: H264Thread): void {
  thread.hold(false);
  if (spare || thread.dead) {
    void thread.end(cancelled());
    return;
  }
  const timer = setTimeout(() => {
    spare = undefined;
    void thread.end(cancelled());
  }, idleMilliseconds);
  timer.unref();
  spare = { thread, timer };
}

async function open(spec: ClipSpec): Promise<OpenClip> {
  const thread = lease();
  let running = true;
  const abort = async (): Promise<void> => {
    if (!running) return;
    running = false;
    await thread.end(cancelled());
  };
  try {
    const { width, height, channels, fps } = spec;
    await thread.call({ open: { width, height, channels, fps, quantizer: quantizer(spec.quality) } });
  } catch (error) {
    await abort();
    throw error;
  }
  return {
    async write(frames) {
      // A copy to give away: the renderer may keep its own.
      const copy = new Uint8Array(frames);
      await thread.call({ frames: copy }, [copy.buffer]);
    },
    async finish() {
      const reply = await thread.call({ finish: true });
      if (!running) throw cancelled();
      running = false;
      giveBack(thread);
      await writeFile(spec.path, (reply as Extract<H264Reply, { file: unknown }>).file);
    },
    abort,
  };
}

export const wasmEncoder: ClipEncoder = { name: 'wasm', open };
