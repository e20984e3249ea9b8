import assert from 'node:assert/strict';
import test from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { decodePicture } from '../../lib/media/decode.ts';
import type { Pixels } from '../../lib/pipeline/types.ts';
import { colourPicture, psnr, refusal } from './media-support.ts';

const reference = new Uint8Array(await colourPicture().raw().toBuffer());

function pixel(picture: Pixels, x: number, y: number): number[] {
  const at = (y * picture.width + x) * 3;
  return [...picture.data.subarray(at, at + 3)];
}

const near = (a: readonly number[], b: readonly number[], slack: number): boolean =>
  a.every((value, i) => Math.abs(value - b[i]!) <= slack);

const toRgb = (file: Buffer): Promise<Buffer> => sharp(file).toColourspace('srgb').raw().toBuffer();

test('every format and kind of pixel becomes 8-bit sRGB', async (t) => {
  const base = await colourPicture().png().toBuffer();
  const grey = Uint8Array.from(await sharp(base).greyscale().toColourspace('srgb').png().toBuffer().then(toRgb));
  const kinds: readonly (readonly [name: string, bytes: Promise<Buffer>, expected: Uint8Array, decibels: number])[] = [
    ['png', sharp(base).png().toBuffer(), reference, 99],
    ['jpeg', sharp(base).jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer(), reference, 32],
    ['webp', sharp(base).webp({ quality: 95 }).toBuffer(), reference, 28],
    ['avif', sharp(base).avif({ quality: 90, effort: 0 }).toBuffer(), reference, 28],
    ['tiff', sharp(base).tiff({ compression: 'lzw' }).toBuffer(), reference, 99],
    ['gif', sharp(base).gif({ dither: 0 }).toBuffer(), reference, 35],
    ['palette png', sharp(base).png({ palette: true, dither: 0 }).toBuffer(), reference, 35],
    ['16-bit png', sharp(base).toColourspace('rgb16').png().toBuffer(), reference, 60],
    ['16-bit tiff', sharp(base).toColourspace('rgb16').tiff({ compression: 'lzw' }).toBuffer(), reference, 60],
    ['grey jpeg', sharp(base).greyscale().jpeg({ quality: 98 }).toBuffer(), grey, 40],
    ['16-bit grey png', sharp(base).toColourspace('grey16').png().toBuffer(), grey, 45],
    ['wide-gamut png', sharp(base).withIccProfile('p3').png().toBuffer(), reference, 40],
    // Ink cannot show the reference's saturated colours.
    ['cmyk jpeg', sharp(base).toColourspace('cmyk').jpeg({ quality: 98 }).toBuffer(), reference, 14],
    ['cmyk tiff', sharp(base).toColourspace('cmyk').tiff().toBuffer(), reference, 14],
  ];
  for (const [name, bytes, expected, decibels] of kinds) {
    await t.test(name, async () => {
      const picture = await decodePicture({ bytes: await bytes, name });
      assert.deepEqual([picture.width, picture.height, picture.data.length], [60, 40, 60 * 40 * 3]);
      const similar = psnr(picture.data, expected);
      assert(similar >= decibels, `${similar.toFixed(1)} dB, expected ${decibels}`);
    });
  }
});

test('all eight EXIF orientations come out upright', async () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    // The camera stores the picture turned, and the tag that undoes it.
    const turned = [
      colourPicture(),
      colourPicture().flop(),
      colourPicture().rotate(180),
      colourPicture().flip(),
      sharp(await colourPicture().rotate(90).png().toBuffer()).flop(),
      colourPicture().rotate(270),
      sharp(await colourPicture().rotate(270).png().toBuffer()).flop(),
      colourPicture().rotate(90),
    ][orientation - 1]!;
    const file = await sharp(await turned.png().toBuffer())
      .withMetadata({ orientation })
      .jpeg({ quality: 95 })
      .toBuffer();
    const picture = await decodePicture({ bytes: file });
    assert.deepEqual([picture.width, picture.height], [60, 40], `orientation ${orientation}`);
    assert(near(pixel(picture, 5, 5), [222, 42, 32], 12), `orientation ${orientation}: top left is red`);
    assert(near(pixel(picture, 54, 5), [42, 182, 62], 12), `orientation ${orientation}: top right is green`);
  }
});

