/**
 * A small pipeline for the tests of the session: real work on real pixels, without a network. Content are 16 means of
 * 2x2 pixels in each 8x8 block; frames show them moving to the right, a pixel a frame.
 */
import { open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { MangaError } from '../../lib/errors/manga-error.ts';
import type { Content, FrameSequence, Inspection, Pixels, Style } from '../../lib/pipeline/types.ts';
import type { SessionParts, SessionPipeline } from '../../lib/session/parts.ts';
import type { PictureSource } from '../../lib/session/types.ts';
import type { ClipSettings, DrawSettings } from '../../lib/settings/settings.ts';

/** Seeds at which decoding ends as native code may: by a crash, or never. */
export const SEED_THAT_ABORTS = 13;
export const SEED_THAT_HANGS = 14;

class ToyContent implements Content {
  readonly shape: readonly [number, number, number, number];
  readonly data: Float32Array;
  readonly picture: Pixels;
  readonly #free: () => void;

  constructor(shape: readonly [number, number, number, number], data: Float32Array, picture: Pixels, free: () => void) {
    this.picture = picture;
    this.shape = shape;
    this.data = data;
    this.#free = free;
  }

  get byteLength(): number {
    return this.data.byteLength;
  }

  async readCoarsest() {
    return { shape: this.shape, dtype: 'float32' as const, data: this.data.slice() };
  }

  dispose(): void {
    this.#free();
  }
}

function luma(picture: Pixels, x: number, y: number): number {
  const at = (y * picture.width + x) * 3;
  return (picture.data[at]! + picture.data[at + 1]! + picture.data[at + 2]!) / 3;
}

export class ToyPipeline implements SessionPipeline {
  readonly engineName = 'onnx';
  readonly description = 'toy engine';
  readonly modelName = 'toy model';
  readonly medium = 'screentone';
  #tensors = 0;
  #bytes = 0;
  closed = false;

  #hold(bytes: number): () => void {
    let held = true;
    this.#tensors++;
    this.#bytes += bytes;
    return () => {
      if (!held) return;
      held = false;
      this.#tensors--;
      this.#bytes -= bytes;
    };
  }

  /** `canvas` is the number of passes: a big one makes a long call. */
  async encode(picture: Pixels, settings: DrawSettings): Promise<Content> {
    const h = Math.floor(picture.height / 8);
    const w = Math.floor(picture.width / 8);
    const data = new Float32Array(h * w * 16);
    for (let pass = 0; pass < Math.max(1, settings.canvas); pass++) {
      for (let i = 0; i < data.length; i++) {
        const block = Math.floor(i / 16);
        const x = (block % w) * 8 + (i % 4) * 2;
        const y = Math.floor(block / w) * 8 + Math.floor((i % 16) / 4) * 2;
        data[i] =
          (luma(picture, x, y) + luma(picture, x + 1, y) + luma(picture, x, y + 1) + luma(picture, x + 1, y + 1)) / 4;
      }
      await turn();
    }
    return new ToyContent([1, h, w, 16], data, picture, this.#hold(data.byteLength));
  }

  async encodeStyle(pages: readonly (Pixels | Style)[]): Promise<Style> {
    const [page] = pages;
    if (!page || !('data' in page)) throw new Error('The toy reads pictures only.');
    let sum = 0;
    for (const value of page.data) sum += value;
    const data = Float32Array.of(sum / page.data.length);
    return {
      shape: [1, 1],
      byteLength: 4,
      read: async () => ({ shape: [1, 1], dtype: 'float32', data: data.slice() }),
      dispose: this.#hold(4),
    };
  }

  async decode(content: Content, settings: ClipSettings): Promise<FrameSequence> {
    if (settings.seed === SEED_THAT_ABORTS) process.abort();
    if (settings.seed === SEED_THAT_HANGS) for (;;);
    const { shape, data } = content as ToyContent;
    const [, h, w] = shape;
    const copy = data.slice();
    return {
      shape: [settings.frames, h * 4, w * 4, 1],
      fps: settings.fps,
      byteLength: copy.byteLength,
      dispose: this.#hold(copy.byteLength),
      render: async (first, count) => {
        await turn();
        const size = h * 4 * w * 4;
        const out = new Uint8Array(count * size);
        for (let t = 0; t < count; t++)
          for (let i = 0; i < size; i++) {
            const y = Math.floor(i / (w * 4));
            const x = ((i % (w * 4)) + first + t) % (w * 4);
            out[t * size + i] = copy[((y >> 2) * w + (x >> 2)) * 16 + (y % 4) * 4 + (x % 4)]!;
          }
        return out;
      },
    };
  }

  /** Layers of the picture's luma, still fields, and the content as features of every scale. */
  async inspect(content: Content): Promise<Inspection> {
    const { picture, shape, data } = content as ToyContent;
    const { width, height, layers } = await this.drawLayers(picture);
    const of = (data: Float32Array, shape: number[]) => ({ shape, dtype: 'float32' as const, data });
    const features = of(data, [...shape]);
    const [h, w] = [Math.ceil(height / 4), Math.ceil(width / 4)];
    return {
      medium: this.medium,
      drawn: { width, height },
      layers: of(layers, [1, height, width, 4]),
      fields: of(new Float32Array(h * w * 3), [1, h, w, 3]),
      features: { half: features, quarter: features, eighth: features },
    };
  }

  /** Light, dark and black are the luma; there are no lines. */
  async drawLayers(picture: Pixels) {
    const { width, height } = picture;
    const layers = new Float32Array(width * height * 4);
    for (let i = 0; i < width * height; i++)
      layers.fill(1 - luma(picture, i % width, Math.floor(i / width)) / 255, i * 4 + 1, i * 4 + 4);
    return { width, height, layers };
  }

  /** Content and frames hold a float a 2x2 pixels each. */
  estimateBytes(width: number, height: number): number {
    return width * height * 2;
  }

  memory() {
    return { tensors: this.#tensors, bytes: this.#bytes };
  }

  async close(): Promise<void> {
    this.closed = true;
  }
}

async function decodePicture(source: PictureSource, signal: AbortSignal): Promise<Pixels> {
  await turn();
  signal.throwIfAborted();
  if (!('image' in source)) throw new MangaError('BAD_INPUT', 'Not a picture.', 'Send an image object.');
  const { data, width, height } = source.image;
  return { data: data.slice(), width, height };
}

/** Writes the frames one after the other as raw bytes. */
const writeClip: SessionParts['writeClip'] = async (frames, output, signal) => {
  const [count, height, width] = frames.shape;
  await using file = await open(output.path, 'w');
  let bytes = 0;
  for (let t = 0; t < count; t++) {
    signal.throwIfAborted();
    bytes += (await file.write(await frames.render(t, 1))).bytesWritten;
  }
  const milliseconds = { render: 0, encode: 0, total: 0 };
  const { path, format } = output;
  return { path, bytes, frames: count, width, height, fps: frames.fps, format, encoder: 'sharp', milliseconds };
};

export function toyParts(pipeline: () => Promise<SessionPipeline> = async () => new ToyPipeline()): SessionParts {
  return { openPipeline: pipeline, decodePicture, writeClip };
}

/** A picture whose pixels tell their place. */
export function toyPicture(width: number, height: number): Extract<PictureSource, { image: unknown }> {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = (i * 31 + (i >> 8) * 17) & 255;
  return { image: { data, width, height, channels: 3 } };
}
