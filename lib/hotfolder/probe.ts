/**
 * The last gate before a file becomes a job: it is decoded, small, in a process of its own. A file that crashes the decoder,
 * hangs it or eats memory ends that process and is refused; Node-RED's own never touches its pixels.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fromWire, MangaError, type WireError } from '../errors/manga-error.ts';
import { MAX_BYTES, MAX_PIXELS } from '../media/limits.ts';
import { sibling } from '../sibling.ts';
import { isPassing } from './io-error.ts';
import type { Probe, ProbeResult } from './types.ts';

export interface PictureLimits {
  /** Width times height. Default: what is decoded later. */
  readonly maxPixels?: number;
  /** Bytes of the file. Default: what is read later. */
  readonly maxBytes?: number;
  /** Milliseconds for one file. Default 25,000. */
  readonly timeoutMs?: number;
  /** Memory of the process, bytes (watched on Linux). Default 1.5 GB. */
  readonly maxMemory?: number;
  /** Long side of the small picture, pixels. Default 256. */
  readonly side?: number;
  /** Of the small picture, WebP's. Default 60. */
  readonly quality?: number;
}

export interface ProbeRequest {
  readonly path: string;
  readonly maxPixels: number;
  readonly maxBytes: number;
  readonly side: number;
  readonly quality: number;
}

export type ProbeReply =
  | { readonly thumbnail: Uint8Array }
  /** `errno`: of a file operation that failed. */
  | { readonly error: WireError; readonly errno: string };

/** A process nobody used for this long ends; the next file waits about 200 ms for a new one. */
const IDLE_MS = 15_000;
const LOOK_MS = 100;
const PAGE_BYTES = 4096;
const SAVE_ANEW = 'Open it in a picture program, save it anew as JPEG or PNG, and drop that.';

function bad(message: string, code: 'BAD_INPUT' | 'TIMEOUT' = 'BAD_INPUT'): MangaError {
  return new MangaError(code, message, SAVE_ANEW);
}

/** @returns bytes; 0 where it cannot be told */
async function residentBytes(pid: number | undefined): Promise<number> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(statm.split(' ')[1] ?? 0) * PAGE_BYTES;
}

class DecoderProcess {
  readonly #limits: Required<PictureLimits>;
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(limits: Required<PictureLimits>) {
    this.#limits = limits;
  }

  /** One file at a time. @returns 'crashed' if the process ended by itself. @throws MangaError if it had to be ended */
  async ask(path: string): Promise<ProbeReply | 'crashed'> {
    clearTimeout(this.#idle);
    const child = this.#running();
    child.ref();
    child.channel?.ref();
    const { timeoutMs, maxMemory, ...asked } = this.#limits;
    let look: NodeJS.Timeout | undefined;
    let timer: NodeJS.Timeout | undefined;
    let failed = () => {};
    try {
      return await new Promise<ProbeReply | 'crashed'>((resolve, reject) => {
        child.once('message', (reply: ProbeReply) => resolve(reply));
        child.once('exit', () => resolve('crashed'));
        failed = () => resolve('crashed');
        child.once('error', failed);
        timer = setTimeout(
          () => reject(bad(`It could not be decoded within ${timeoutMs / 1000} s.`, 'TIMEOUT')),
          timeoutMs,
        );
        look = setInterval(async () => {
          if ((await residentBytes(child.pid)) > maxMemory)
            reject(bad(`It takes more than ${Math.round(maxMemory / 1e6)} MB to decode.`));
        }, LOOK_MS);
        const request: ProbeRequest = { path, ...asked };
        child.send(request, (error) => error && resolve('crashed'));
      });
    } catch (error) {
      this.#end(child);
      throw error;
    } finally {
      clearTimeout(timer);
      clearInterval(look);
      child.removeAllListeners('message');
      child.removeAllListeners('exit');
      child.off('error', failed);
      this.#rest(child);
    }
  }

  #running(): ChildProcess {
    if (this.#child?.connected) return this.#child;
    const child = fork(fileURLToPath(sibling('./probe-worker', import.meta.url)), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: ['--max-old-space-size=256'],
    });
    // Without a listener the event would end this process.
    child.on('error', () => {});
    this.#child = child;
    return child;
  }

  /** Keeps nobody's process alive while there is nothing to do. */
  #rest(child: ChildProcess): void {
    child.unref();
    child.channel?.unref();
    this.#idle = setTimeout(() => this.#end(child), IDLE_MS).unref();
  }

  #end(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined;
    child.kill('SIGKILL');
  }
}

function resultOf(reply: ProbeReply): ProbeResult {
  if ('thumbnail' in reply) return reply;
  const passing = Object.assign(new Error(reply.error.message), { code: reply.errno });
  throw isPassing(passing) || reply.errno === 'ENOENT' ? passing : fromWire(reply.error);
}

/**
 * @returns a probe that rejects what can never be drawn: BAD_INPUT with the reason, IO if the file may not be read, TIMEOUT;
 *   and gives the others' thumbnails
 */
export function pictureProbe(limits: PictureLimits = {}): Probe {
  const decoder = new DecoderProcess({
    maxPixels: MAX_PIXELS,
    maxBytes: MAX_BYTES,
    timeoutMs: 25_000,
    maxMemory: 1.5e9,
    side: 256,
    quality: 60,
    ...limits,
  });
  let last: Promise<unknown> = Promise.resolve();
  const probe = async (path: string): Promise<ProbeResult> => {
    let reply = await decoder.ask(path);
    // Once more, in a new process: it may have been killed for want of memory, or by hand.
    if (reply === 'crashed') reply = await decoder.ask(path);
    if (reply === 'crashed') throw bad('It makes the decoder crash.');
    return resultOf(reply);
  };
  return (path) => {
    const turn = last.then(() => probe(path));
    last = turn.catch(() => undefined);
    return turn;
  };
}
