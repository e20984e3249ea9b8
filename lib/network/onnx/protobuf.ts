/**
 * Writes Protocol Buffers (https://protobuf.dev/programming-guides/encoding): just the part that ONNX models need.
 * A message is a list of byte chunks; nested messages are written as their bytes.
 */
const utf8 = new TextEncoder();
const WIRE_VARINT = 0;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

export class ProtoWriter {
  readonly #chunks: Uint8Array[] = [];

  #raw(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  #tag(field: number, wire: number): void {
    this.#raw(varint(field * 8 + wire));
  }

  /** int32, int64 and enum fields. @param value an integer of at most 53 bits; may be negative */
  int(field: number, value: number): this {
    this.#tag(field, WIRE_VARINT);
    this.#raw(varint(value));
    return this;
  }

  float(field: number, value: number): this {
    this.#tag(field, WIRE_FIXED32);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#raw(bytes);
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, WIRE_BYTES);
    this.#raw(varint(value.byteLength));
    this.#raw(value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  message(field: number, value: ProtoWriter): this {
    return this.bytes(field, value.finish());
  }

  /** Repeated integers, packed (proto3's form; every reader of proto2 fields accepts it too). */
  packedInts(field: number, values: readonly number[]): this {
    const packed = new ProtoWriter();
    for (const value of values) packed.#raw(varint(value));
    return this.bytes(field, packed.finish());
  }

  finish(): Uint8Array {
    let size = 0;
    for (const chunk of this.#chunks) size += chunk.byteLength;
    const all = new Uint8Array(size);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.byteLength;
    }
    return all;
  }
}

/** Base-128, low group first; negative numbers as their 64-bit two's complement. */
function varint(value: number): Uint8Array {
  const groups: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const group = Number(rest & 0x7fn);
    rest >>= 7n;
    groups.push(rest > 0n ? group | 0x80 : group);
  } while (rest > 0n);
  return Uint8Array.from(groups);
}
