/**
 * Messages (JSON values with typed arrays in them) over a duplex stream, both ways. Big messages go out in pieces, in
 * turns with the others, and only as fast as the other side reads.
 */
import type { Duplex } from 'node:stream';
import { MangaError } from '../errors/manga-error.ts';
import {
  MAX_DATA_BYTES,
  MAX_HEAD_BYTES,
  MAX_MESSAGE_BYTES,
  PacketKind,
  PacketReader,
  packetHeader,
} from './packets.ts';
import { pack } from './payloads.ts';

/** Bytes written in one turn of the event loop, so that other work gets its turn while a big message goes out. */
const BYTES_A_TURN = 512 * 2 ** 10;

/** A message on its way out. */
export interface Outgoing {
  /** Takes the message back. @returns false if it had gone out already: then the other side has it */
  drop(): boolean;
}

class Sending implements Outgoing {
  readonly number: number;
  readonly #payloads: Uint8Array[];
  #head: Buffer | undefined;
  #offset = 0;
  #begun = false;
  #dropped = false;

  constructor(number: number, head: Buffer, payloads: readonly Uint8Array[]) {
    this.number = number;
    this.#head = head;
    this.#payloads = payloads.filter((payload) => payload.length > 0);
  }

  drop(): boolean {
    if (this.done) return false;
    this.#dropped = true;
    return true;
  }

  get done(): boolean {
    return !this.#head && this.#payloads.length === 0;
  }

  /** The next packet, or undefined if nothing of it need be sent any more. */
  next(): { kind: PacketKind; body: Uint8Array } | undefined {
    if (this.#dropped) {
      const kind = PacketKind.drop;
      this.#head = undefined;
      this.#payloads.length = 0;
      return this.#begun ? { kind, body: new Uint8Array(0) } : undefined;
    }
    this.#begun = true;
    if (this.#head) {
      const body = this.#head;
      this.#head = undefined;
      return { kind: PacketKind.head, body };
    }
    const payload = this.#payloads[0]!;
    const body = payload.subarray(this.#offset, this.#offset + MAX_DATA_BYTES);
    this.#offset += body.length;
    if (this.#offset === payload.length) {
      this.#payloads.shift();
      this.#offset = 0;
    }
    return { kind: PacketKind.data, body };
  }
}

export class Channel {
  readonly #stream: Duplex;
  readonly #queue: Sending[] = [];
  #lastNumber = 0;
  #pumping = false;
  #closed = false;

  /**
   * @param onMessage called for each message, in order of completion
   * @param onClose called once, when the stream ended, with the error if it did not end well. Nothing is thrown.
   */
  constructor(stream: Duplex, onMessage: (value: unknown) => void, onClose: (error?: Error) => void) {
    this.#stream = stream;
    let failure: Error | undefined;
    const reader = new PacketReader(onMessage);
    const close = (error?: Error): void => {
      if (this.#closed) return;
      this.#closed = true;
      this.#queue.length = 0;
      onClose(failure ?? error);
    };
    stream.on('data', (chunk: Buffer) => {
      if (this.#closed) return;
      try {
        reader.push(chunk);
      } catch (error) {
        failure = error as Error;
        stream.destroy();
      }
    });
    // Listeners stay on after the first event: a pipe whose other end died may report more than once.
    stream.on('error', (error: Error) => close(error));
    stream.on('end', () => stream.destroy());
    stream.on('close', () => close());
    stream.on('drain', () => this.#pumpSoon());
  }

  /**
   * Sends a value. Its typed arrays are not copied: leave them unchanged until the answer is there.
   * @throws MangaError BAD_INPUT if the value cannot be sent
   */
  send(value: unknown): Outgoing {
    const { json, slots, payloads } = pack(value);
    const head = Buffer.from(JSON.stringify({ json, slots }), 'utf8');
    const bytes = slots.reduce((sum, slot) => sum + slot.bytes, 0);
    if (head.length > MAX_HEAD_BYTES || bytes > MAX_MESSAGE_BYTES)
      throw new MangaError(
        'BAD_INPUT',
        `A message of ${Math.round((head.length + bytes) / 1e6)} MB is too big for the session.`,
        'Send big data as Buffer or typed array, and read fewer frames at a time.',
      );
    this.#lastNumber = (this.#lastNumber + 1) >>> 0;
    const sending = new Sending(this.#lastNumber, head, payloads);
    if (this.#closed) return sending;
    this.#queue.push(sending);
    if (!this.#pumping && !this.#stream.writableNeedDrain) this.#pump();
    return sending;
  }

  /** Ends the stream at once; what has not gone out is lost. */
  destroy(): void {
    this.#stream.destroy();
  }

  #pumpSoon(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      this.#pump();
    });
  }

  #pump(): void {
    let bytes = 0;
    while (this.#queue.length > 0 && !this.#closed) {
      if (this.#stream.writableNeedDrain) return;
      if (bytes >= BYTES_A_TURN) {
        this.#pumpSoon();
        return;
      }
      const sending = this.#queue.shift()!;
      const packet = sending.next();
      if (!sending.done) this.#queue.push(sending);
      if (!packet) continue;
      this.#stream.cork();
      this.#stream.write(packetHeader(packet.kind, sending.number, packet.body.length));
      if (packet.body.length > 0) this.#stream.write(packet.body);
      this.#stream.uncork();
      bytes += packet.body.length;
    }
  }
}
