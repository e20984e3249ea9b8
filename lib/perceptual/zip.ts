/** The entries of a zip file that stores them uncompressed, as torch.save does (APPNOTE.TXT 6.3.10, with zip64). */
import { refuse } from './pickle.ts';
import type { Bytes } from './state-dict.ts';

export interface ZipEntry {
  readonly size: number;
  /** Where its local header begins. */
  readonly header: number;
}

const END = { signature: 0x06054b50, length: 22, comment: 0xffff };
const END64 = { signature: 0x06064b50, length: 56 };
const LOCATOR64 = { signature: 0x07064b50, length: 20 };
const CENTRAL = { signature: 0x02014b50, length: 46 };
const LOCAL = { signature: 0x04034b50, length: 30 };
const IN_EXTRA = 0xffffffff;
const MAX_DIRECTORY = 16 * 2 ** 20;

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const long = (view: DataView, at: number) => Number(view.getBigUint64(at, true));

/** Where the central directory lies. */
async function directory(file: Bytes): Promise<{ offset: number; size: number }> {
  const tail = Math.min(file.size, END.length + END.comment + LOCATOR64.length);
  const view = viewOf(await file.read(file.size - tail, tail));
  let at = tail - END.length;
  while (at >= 0 && view.getUint32(at, true) !== END.signature) at--;
  if (at < 0) refuse('it is a zip file without a directory: it is cut off');
  const short = { size: view.getUint32(at + 12, true), offset: view.getUint32(at + 16, true) };
  const locator = at - LOCATOR64.length;
  if (locator < 0 || view.getUint32(locator, true) !== LOCATOR64.signature) return short;
  const end = viewOf(await file.read(long(view, locator + 8), END64.length));
  if (end.getUint32(0, true) !== END64.signature) refuse('its zip directory is malformed');
  return { size: long(end, 40), offset: long(end, 48) };
}

/** @throws MangaError BAD_INPUT when it is no whole zip file, or an entry is compressed or encrypted */
export async function readZipDirectory(file: Bytes): Promise<Map<string, ZipEntry>> {
  const { offset, size } = await directory(file);
  if (size > MAX_DIRECTORY) refuse('its zip directory is too long');
  const bytes = await file.read(offset, size);
  const view = viewOf(bytes);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  while (at < size) {
    if (at + CENTRAL.length > size || view.getUint32(at, true) !== CENTRAL.signature)
      refuse('its zip directory is malformed');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const next = at + CENTRAL.length + nameLength! + extraLength! + commentLength!;
    if (next > size) refuse('its zip directory is malformed');
    const name = new TextDecoder().decode(bytes.subarray(at + CENTRAL.length, at + CENTRAL.length + nameLength!));
    if (view.getUint16(at + 8, true) & 1) refuse('its entries are encrypted');
    if (view.getUint16(at + 10, true) !== 0) refuse('its entries are compressed, which torch.save does not do');
    const fields = [24, 20, 42].map((field) => view.getUint32(at + field, true));
    const extra = at + CENTRAL.length + nameLength!;
    widen(viewOf(bytes.subarray(extra, extra + extraLength!)), fields);
    entries.set(name, { size: fields[0]!, header: fields[2]! });
    at = next;
  }
  return entries;
}

/** Replaces those of [size, stored size, header] that did not fit 32 bits by the zip64 extra field's, in its order. */
function widen(extra: DataView, fields: number[]): void {
  let at = 0;
  while (at + 4 <= extra.byteLength) {
    const length = extra.getUint16(at + 2, true);
    if (extra.getUint16(at, true) === 1) {
      let from = at + 4;
      for (const [i, value] of fields.entries()) {
        if (value !== IN_EXTRA) continue;
        if (from + 8 > Math.min(at + 4 + length, extra.byteLength)) refuse('its zip directory is malformed');
        fields[i] = long(extra, from);
        from += 8;
      }
    }
    at += 4 + length;
  }
}

/** Where an entry's own bytes begin. */
export async function zipDataOffset(file: Bytes, entry: ZipEntry): Promise<number> {
  const local = viewOf(await file.read(entry.header, LOCAL.length));
  if (local.getUint32(0, true) !== LOCAL.signature) refuse('its zip entries are malformed');
  return entry.header + LOCAL.length + local.getUint16(26, true) + local.getUint16(28, true);
}
