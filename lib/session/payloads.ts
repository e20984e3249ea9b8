/**
 * Splits a value into a JSON part and its typed arrays, and joins them again. Typed arrays cross a process boundary as
 * raw bytes (in this machine's byte order), each named by its path in the value.
 */
import { MangaError } from '../errors/manga-error.ts';

export type PayloadType = 'uint8' | 'int32' | 'float32';
export type Payload = Uint8Array | Int32Array | Float32Array;

/** Where a typed array sits in the value, what it is, and its length in bytes. */
export interface PayloadSlot {
  readonly path: readonly (string | number)[];
  readonly type: PayloadType;
  readonly bytes: number;
}

export interface Packed {
  /** The value without its typed arrays; safe for JSON. */
  readonly json: unknown;
  readonly slots: readonly PayloadSlot[];
  /** Views of the value's own memory, in the order of `slots`; not copied. */
  readonly payloads: readonly Uint8Array[];
}

function payloadType(view: ArrayBufferView): PayloadType {
  if (view instanceof Uint8Array || view instanceof Uint8ClampedArray) return 'uint8';
  if (view instanceof Float32Array) return 'float32';
  if (view instanceof Int32Array) return 'int32';
  throw new MangaError(
    'BAD_INPUT',
    `A ${view.constructor.name} cannot be sent to the session.`,
    'Pixels are 8-bit: send a Buffer or Uint8Array, or save the picture as PNG and send that.',
  );
}

/** @throws MangaError BAD_INPUT for a typed array that has no payload type, or a value that contains itself */
export function pack(value: unknown): Packed {
  const slots: PayloadSlot[] = [];
  const payloads: Uint8Array[] = [];
  const ancestors = new Set<object>();

  const walk = (node: unknown, path: readonly (string | number)[]): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    if (ArrayBuffer.isView(node)) {
      slots.push({ path, type: payloadType(node), bytes: node.byteLength });
      payloads.push(new Uint8Array(node.buffer, node.byteOffset, node.byteLength));
      return null;
    }
    if (ancestors.has(node)) throw new MangaError('BAD_INPUT', 'A value that contains itself cannot be sent.');
    ancestors.add(node);
    const copy = Array.isArray(node)
      ? node.map((item, index) => walk(item, [...path, index]))
      : Object.fromEntries(Object.entries(node).map(([key, item]) => [key, walk(item, [...path, key])]));
    ancestors.delete(node);
    return copy;
  };

  return { json: walk(value, []), slots, payloads };
}

/** A typed array over `bytes`, which must own its buffer from offset 0. */
function typed(bytes: Uint8Array, type: PayloadType): Payload {
  if (type === 'uint8') return bytes;
  const elements = bytes.byteLength / 4;
  return type === 'float32' ? new Float32Array(bytes.buffer, 0, elements) : new Int32Array(bytes.buffer, 0, elements);
}

/** Inverse of {@link pack}. @throws RangeError or TypeError if the slots do not fit the value */
export function unpack(json: unknown, slots: readonly PayloadSlot[], payloads: readonly Uint8Array[]): unknown {
  const root: { value: unknown } = { value: json };
  slots.forEach((slot, i) => {
    const path = ['value', ...slot.path];
    const last = path.pop()!;
    // Own properties only, so that a malformed path cannot reach a prototype.
    const parent = path.reduce<object>((node, key) => {
      const next: unknown = Object.getOwnPropertyDescriptor(node, key)?.value;
      if (typeof next !== 'object' || next === null) throw new TypeError(`no ${path.join('.')} in the message`);
      return next;
    }, root);
    Object.defineProperty(parent, last, {
      value: typed(payloads[i]!, slot.type),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  });
  return root.value;
}