test('transparency lies on white', async () => {
  const clear = { width: 8, height: 6, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } } as const;
  const half = { ...clear, background: { ...clear.background, alpha: 0.5 } };
  const invisible = await decodePicture({ bytes: await sharp({ create: clear }).png().toBuffer() });
  assert(invisible.data.every((value) => value === 255));
  const pink = await decodePicture({ bytes: await sharp({ create: half }).webp({ lossless: true }).toBuffer() });
  assert(near(pixel(pink, 3, 3), [255, 127, 127], 2));
});

test('an animation gives its first frame', async () => {
  const white = Buffer.alloc(reference.length, 255);
  const tall = Buffer.concat([reference, white, white]);
  const raw = { width: 60, height: 120, channels: 3, pageHeight: 40 } as const;
  for (const bytes of [
    await sharp(tall, { raw })
      .gif({ delay: [50, 50, 50], dither: 0 })
      .toBuffer(),
    await sharp(tall, { raw })
      .webp({ delay: [50, 50, 50], quality: 95 })
      .toBuffer(),
  ]) {
    const picture = await decodePicture({ bytes });
    assert.deepEqual([picture.width, picture.height], [60, 40]);
    const similar = psnr(picture.data, reference);
    assert(similar > 25, `${similar.toFixed(1)} dB`);
  }
});

test('a single pixel is a picture', async () => {
  const dot = { width: 1, height: 1, channels: 3, background: '#102030' } as const;
  const picture = await decodePicture({ bytes: await sharp({ create: dot }).png().toBuffer() });
  assert.deepEqual([picture.width, picture.height, ...picture.data], [1, 1, 16, 32, 48]);
});

test('large pictures are shrunk, small ones never enlarged', async () => {
  const large = await colourPicture(900, 600).jpeg().toBuffer();
  const shrunk = await decodePicture({ bytes: large }, { maxSide: 300 });
  assert.deepEqual([shrunk.width, shrunk.height], [300, 200]);
  const wide = await sharp({ create: { width: 5000, height: 10, channels: 3, background: '#888' } })
    .png()
    .toBuffer();
  assert.equal((await decodePicture({ bytes: wide })).width, 4096);
});

test('raw images of other nodes', async () => {
  const image = { data: reference, width: 60, height: 40, channels: 3 };
  assert.deepEqual((await decodePicture({ image })).data, reference);
  const grey = await decodePicture({
    image: { data: Uint8Array.of(0, 90, 180, 255), width: 2, height: 2, channels: 1 },
  });
  assert.deepEqual([...grey.data], [0, 0, 0, 90, 90, 90, 180, 180, 180, 255, 255, 255]);
  const clear = await decodePicture({ image: { data: Uint8Array.of(9, 9, 9, 0), width: 1, height: 1, channels: 4 } });
  assert.deepEqual([...clear.data], [255, 255, 255]);
  assert.match((await refusal(decodePicture({ image: { ...image, width: 59 } }))).message, /7200 bytes, but 59x40/);
  assert.match((await refusal(decodePicture({ image: { ...image, channels: 5 } }))).message, /1 to 4 channels/);
  assert.match((await refusal(decodePicture({ image: { ...image, width: -60 } }))).message, /width -60/);
});

/** A valid PNG of side x side black pixels, 1 bit each. */
function pngBomb(side: number): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  const data = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))), { level: 1 });
  const chunks = [['IHDR', header] as const, ['IDAT', data] as const, ['IEND', Buffer.alloc(0)] as const];
  const parts = chunks.map(([type, content]) => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(content.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  });
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
}

test('a 30,000 x 30,000 bomb is refused from its header, with the limit', async () => {
  const bytes = pngBomb(30_000);
  assert(bytes.length < 1e6);
  const start = performance.now();
  const error = await refusal(decodePicture({ bytes, name: 'bomb.png' }));
  assert(performance.now() - start < 500);
  assert.equal(error.code, 'BAD_INPUT');
  assert.match(error.message, /"bomb.png" has too many pixels: 30000x30000, the limit is 100 megapixels/);
});

