/** Files made by hand to lie: declared sizes, loops, bombs. Each is a valid file in all but one respect. */
import { CRAFTED_PNG } from './crafted-png.ts';
import type { Crafted } from './crafted-type.ts';
import { randomBytes } from './damage.ts';

/** Sets the size in the frame header of a JPEG. */
function jpegSize(bytes: Buffer, width: number, height: number): Buffer {
  const out = Buffer.from(bytes);
  for (let at = 2; at + 9 < out.length; at += 2 + out.readUInt16BE(at + 2)) {
    if (out[at + 1] !== 0xc0 && out[at + 1] !== 0xc2) continue;
    out.writeUInt16BE(height, at + 5);
    out.writeUInt16BE(width, at + 7);
    break;
  }
  return out;
}

/** A segment right behind a JPEG's first marker. */
function withSegment(bytes: Buffer, marker: number, data: Uint8Array): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(Math.min(0xffff, data.length + 2), 2);
  return Buffer.concat([bytes.subarray(0, 2), head, data, bytes.subarray(2)]);
}

/** TIFF directory entries of 12 bytes: tag, type, count, value. */
function tiff(entries: readonly (readonly [number, number, number, number])[], next = 0, data = 64): Buffer {
  const out = Buffer.alloc(8 + 2 + entries.length * 12 + 4 + data);
  out.write('II*\0', 'latin1');
  out.writeUInt32LE(8, 4);
  out.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + index * 12;
    out.writeUInt16LE(tag, at);
    out.writeUInt16LE(type, at + 2);
    out.writeUInt32LE(count >>> 0, at + 4);
    out.writeUInt32LE(value >>> 0, at + 8);
  }
  out.writeUInt32LE(next, 10 + entries.length * 12);
  return out;
}

const grey = (width: number, height: number, offset: number, bytes: number) =>
  [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, 8],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, 1, offset],
    [277, 3, 1, 1],
    [278, 4, 1, height],
    [279, 4, 1, bytes],
  ] as const;

/** An EXIF block whose directory holds `entry` and continues at `next`. */
function exif(entry: readonly [number, number, number, number], next = 0): Buffer {
  return Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff([entry], next, 8)]);
}

