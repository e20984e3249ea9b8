/** Animated WebPs for the docs: drawings keep their clean blacks and whites, and files stay small. */
import { writeFile } from 'node:fs/promises';
import sharp, { type WebpOptions } from 'sharp';

export interface Frames {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** [count, height, width, channels] */
  readonly data: Uint8Array;
  readonly fps: number;
}

const MOST_BYTES = 250_000;

/** Tried in turn until the file is small enough: drawings in few greys, lossless; what has colours, or does not fit, lossy. */
const GREYS = [8, 5, 4, 3] as const;
const QUALITIES = [80, 70, 60, 50, 40] as const;

/** Each value to the nearest of `levels` even steps from black to white. */
function quantise(data: Uint8Array, levels: number): Uint8Array {
  const step = 255 / (levels - 1);
  const table = Uint8Array.from({ length: 256 }, (_, v) => Math.round(Math.round(v / step) * step));
  return data.map((v) => table[v]!);
}

async function encode(frames: Frames, data: Uint8Array, options: WebpOptions): Promise<Buffer> {
  const { count, width, height, channels, fps } = frames;
  const raw = { width, height: height * count, channels, pageHeight: height } as const;
  const delay = Array<number>(count).fill(Math.round(1000 / fps));
  return sharp(data, { raw, limitInputPixels: false })
    .webp({ ...options, loop: 0, delay, effort: 6 })
    .toBuffer();
}

/** @returns what was done, for people */
export async function writeWebp(frames: Frames, path: string): Promise<string> {
  let last: { bytes: Buffer; told: string } | undefined;
  const tries =
    frames.channels === 1
      ? GREYS.map((greys) => ({
          told: `${greys} greys`,
          data: quantise(frames.data, greys),
          options: { lossless: true },
        }))
      : [];
  const lossy = QUALITIES.map((quality) => ({ told: `quality ${quality}`, data: frames.data, options: { quality } }));
  for (const { told, data, options } of [...tries, ...lossy]) {
    last = { told, bytes: await encode(frames, data, options) };
    if (last.bytes.length <= MOST_BYTES) break;
  }
  await writeFile(path, last!.bytes);
  return `${path}: ${Math.round(last!.bytes.length / 1000)} kB, ${last!.told}`;
}
