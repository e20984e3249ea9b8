/** PNGs made by hand to lie: each is a valid file in all but one respect. */
import { crc32, deflateSync } from 'node:zlib';
import type { Crafted } from './crafted-type.ts';
import { randomBytes } from './damage.ts';

const PNG_MAGIC = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function pngChunk(type: string, data: Uint8Array, declared = data.length): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(declared >>> 0, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function header(width: number, height: number, depth = 8, colour = 0): Buffer {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(width >>> 0, 0);
  data.writeUInt32BE(height >>> 0, 4);
  data.set([depth, colour], 8);
  return pngChunk('IHDR', data);
}

const END = pngChunk('IEND', Buffer.alloc(0));
const png = (...chunks: readonly Buffer[]): Buffer => Buffer.concat([PNG_MAGIC, ...chunks]);
const rows = (width: number, height: number): Buffer =>
  pngChunk('IDAT', deflateSync(Buffer.alloc((width + 1) * height)));

/** A chunk put in front of the first IDAT of a good PNG. */
function withChunk(bytes: Buffer, chunk: Buffer): Buffer {
  const at = bytes.indexOf('IDAT', 0, 'latin1') - 4;
  return Buffer.concat([bytes.subarray(0, at), chunk, bytes.subarray(at)]);
}

export const CRAFTED_PNG: readonly Crafted[] = [
  {
    kind: 'png-2-billion-wide',
    extension: 'png',
    good: false,
    make: () => png(header(0x7fffffff, 0x7fffffff), rows(8, 8), END),
  },
  { kind: 'png-no-width', extension: 'png', good: false, make: () => png(header(0, 8), rows(8, 8), END) },
  {
    kind: 'png-140-megapixels',
    extension: 'png',
    good: false,
    make: () => png(header(12_000, 12_000, 1), rows(1500, 12_000), END),
  },
  {
    kind: 'png-rows-missing',
    extension: 'png',
    good: false,
    make: (r) => png(header(64, 64 + r.int(64)), rows(64, 8), END),
  },
  {
    kind: 'png-bomb-behind-the-picture',
    extension: 'png',
    make: () => png(header(8, 8), pngChunk('IDAT', deflateSync(Buffer.alloc(20_000_000))), END),
  },
  {
    kind: 'png-text-bomb',
    extension: 'png',
    make: (_r, s) =>
      withChunk(
        s('png').bytes,
        pngChunk('zTXt', Buffer.concat([Buffer.from('a\0\0', 'latin1'), deflateSync(Buffer.alloc(30_000_000))])),
      ),
  },
  {
    kind: 'png-profile-bomb',
    extension: 'png',
    make: (_r, s) =>
      withChunk(
        s('png').bytes,
        pngChunk('iCCP', Buffer.concat([Buffer.from('a\0\0', 'latin1'), deflateSync(Buffer.alloc(30_000_000))])),
      ),
  },
  {
    kind: 'png-profile-of-noise',
    extension: 'png',
    make: (r, s) =>
      withChunk(
        s('png').bytes,
        pngChunk('iCCP', Buffer.concat([Buffer.from('a\0\0', 'latin1'), deflateSync(randomBytes(r, 600))])),
      ),
  },
  {
    kind: 'png-chunk-of-4-gb',
    extension: 'png',
    make: (_r, s) => withChunk(s('png').bytes, pngChunk('tEXt', Buffer.alloc(4), 0xffffffff)),
  },
  {
    kind: 'png-4000-chunks',
    extension: 'png',
    make: (_r, s) =>
      withChunk(
        s('png').bytes,
        Buffer.concat(Array.from({ length: 4000 }, () => pngChunk('tEXt', Buffer.from('a\0b', 'latin1')))),
      ),
  },
  { kind: 'png-no-palette', extension: 'png', make: () => png(header(8, 8, 8, 3), rows(8, 8), END) },
  {
    kind: 'png-odd-depth',
    extension: 'png',
    good: false,
    make: (r) => png(header(8, 8, 3 + 4 * r.int(2), 2), rows(24, 8), END),
  },
  { kind: 'png-data-first', extension: 'png', good: false, make: () => png(rows(8, 8), header(8, 8), END) },
];