export const CRAFTED: readonly Crafted[] = [
  ...CRAFTED_PNG,
  { kind: 'jpeg-65535', extension: 'jpg', good: false, make: (_r, s) => jpegSize(s('jpeg').bytes, 65_500, 65_500) },
  { kind: 'jpeg-too-tall', extension: 'jpg', make: (r, s) => jpegSize(s('jpeg').bytes, 40, 200 + r.int(2000)) },
  { kind: 'jpeg-no-size', extension: 'jpg', good: false, make: (_r, s) => jpegSize(s('jpeg').bytes, 0, 0) },
  {
    kind: 'jpeg-exif-turned-odd',
    extension: 'jpg',
    good: true,
    make: (r, s) => withSegment(s('jpeg').bytes, 0xe1, exif([0x112, 3, 1, 9 + r.int(60_000)])),
  },
  {
    kind: 'jpeg-exif-loop',
    extension: 'jpg',
    make: (_r, s) => withSegment(s('jpeg').bytes, 0xe1, exif([0x8769, 4, 1, 8], 8)),
  },
  {
    kind: 'jpeg-exif-count',
    extension: 'jpg',
    make: (_r, s) => withSegment(s('jpeg').bytes, 0xe1, exif([0x10e, 2, 0xffffffff, 0xfffffff0])),
  },
  {
    kind: 'jpeg-exif-noise',
    extension: 'jpg',
    make: (r, s) =>
      withSegment(s('jpeg').bytes, 0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), randomBytes(r, 2000)])),
  },
  {
    kind: 'jpeg-profile-noise',
    extension: 'jpg',
    make: (r, s) =>
      withSegment(
        s('jpeg').bytes,
        0xe2,
        Buffer.concat([Buffer.from('ICC_PROFILE\0\x01\x01', 'latin1'), randomBytes(r, 500)]),
      ),
  },
  {
    kind: 'jpeg-profile-missing-parts',
    extension: 'jpg',
    make: (r, s) =>
      withSegment(
        s('jpeg').bytes,
        0xe2,
        Buffer.concat([Buffer.from('ICC_PROFILE\0\x03\xff', 'latin1'), randomBytes(r, 50)]),
      ),
  },
  {
    kind: 'jpeg-adobe-odd',
    extension: 'jpg',
    make: (r, s) =>
      withSegment(
        s('jpeg-cmyk').bytes,
        0xee,
        Buffer.concat([Buffer.from('Adobe', 'latin1'), Buffer.from([0, 100, 0, 0, 0, 0, r.int(256)])]),
      ),
  },
  {
    kind: 'jpeg-2000-comments',
    extension: 'jpg',
    good: true,
    make: (_r, s) =>
      Array.from({ length: 2000 }).reduce<Buffer>(
        (bytes) => withSegment(bytes, 0xfe, Buffer.from('again')),
        s('jpeg').bytes,
      ),
  },
  {
    kind: 'jpeg-ends-at-the-scan',
    extension: 'jpg',
    good: false,
    make: (_r, s) => {
      const { bytes } = s('jpeg');
      return bytes.subarray(0, bytes.indexOf(Buffer.from([0xff, 0xda])));
    },
  },
  {
    kind: 'gif-65535',
    extension: 'gif',
    make: (_r, s) => {
      const out = Buffer.from(s('gif').bytes);
      out.writeUInt32LE(0xffffffff, 6);
      return out;
    },
  },
  { kind: 'gif-no-end', extension: 'gif', make: (_r, s) => s('gif').bytes.subarray(0, -1) },
  {
    kind: 'gif-frame-outside',
    extension: 'gif',
    make: (_r, s) => {
      const out = Buffer.from(s('gif-animated').bytes);
      const at = out.lastIndexOf(0x2c);
      out.writeUInt16LE(60_000, at + 1);
      return out;
    },
  },
  {
    kind: 'webp-size-lies',
    extension: 'webp',
    make: (r, s) => {
      const out = Buffer.from(s('webp').bytes);
      out.writeUInt32LE(r.int(2 ** 32), 4);
      return out;
    },
  },
  {
    kind: 'webp-16384',
    extension: 'webp',
    good: false,
    make: (_r, s) => {
      const out = Buffer.from(s('webp-animated').bytes);
      out.fill(0xff, 24, 30);
      return out;
    },
  },
  { kind: 'tiff-loop', extension: 'tif', make: () => tiff(grey(8, 8, 122, 64), 8) },
  { kind: 'tiff-data-outside', extension: 'tif', good: false, make: () => tiff(grey(8, 8, 0xfffffff0, 64)) },
  {
    kind: 'tiff-4-billion-wide',
    extension: 'tif',
    good: false,
    make: () => tiff(grey(0xffffffff, 0xffffffff, 122, 64)),
  },
  {
    kind: 'tiff-count-lies',
    extension: 'tif',
    make: () => tiff([...grey(8, 8, 122, 64).slice(0, 8), [279, 4, 0x40000000, 8]]),
  },
  { kind: 'tiff-no-tags', extension: 'tif', good: false, make: () => tiff([]) },
  {
    kind: 'tiff-directory-outside',
    extension: 'tif',
    good: false,
    make: () => Buffer.from('II*\0\xf0\xff\xff\x7f\0\0\0\0\0\0\0\0', 'latin1'),
  },
  {
    kind: 'avif-box-of-4-gb',
    extension: 'avif',
    make: (_r, s) => {
      const out = Buffer.from(s('avif').bytes);
      out.writeUInt32BE(0xfffffff0, out.indexOf('meta', 0, 'latin1') - 4);
      return out;
    },
  },
  {
    kind: 'avif-no-picture',
    extension: 'avif',
    good: false,
    make: (_r, s) => {
      const { bytes } = s('avif');
      return bytes.subarray(0, bytes.indexOf('mdat', 0, 'latin1') - 4);
    },
  },
  {
    kind: 'avif-size-lies',
    extension: 'avif',
    make: (_r, s) => {
      const out = Buffer.from(s('avif').bytes);
      const at = out.indexOf('ispe', 0, 'latin1');
      out.fill(0xff, at + 8, at + 16);
      return out;
    },
  },
];