test('truncated files are refused, wherever they end', async (t) => {
  const picture = colourPicture(300, 200);
  const files = {
    jpeg: await picture.clone().jpeg().toBuffer(),
    'progressive jpeg': await picture.clone().jpeg({ progressive: true }).toBuffer(),
    png: await picture.clone().png().toBuffer(),
    webp: await picture.clone().webp().toBuffer(),
    gif: await picture.clone().gif().toBuffer(),
    tiff: await picture.clone().tiff({ compression: 'lzw' }).toBuffer(),
    avif: await picture.clone().avif({ effort: 0 }).toBuffer(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    await t.test(name, async () => {
      await decodePicture({ bytes, name });
      for (const share of [0.1, 0.5, 0.95]) {
        const cut = bytes.subarray(0, Math.floor(bytes.length * share));
        const error = await refusal(decodePicture({ bytes: cut, name }));
        assert.equal(error.code, 'BAD_INPUT');
        assert.match(error.message, /is cut off/, `at ${share}`);
      }
    });
  }
});

test('stray bytes between JPEG segments, as some cameras write them, do no harm', async () => {
  const bytes = await colourPicture().jpeg().toBuffer();
  const scan = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  const padded = Buffer.concat([bytes.subarray(0, scan), Buffer.alloc(3), bytes.subarray(scan)]);
  assert.equal((await decodePicture({ bytes: padded })).width, 60);
});

test('what is no picture is told apart', async () => {
  const cases: readonly (readonly [name: string, bytes: Uint8Array | string, says: RegExp])[] = [
    ['empty.jpg', '', /"empty.jpg" is empty/],
    ['text.jpg', 'Dear diary,\nno photo today.\n', /"text.jpg" is not a picture. It holds text/],
    ['page.png', '<!doctype html><title>404</title>', /holds text/],
    ['logo.svg', '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', /Vector drawings.*PNG/],
    ['paper.jpg', '%PDF-1.7\n', /PDF/],
    ['phone.heic', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', /HEIC.*JPEG/],
    ['film.jpg', '\0\0\0\x18ftypisom\0\0\0\0isommp42', /video/],
    ['scan.bmp', 'BM\x36\x10\0\0\0\0\0\0', /BMP.*PNG/],
    ['noise.jpg', Uint8Array.from({ length: 64 }, (_, i) => (i * 97 + 3) & 255), /JPEG, PNG, WebP, GIF, TIFF or AVIF/],
    ['header.png', '\x89PNG\r\n\x1a\n', /cut off/],
  ];
  for (const [name, content, says] of cases) {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    const error = await refusal(decodePicture({ bytes, name }));
    assert.equal(error.code, 'BAD_INPUT', name);
    assert.match(error.message, says);
  }
});

test('an aborted signal cancels', async () => {
  const bytes = await colourPicture().png().toBuffer();
  await assert.rejects(decodePicture({ bytes }, {}, AbortSignal.abort()), { code: 'CANCELLED' });
  const abort = new AbortController();
  const decoding = decodePicture({ bytes }, {}, abort.signal);
  abort.abort();
  await assert.rejects(decoding, { code: 'CANCELLED' });
});

test('what is wrong is said also while other pictures are decoded, in every one of 100 tries', async () => {
  const good = await colourPicture(400, 300).jpeg().toBuffer();
  const cut = good.subarray(0, good.length / 2);
  let busy = true;
  const others = [1, 2, 3].map(async () => {
    while (busy) await decodePicture({ bytes: good });
  });
  try {
    for (let i = 0; i < 100; i++) {
      assert.match((await refusal(decodePicture({ bytes: cut, name: 'cut.jpg' }))).message, /is cut off/);
    }
  } finally {
    busy = false;
    await Promise.all(others);
  }
});

test('memory stays flat over 200 pictures', async () => {
  const good = await colourPicture(400, 300).jpeg().toBuffer();
  const cut = good.subarray(0, good.length / 2);
  const round = async (): Promise<void> => {
    await decodePicture({ bytes: good });
    await refusal(decodePicture({ bytes: cut, name: 'cut.jpg' }));
  };
  for (let i = 0; i < 50; i++) await round();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 200; i++) await round();
  const grown = (process.memoryUsage().rss - before) / 1e6;
  assert(grown < 80, `resident memory grew by ${grown.toFixed(0)} MB`);
});
