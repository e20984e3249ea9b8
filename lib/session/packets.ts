/**
 * The byte format of a channel. A message is one head packet (JSON) and, for its typed arrays, data packets. Packets of
 * different messages may alternate, so that a small message is not held up behind a big one.
 *
 * packet = magic u8 | kind u8 | zero u16 | message number u32 | body length u32 | body      (little endian)
 */
import { type PayloadSlot, unpack } from './payloads.ts';

export const PacketKind = { head: 0, data: 1, drop: 2 } as const;
export type PacketKind = (typeof PacketKind)[keyof typeof PacketKind];

export const HEADER_BYTES = 12;
/** Bytes of a head packet's JSON at most. */
export const MAX_HEAD_BYTES = 4 * 2 ** 20;
/** Bytes of a data packet at most: copying one takes well under a millisecond. */
export const MAX_DATA_BYTES = 256 * 2 ** 10;
/** Bytes of all typed arrays of one message at most. */
export const MAX_MESSAGE_BYTES = 2 ** 31;

const MAGIC = 0x4d;

export interface Head {
  readonly json: unknown;
  readonly slots: readonly PayloadSlot[];
}

export function packetHeader(kind: PacketKind, message: number, bodyBytes: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(MAGIC, 0);
  header.writeUInt8(kind, 1);
  header.writeUInt32LE(message, 4);
  header.writeUInt32LE(bodyBytes, 8);
  return header;
}

/** The bytes that came are not this format. The connection cannot be used any more. */
export class PacketError extends Error {
  override readonly name = 'PacketError';
}

function checkHead(head: unknown): Head {
  const slots = (head as { slots?: unknown } | null)?.slots;
  if (!Array.isArray(slots)) throw new PacketError('a head without slots');
  let total = 0;
  for (const { path, type, bytes } of slots) {
    if (!Array.isArray(path) || !['uint8', 'int32', 'float32'].includes(type)) throw new PacketError('a bad slot');
    if (!Number.isSafeInteger(bytes) || bytes < 0 || (type !== 'uint8' && bytes % 4 !== 0))
      throw new PacketError('a bad length');
    total += bytes;
  }
  if (total > MAX_MESSAGE_BYTES) throw new PacketError(`a message of ${total} bytes`);
  return head as Head;
}

/** A message whose typed arrays are still arriving. */
class Incoming {
  readonly head: Head;
  readonly payloads: Uint8Array[];
  #index = 0;
  #offset = 0;

  constructor(head: Head) {
    this.head = head;
    this.payloads = head.slots.map((slot) => Buffer.allocUnsafeSlow(slot.bytes)).map((b) => new Uint8Array(b.buffer));
    this.#skipFull();
  }

  #skipFull(): void {
    while (this.#index < this.payloads.length && this.#offset === this.payloads[this.#index]!.length) {
      this.#index++;
      this.#offset = 0;
    }
  }

  get complete(): boolean {
    return this.#index === this.payloads.length;
  }

  get remaining(): number {
    return this.complete ? 0 : this.payloads[this.#index]!.length - this.#offset;
  }

  append(bytes: Uint8Array): void {
    this.payloads[this.#index]!.set(bytes, this.#offset);
    this.#offset += bytes.length;
    this.#skipFull();
  }

  value(): unknown {
    try {
      return unpack(this.head.json, this.head.slots, this.payloads);
    } catch (error) {
      throw new PacketError(`payloads that do not fit: ${(error as Error).message}`);
    }
  }
}

/** Puts messages together from chunks of bytes that may be cut anywhere. */
export class PacketReader {
  readonly #onMessage: (value: unknown) => void;
  readonly #incoming = new Map<number, Incoming>();
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  #kind: PacketKind = PacketKind.head;
  #message = 0;
  #bodyLeft = 0;
  #headBody = Buffer.alloc(0);

  constructor(onMessage: (value: unknown) => void) {
    this.#onMessage = onMessage;
  }

  /** @throws PacketError */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#headerBytes < HEADER_BYTES) {
        const take = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at);
        chunk.copy(this.#header, this.#headerBytes, at, at + take);
        this.#headerBytes += take;
        at += take;
        if (this.#headerBytes < HEADER_BYTES) return;
        this.#beginBody();
      } else {
        const take = Math.min(this.#bodyLeft, chunk.length - at);
        this.#body(chunk.subarray(at, at + take));
        at += take;
      }
      if (this.#bodyLeft === 0) this.#endBody();
    }
  }

  #beginBody(): void {
    const kind = this.#header.readUInt8(1);
    this.#message = this.#header.readUInt32LE(4);
    this.#bodyLeft = this.#header.readUInt32LE(8);
    if (this.#header.readUInt8(0) !== MAGIC || this.#header.readUInt16LE(2) !== 0)
      throw new PacketError('bytes that are no packet');
    const open = this.#incoming.get(this.#message);
    if (kind === PacketKind.head) {
      if (open) throw new PacketError('two heads with one number');
      if (this.#bodyLeft > MAX_HEAD_BYTES) throw new PacketError(`a head of ${this.#bodyLeft} bytes`);
      this.#headBody = Buffer.allocUnsafe(this.#bodyLeft);
    } else if (kind === PacketKind.data) {
      if (!open || this.#bodyLeft > open.remaining) throw new PacketError('data that no head announced');
    } else if (kind === PacketKind.drop) {
      if (!open || this.#bodyLeft > 0) throw new PacketError('a drop of nothing');
    } else {
      throw new PacketError(`packet kind ${kind}`);
    }
    this.#kind = kind;
  }

  #body(bytes: Buffer): void {
    if (this.#kind === PacketKind.head) bytes.copy(this.#headBody, this.#headBody.length - this.#bodyLeft);
    else this.#incoming.get(this.#message)!.append(bytes);
    this.#bodyLeft -= bytes.length;
  }

  #endBody(): void {
    this.#headerBytes = 0;
    const number = this.#message;
    if (this.#kind === PacketKind.head) {
      let head: Head;
      try {
        head = checkHead(JSON.parse(this.#headBody.toString('utf8')));
      } catch (error) {
        throw error instanceof PacketError ? error : new PacketError('a head that is not JSON');
      }
      this.#headBody = Buffer.alloc(0);
      this.#incoming.set(number, new Incoming(head));
    }
    const message = this.#incoming.get(number);
    if (this.#kind === PacketKind.drop) this.#incoming.delete(number);
    else if (message?.complete) {
      this.#incoming.delete(number);
      this.#onMessage(message.value());
    }
  }
}
