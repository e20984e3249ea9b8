/**
 * The safetensors file format (https://github.com/huggingface/safetensors#format): eight bytes of header length, a JSON
 * header of names, types, shapes and offsets, then the raw little-endian data. Files come from anywhere, so everything
 * in the header is checked against the bytes that are there before it is believed.
 */
import type { DType, TensorData } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import { fromHalf, toHalf } from './half.ts';

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 100_000_000;
const MAX_RANK = 8;
const ITEM_BYTES = { F32: 4, F16: 2, I32: 4, U8: 1 } as const;
type StoredType = keyof typeof ITEM_BYTES;
const STORED: Record<DType, StoredType> = { float32: 'F32', int32: 'I32', uint8: 'U8' };
const METADATA = '__metadata__';

export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, TensorData>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * @param options.half writes float32 tensors as F16: half the size, about three digits
 * @returns the bytes of a .safetensors file
 */
export function writeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Readonly<Record<string, string>>,
  options: { half?: boolean } = {},
): Uint8Array {
  const entries = [...tensors].map(([name, tensor]) => {
    const type = tensor.dtype === 'float32' && options.half ? 'F16' : STORED[tensor.dtype];
    return { name, type, shape: tensor.shape, bytes: encode(tensor, type) };
  });
  // Wider elements first, as the format asks, so that every tensor is aligned.
  entries.sort((a, b) => ITEM_BYTES[b.type] - ITEM_BYTES[a.type] || (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = { [METADATA]: metadata };
  let end = 0;
  for (const { name, type, shape, bytes } of entries) {
    header[name] = { dtype: type, shape, data_offsets: [end, end + bytes.byteLength] };
    end += bytes.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const headerBytes = Math.ceil(text.byteLength / 8) * 8;
  const file = new Uint8Array(LENGTH_BYTES + headerBytes + end).fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(text, LENGTH_BYTES);
  let at = LENGTH_BYTES + headerBytes;
  for (const { bytes } of entries) {
    file.set(bytes, at);
    at += bytes.byteLength;
  }
  return file;
}

/**
 * F16 is read as float32. The data is copied out of `file`.
 * @throws MangaError BAD_INPUT when the bytes are not a whole, well-formed file of F32, F16, I32 and U8 tensors
 */
export function readSafetensors(file: Uint8Array): SafetensorsContent {
  const { header, body } = split(file);
  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]) => readEntry(name, value, body.byteLength))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  // Without gaps and overlaps, all tensors together are never larger than the file.
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) throw malformed(`tensor ${show(name)} does not begin where the one before it ends`);
    covered = end;
  }
  if (covered !== body.byteLength) throw malformed(`its tensors cover ${covered} of ${body.byteLength} bytes of data`);
  const tensors = new Map(
    entries.map(({ name, type, shape, begin, end }) => [name, decode(type, shape, body.slice(begin, end))]),
  );
  return { tensors, metadata: readMetadata((header as Record<string, unknown>)[METADATA] ?? {}) };
}

function split(file: Uint8Array): { header: object; body: Uint8Array } {
  if (file.byteLength < LENGTH_BYTES) throw malformed('it is too short');
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES || Number(length) > file.byteLength - LENGTH_BYTES) {
    throw malformed('its header is longer than the file: not a safetensors file, or cut off');
  }
  const start = LENGTH_BYTES + Number(length);
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(LENGTH_BYTES, start)));
  } catch (cause) {
    throw malformed('its header is not JSON', cause);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw malformed('its header is not a JSON object');
  }
  // A view of the plain class: Buffer's slice would not copy.
  return { header, body: new Uint8Array(file.buffer, file.byteOffset + start, file.byteLength - start) };
}

function readMetadata(value: unknown): Record<string, string> {
  const pairs = Object.entries(value as object);
  if (Array.isArray(value) || !pairs.every(([, text]) => typeof text === 'string')) {
    throw malformed('its metadata is not text');
  }
  return Object.fromEntries(pairs);
}

function readEntry(name: string, value: unknown, available: number) {
  const entry = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const type = entry.dtype as StoredType;
  if (typeof type !== 'string' || !Object.hasOwn(ITEM_BYTES, type)) {
    throw malformed(
      `tensor ${show(name)} has the type ${show(entry.dtype)}, not one of ${Object.keys(ITEM_BYTES).join(', ')}`,
    );
  }
  const shape = entry.shape;
  if (!isSizes(shape) || shape.length > MAX_RANK) throw malformed(`tensor ${show(name)} has no usable shape`);
  const offsets = entry.data_offsets;
  if (!isSizes(offsets) || offsets.length !== 2) throw malformed(`tensor ${show(name)} has no usable offsets`);
  const [begin, end] = offsets;
  if (begin > end || end > available) {
    throw malformed(`tensor ${show(name)} lies beyond the end of the file: it is cut off`);
  }
  const bytes = shape.reduce((a, b) => a * b, 1) * ITEM_BYTES[type];
  if (bytes !== end - begin)
    throw malformed(`tensor ${show(name)} of shape [${shape}] does not fit its ${end - begin} bytes`);
  return { name, type, shape, begin, end };
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function encode({ data }: TensorData, type: StoredType): Uint8Array {
  const stored = type === 'F16' ? Uint16Array.from(data, toHalf) : data;
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

/** @param bytes a copy of its own, which the result may keep */
function decode(type: StoredType, shape: readonly number[], bytes: Uint8Array): TensorData {
  if (type === 'U8') return { shape, dtype: 'uint8', data: bytes };
  if (type === 'I32') return { shape, dtype: 'int32', data: new Int32Array(bytes.buffer) };
  if (type === 'F32') return { shape, dtype: 'float32', data: new Float32Array(bytes.buffer) };
  return { shape, dtype: 'float32', data: Float32Array.from(new Uint16Array(bytes.buffer), fromHalf) };
}

/** Text from the file, short enough for a message. */
function show(value: unknown): string {
  return `"${String(value).slice(0, 80)}"`;
}

function malformed(what: string, cause?: unknown): MangaError {
  return new MangaError('BAD_INPUT', `Not a readable safetensors file: ${what}.`, undefined, { cause });
}
