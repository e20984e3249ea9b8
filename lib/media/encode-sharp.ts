/** Animated GIF and WebP by sharp: libvips takes all frames at once, as one tall image. */
import { writeFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { MangaError } from '../errors/manga-error.ts';
import { cancelled } from './abort.ts';
import type { ClipEncoder, ClipSpec, OpenClip } from './encoder.ts';

sharp.cache(false);

/** All frames are in memory until the file is written. */
const maxRawBytes = 1.5e9;
/** Largest side of a frame: WebP 2^14 - 1, GIF 2^16 - 1. */
const maxSide = { webp: 16383, gif: 65535 } as const;
/** Browsers play GIF frames shorter than 20 ms at 100 ms. */
export const maxGifFps = 50;

/**
 * Whole units for each frame so that no error adds up: frame i ends at round((i + 1) * unitsPerSecond / fps).
 * @returns milliseconds a frame
 */
export function frameDelays(frames: number, fps: number, millisecondsPerUnit: number): number[] {
  const end = (frame: number): number => Math.round((frame * 1000) / fps / millisecondsPerUnit);
  return Array.from({ length: frames }, (_, i) => (end(i + 1) - end(i)) * millisecondsPerUnit);
}

function check(spec: ClipSpec): void {
  const side = Math.max(spec.width, spec.height);
  const limit = maxSide[spec.format as keyof typeof maxSide];
  if (side > limit) {
    throw new MangaError('BAD_SETTING', `${spec.format} frames cannot be larger than ${limit}.`, 'Use a smaller size.');
  }
  const bytes = spec.width * spec.height * spec.channels * spec.frames;
  if (bytes > maxRawBytes) {
    const size = `${spec.frames} frames of ${spec.width}x${spec.height}`;
    const message = `${size} are too much for ${spec.format}, which is made in memory (${Math.ceil(bytes / 1e6)} MB, at most ${maxRawBytes / 1e6} MB).`;
    throw new MangaError('BAD_SETTING', message, 'Use fewer frames, a smaller size, or mp4.');
  }
}

function compress(spec: ClipSpec, frames: Uint8Array): Sharp {
  const { width, height, channels, quality } = spec;
  const image = sharp(frames, {
    raw: { width, height: height * spec.frames, channels, pageHeight: height },
    limitInputPixels: false,
  });
  if (spec.format === 'webp') {
    const told = spec.comment ? image.withExif({ IFD0: { ImageDescription: spec.comment } }) : image;
    return told.webp({ quality, effort: 0, loop: 0, delay: frameDelays(spec.frames, spec.fps, 1) });
  }
  // Ink has few greys: 16 look like 256. Dithering would make the dots boil.
  const colours = channels === 3 ? 128 : quality > 85 ? 32 : 16;
  const delay = frameDelays(spec.frames, Math.min(spec.fps, maxGifFps), 10);
  return image.gif({ colours, effort: 1, dither: 0, loop: 0, delay });
}

async function open(spec: ClipSpec): Promise<OpenClip> {
  check(spec);
  let frames: Uint8Array | undefined = new Uint8Array(spec.width * spec.height * spec.channels * spec.frames);
  let filled = 0;
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelled());
  });
  aborted.catch(() => {});
  return {
    async write(chunk) {
      if (!frames) throw cancelled();
      frames.set(chunk, filled);
      filled += chunk.length;
    },
    async finish() {
      if (!frames) throw cancelled();
      // libvips cannot be stopped: on abort its result is dropped.
      const file = await Promise.race([compress(spec, frames).toBuffer(), aborted]);
      frames = undefined;
      await writeFile(spec.path, file);
    },
    async abort() {
      frames = undefined;
      abort();
    },
  };
}

export const sharpEncoder: ClipEncoder = { name: 'sharp', open };
