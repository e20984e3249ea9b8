/** Small good pictures of every kind that is decoded: what the fuzzer damages, and what must survive. */
import sharp, { type Sharp } from 'sharp';
import { Random } from '../../lib/random.ts';

export interface Sample {
  /** Without the dot, as in file names. */
  readonly extension: string;
  readonly kind: string;
  readonly bytes: Buffer;
}

const WIDTH = 40;
const HEIGHT = 28;

function pixels(random: Random, width: number, height: number, channels: number): Buffer {
  const [a, b, c] = [random.uniform(1, 9), random.uniform(1, 9), random.uniform(0, 255)];
  const data = Buffer.alloc(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const at = Math.floor(i / channels);
    const x = (at % width) / width;
    const y = Math.floor(at / width) / height;
    data[i] = c + 60 * (i % channels) + 90 * Math.sin(a * x + b * y) + random.uniform(-6, 6);
  }
  return data;
}

/** A picture like a photo: waves and noise. */
function drawn(random: Random, channels: 1 | 3 | 4 = 3, width = WIDTH, height = HEIGHT): Sharp {
  return sharp(pixels(random, width, height, channels), { raw: { width, height, channels } });
}

function animation(random: Random): Sharp {
  const frames = 5;
  const raw = { width: WIDTH, height: HEIGHT * frames, channels: 3 as const, pageHeight: HEIGHT };
  return sharp(pixels(random, WIDTH, HEIGHT * frames, 3), { raw });
}

const MAKERS: readonly { kind: string; extension: string; make(random: Random): Sharp }[] = [
  { kind: 'jpeg', extension: 'jpg', make: (r) => drawn(r).jpeg() },
  { kind: 'jpeg-progressive', extension: 'jpeg', make: (r) => drawn(r).jpeg({ progressive: true }) },
  { kind: 'jpeg-grey', extension: 'jpg', make: (r) => drawn(r, 1).jpeg() },
  { kind: 'jpeg-cmyk', extension: 'jpg', make: (r) => drawn(r).toColourspace('cmyk').jpeg() },
  {
    kind: 'jpeg-turned',
    extension: 'jpg',
    make: (r) =>
      drawn(r)
        .withMetadata({ orientation: 1 + r.int(8) })
        .jpeg(),
  },
  { kind: 'png', extension: 'png', make: (r) => drawn(r).png() },
  { kind: 'png-alpha', extension: 'png', make: (r) => drawn(r, 4).png() },
  { kind: 'png-16-bit', extension: 'png', make: (r) => drawn(r).toColourspace('rgb16').png() },
  { kind: 'png-palette', extension: 'png', make: (r) => drawn(r).png({ palette: true, colours: 8 }) },
  { kind: 'png-icc', extension: 'png', make: (r) => drawn(r).withIccProfile('p3').png() },
  { kind: 'gif', extension: 'gif', make: (r) => drawn(r).gif({ effort: 1 }) },
  { kind: 'gif-animated', extension: 'gif', make: (r) => animation(r).gif({ effort: 1 }) },
  { kind: 'webp', extension: 'webp', make: (r) => drawn(r).webp() },
  { kind: 'webp-lossless', extension: 'webp', make: (r) => drawn(r, 4).webp({ lossless: true }) },
  { kind: 'webp-animated', extension: 'webp', make: (r) => animation(r).webp() },
  { kind: 'tiff', extension: 'tif', make: (r) => drawn(r).tiff({ compression: 'none' }) },
  { kind: 'tiff-lzw', extension: 'tiff', make: (r) => drawn(r).tiff({ compression: 'lzw', predictor: 'none' }) },
  {
    kind: 'tiff-tiles',
    extension: 'tif',
    make: (r) => drawn(r).tiff({ tile: true, tileWidth: 16, tileHeight: 16, compression: 'deflate' }),
  },
  { kind: 'tiff-16-bit', extension: 'tif', make: (r) => drawn(r).toColourspace('rgb16').tiff({ compression: 'none' }) },
  { kind: 'tiff-cmyk', extension: 'tif', make: (r) => drawn(r).toColourspace('cmyk').tiff({ compression: 'lzw' }) },
  { kind: 'avif', extension: 'avif', make: (r) => drawn(r).avif({ effort: 0 }) },
];

/** One of each kind. Same seed, same bytes (with the same libvips). */
export async function samples(seed: number): Promise<Sample[]> {
  const random = new Random(seed);
  const made: Sample[] = [];
  for (const { kind, extension, make } of MAKERS) made.push({ kind, extension, bytes: await make(random).toBuffer() });
  return made;
}

/** A good JPEG, different from all others of this seed by its number. */
export function numbered(seed: number, number: number, width = 32, height = 24): Promise<Buffer> {
  return drawn(new Random(seed * 1_000_003 + number), 3, width, height)
    .withExif({ IFD0: { ImageDescription: `picture ${seed}-${number}` } })
    .jpeg()
    .toBuffer();
}
