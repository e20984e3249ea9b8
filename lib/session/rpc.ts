/**
 * Calls over a duplex stream. The caller numbers its calls; the other side answers each exactly once, in any order, with
 * a value or an error. A call can be cancelled; the answer to it is then awaited silently, so that the number of calls
 * in flight is that of the work the other side really has.
 */
import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { fromWire, MangaError, toWire, type WireError } from '../errors/manga-error.ts';
import { Channel, type Outgoing } from './channel.ts';
import { PacketError } from './packets.ts';
import { abortReason } from './signals.ts';

export interface CallOptions {
  /** Aborting rejects the call with CANCELLED and cancels the work on the other side. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the call rejects with TIMEOUT and the work is cancelled; 0 or absent: no limit. */
  readonly timeoutMs?: number;
}

export interface RpcCallOptions extends CallOptions {
  /** Not counted among the calls in flight and never refused as BUSY: for calls that free something. */
  readonly urgent?: boolean;
}

/** Does the calls of the other side. `signal` aborts when the call is cancelled or the connection ends. */
export type RpcHandler = (method: string, args: readonly unknown[], signal: AbortSignal) => Promise<unknown>;

interface PendingCall {
  readonly urgent: boolean;
  settle(error: Error | undefined, value?: unknown): void;
}

const answerSchema = z.union([
  z.object({
    answer: z.number(),
    error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  }),
  z.strictObject({ answer: z.number(), value: z.unknown().optional() }),
]);

const requestSchema = z.union([
  z.object({ call: z.number(), method: z.string(), args: z.array(z.unknown()) }),
  z.object({ cancel: z.number() }),
]);

function parseMessage<S extends z.ZodType>(schema: S, message: unknown): z.infer<S> {
  const result = schema.safeParse(message);
  if (!result.success) throw new PacketError('a message of unknown form');
  return result.data;
}

export interface RpcClientOptions {
  /** Calls in flight at most; further ones reject with BUSY. */
  readonly maxQueued: number;
  /** The connection ended by itself. Calls in flight stay pending until {@link RpcClient.close}. */
  onDisconnect(error?: Error): void;
}

export class RpcClient {
  readonly #channel: Channel;
  readonly #maxQueued: number;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;
  #inFlight = 0;
  #closed: MangaError | undefined;

  constructor(stream: Duplex, options: RpcClientOptions) {
    this.#maxQueued = options.maxQueued;
    this.#channel = new Channel(
      stream,
      (message) => this.#onAnswer(message),
      (error) => {
        if (!this.#closed) options.onDisconnect(error);
      },
    );
  }

  /** Calls that the other side has not answered yet, urgent ones not counted. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * @throws MangaError what the other side threw, or BUSY, CANCELLED, TIMEOUT, BAD_INPUT (arguments that cannot be
   * sent), or the error given to {@link close}
   */
  call(method: string, args: readonly unknown[], options: RpcCallOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { signal, timeoutMs = 0, urgent = false } = options;
      if (this.#closed) throw this.#closed;
      if (signal?.aborted) throw abortReason(signal);
      if (!urgent && this.#inFlight >= this.#maxQueued) throw busy(this.#maxQueued);

      const id = ++this.#lastId;
      const outgoing = this.#channel.send({ call: id, method, args });
      if (!urgent) this.#inFlight++;

      const giveUp = (error: MangaError): void => {
        stopWaiting();
        reject(error);
        this.#cancel(id, outgoing);
      };
      const onAbort = (): void => giveUp(abortReason(signal!));
      const timer =
        timeoutMs > 0
          ? setTimeout(() => {
              const message = `The session did not finish '${method}' within ${timeoutMs / 1000} s.`;
              giveUp(new MangaError('TIMEOUT', message, 'Allow more time, or make the picture or clip smaller.'));
            }, timeoutMs)
          : undefined;
      signal?.addEventListener('abort', onAbort, { once: true });
      const stopWaiting = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      };

      this.#pending.set(id, {
        urgent,
        settle: (error, value) => {
          stopWaiting();
          if (error) reject(error);
          else resolve(value);
        },
      });
    });
  }

  /** Ends the connection; calls in flight and later ones reject with `error`. */
  close(error: MangaError): void {
    this.#closed ??= error;
    this.#channel.destroy();
    for (const id of [...this.#pending.keys()]) this.#finish(id)?.settle(error);
  }

  #finish(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    if (!call) return undefined;
    this.#pending.delete(id);
    if (!call.urgent) this.#inFlight--;
    return call;
  }

  #cancel(id: number, outgoing: Outgoing): void {
    if (outgoing.drop()) this.#finish(id);
    else if (this.#pending.has(id)) this.#channel.send({ cancel: id });
  }

  #onAnswer(message: unknown): void {
    const answer = parseMessage(answerSchema, message);
    const call = this.#finish(answer.answer);
    if ('error' in answer) call?.settle(fromWire(answer.error as WireError));
    else call?.settle(undefined, answer.value);
  }
}

export function busy(limit: number): MangaError {
  return new MangaError(
    'BUSY',
    `The session has ${limit} calls waiting and takes no more.`,
    'Send pictures more slowly, or raise the number of waiting calls (maxQueued) in the session node.',
  );
}

/**
 * Answers calls until the connection ends; then aborts the calls still running.
 * @returns resolves when the other side ended the connection, rejects (PacketError or an error of the stream) when it broke
 */
export function serveRpc(stream: Duplex, handler: RpcHandler): Promise<void> {
  const running = new Map<number, AbortController>();

  return new Promise((resolve, reject) => {
    const channel = new Channel(stream, onMessage, (error) => {
      for (const abort of running.values()) abort.abort(new MangaError('CANCELLED', 'The connection ended.'));
      if (error) reject(error);
      else resolve();
    });

    function onMessage(message: unknown): void {
      const request = parseMessage(requestSchema, message);
      if ('cancel' in request)
        running.get(request.cancel)?.abort(new MangaError('CANCELLED', 'The call was cancelled.'));
      else void answer(request.call, request.method, request.args);
    }

    async function answer(id: number, method: string, args: readonly unknown[]): Promise<void> {
      const abort = new AbortController();
      running.set(id, abort);
      try {
        const value = await handler(method, args, abort.signal);
        channel.send({ answer: id, value });
      } catch (error) {
        channel.send({ answer: id, error: toWire(error) });
      } finally {
        running.delete(id);
      }
    }
  });
}
