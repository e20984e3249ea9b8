/** Writes protocol buffer messages (https://protobuf.dev/programming-guides/encoding), as many kinds of fields as a graph needs. */

const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

export class Message {
  readonly #parts: Uint8Array[] = [];

  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    do {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      bytes.push(rest > 0n ? low | 0x80 : low);
    } while (rest > 0n);
    this.#parts.push(Uint8Array.from(bytes));
  }

  #key(field: number, kind: number): void {
    this.#varint((field << 3) | kind);
  }

  /** An integer, enumeration or truth value. */
  integer(field: number, value: number): this {
    this.#key(field, VARINT);
    this.#varint(value);
    return this;
  }

  float(field: number, value: number): this {
    this.#key(field, FIXED32);
    this.#parts.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, BYTES);
    this.#varint(value.byteLength);
    this.#parts.push(value);
    return this;
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.encode());
  }

  encode(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
