/** Files that are no pictures whatever their names say, pictures under wrong names, and files that are two things at once. */
import { deflateRawSync } from 'node:zlib';
import type { Random } from '../../lib/random.ts';
import type { Crafted } from './crafted-type.ts';
import { randomBytes } from './damage.ts';

const SECRET = 'file:///etc/passwd';
const FAR = 'http://127.0.0.1:9/picture.png';
const text = (value: string): Buffer => Buffer.from(value, 'utf8');
const svg = (inner: string, head = ''): Buffer =>
  text(
    `${head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64">${inner}</svg>`,
  );
const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');

/** A zip with one member of zeros that says it is huge. */
function zipBomb(): Buffer {
  const data = deflateRawSync(Buffer.alloc(2_000_000));
  const head = Buffer.alloc(30);
  head.write('PK\x03\x04', 'latin1');
  head.writeUInt16LE(8, 8);
  head.writeUInt32LE(data.length, 18);
  head.writeUInt32LE(0xfffffff0, 22);
  return Buffer.concat([head, data]);
}

const bad = (kind: string, extension: string, make: (random: Random) => Buffer): Crafted => ({
  ...{ kind, extension, good: false, make },
});

export const STRANGERS: readonly Crafted[] = [
  bad('svg-reads-files', 'svg.png', () => svg(`<image xlink:href="${SECRET}" width="64" height="64"/>`)),
  bad('svg-calls-out', 'jpg', () =>
    svg(`<image xlink:href="${FAR}" width="64" height="64"/><style>@import url(${FAR});</style>`),
  ),
  bad('svg-laughs', 'png', () =>
    svg('<text>&l9;</text>', `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "ha">${laughs}]>`),
  ),
  bad('svg-entity-file', 'png', () =>
    svg('<text>&x;</text>', `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "${SECRET}">]>`),
  ),
  bad('svg-immense', 'png', () => text('<svg xmlns="http://www.w3.org/2000/svg" width="1000000" height="1000000"/>')),
  bad('html', 'jpg', () => text('<!doctype html><html><body><h1>404 Not Found</h1></body></html>')),
  bad('script', 'png', () => text('#!/bin/sh\necho broken >/dev/null\n')),
  bad('json', 'webp', () => text('{"error": "quota exceeded"}')),
  bad('pdf', 'jpg', (r) => Buffer.concat([text('%PDF-1.7\n'), randomBytes(r, 400)])),
  bad('zip-bomb', 'png', zipBomb),
  bad('program', 'png', (r) => Buffer.concat([Buffer.from('\x7fELF\x02\x01\x01', 'latin1'), randomBytes(r, 500)])),
  bad('video', 'jpg', (r) =>
    Buffer.concat([Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1'), randomBytes(r, 300)]),
  ),
  bad('matroska', 'gif', (r) => Buffer.concat([Buffer.from('\x1aE\xdf\xa3', 'latin1'), randomBytes(r, 300)])),
  bad('raw-photo', 'tif', (r) =>
    Buffer.concat([Buffer.from('II*\0\x10\0\0\0CR\x02\0', 'latin1'), randomBytes(r, 300)]),
  ),
  bad('bmp', 'png', (r) =>
    Buffer.concat([Buffer.from('BM\x36\0\0\0\0\0\0\0\x36\0\0\0', 'latin1'), randomBytes(r, 300)]),
  ),
  bad('jxl', 'jpg', (r) => Buffer.concat([Buffer.from('\xff\x0a', 'latin1'), randomBytes(r, 300)])),
  bad('heic', 'heic', (r) =>
    Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), randomBytes(r, 300)]),
  ),
  bad('imagemagick-script', 'jpg', () =>
    text(`push graphic-context\nviewbox 0 0 64 64\nfill 'url(${FAR}"|touch /tmp/never")'\npop graphic-context\n`),
  ),
  bad('netpbm', 'png', () => text('P6\n99999999 99999999\n255\n')),
  bad('openexr', 'tif', (r) => Buffer.concat([Buffer.from('\x76\x2f\x31\x01', 'latin1'), randomBytes(r, 200)])),
  bad('one-byte', 'jpg', (r) => randomBytes(r, 1).map(() => 0xff) as Buffer),
  bad('carriage-returns', 'png', () => text('\n'.repeat(300))),
  bad('gif-and-javascript', 'gif', () => text("GIF89a/*\0\0\0\0*/=1;alert('picture');")),
  { kind: 'png-named-jpg', extension: 'jpg', good: true, make: (_r, s) => s('png').bytes },
  { kind: 'jpeg-named-png', extension: 'png', good: true, make: (_r, s) => s('jpeg').bytes },
  { kind: 'webp-named-gif', extension: 'gif', good: true, make: (_r, s) => s('webp').bytes },
  { kind: 'tiff-named-avif', extension: 'avif', good: true, make: (_r, s) => s('tiff').bytes },
  { kind: 'jpeg-and-zip', extension: 'jpg', good: true, make: (_r, s) => Buffer.concat([s('jpeg').bytes, zipBomb()]) },
  {
    kind: 'png-and-html',
    extension: 'png',
    make: (_r, s) => Buffer.concat([s('png').bytes, text('<script>alert(1)</script>')]),
  },
  {
    kind: 'png-and-php',
    extension: 'php.png',
    make: (_r, s) => Buffer.concat([s('png').bytes, text('<?php system($_GET["c"]); ?>')]),
  },
  { kind: 'gif-and-jpeg', extension: 'gif', make: (_r, s) => Buffer.concat([s('gif').bytes, s('jpeg').bytes]) },
  {
    kind: 'jpeg-in-pdf',
    extension: 'jpg',
    good: false,
    make: (_r, s) => Buffer.concat([text('%PDF-1.4\nstream\n'), s('jpeg').bytes]),
  },
  { kind: 'tiff-and-png', extension: 'tif', make: (_r, s) => Buffer.concat([s('tiff').bytes, s('png').bytes]) },
];
