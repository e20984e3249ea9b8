import { setImmediate as nextTurn } from 'node:timers/promises';
import { MangaError } from '../errors/manga-error.ts';
import { type FrameMotion, frameScalars, type Geometry } from '../motion/frame-scalars.ts';
import { SCALARS } from '../network/blocks/render-frames.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { platesOf, printColours, printSepia, printTwoColours } from './ink.ts';
import { maskOf, type Plates, type RasterDrawing, rasterise } from './raster.ts';
import type { FrameSequence } from './types.ts';

/** A drawn clip in host memory: renders frame by frame when asked. */
export class RenderedSequence implements FrameSequence {
  readonly shape: readonly [number, number, number, number];
  readonly fps: number;
  #drawing: RasterDrawing | null;
  readonly #ink: ClipSettings['ink'];
  readonly #scalars: Float32Array;
  readonly #weights: Float32Array;
  /** Which distinct frame each frame shows: a ping-pong clip shows most of them twice. */
  readonly #order: readonly number[];
  readonly #distinct: number;

  /** @param order which of `motions` each frame shows */
  constructor(
    drawing: Omit<RasterDrawing, 'mask'>,
    motions: readonly FrameMotion[],
    order: readonly number[],
    geometry: Geometry,
    settings: ClipSettings,
  ) {
    const { width, height } = geometry.frame;
    this.shape = [order.length, height, width, platesOf(settings.ink).channels];
    this.fps = settings.fps;
    this.#ink = settings.ink;
    this.#order = order;
    this.#distinct = motions.length;
    ({ scalars: this.#scalars, weights: this.#weights } = frameScalars(motions, geometry, settings));
    const column = (name: (typeof SCALARS)[number]) =>
      motions.map((_, t) => this.#scalars[t * SCALARS.length + SCALARS.indexOf(name)]!);
    const threshold = column('lineThreshold')[0]!;
    const mask = maskOf(drawing.layers, drawing.width, drawing.height, threshold, Math.min(...column('edgeGain')));
    this.#drawing = { ...drawing, mask };
  }

  get byteLength(): number {
    if (!this.#drawing) return 0;
    const { layers, mask, fields, colours } = this.#drawing;
    return layers.byteLength + mask.byteLength + (fields?.byteLength ?? 0) + (colours?.byteLength ?? 0);
  }

  async render(first: number, count: number): Promise<Uint8Array> {
    const [frames, height, width, channels] = this.shape;
    if (first < 0 || count < 1 || first + count > frames) {
      throw new MangaError(
        'BAD_INPUT',
        `Frames ${first} to ${first + count - 1} were asked for, but the clip has ${frames}.`,
      );
    }
    const size = height * width * channels;
    const bytes = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) {
      bytes.set(this.#renderOne(this.#order[first + i]!), i * size);
      // Others get their turn: encoders take the frames, and a session hears that it should stop.
      await nextTurn();
    }
    return bytes;
  }

  #renderOne(t: number): Uint8Array {
    if (!this.#drawing) {
      throw new MangaError('STALE_HANDLE', 'The clip was freed while its frames were being rendered.');
    }
    const [, height, width] = this.shape;
    const { output } = platesOf(this.#ink);
    const plate = (channels: number) => new Uint8Array(height * width * channels);
    const plates: Plates = {
      grey: output === 'grey' ? plate(1) : null,
      line: output === 'grey' ? null : plate(1),
      tone: output === 'grey' ? null : plate(1),
      colour: output === 'colour' ? plate(3) : null,
    };
    const row = (table: Float32Array) => {
      const length = table.length / this.#distinct;
      return table.subarray(t * length, (t + 1) * length);
    };
    rasterise(this.#drawing, { width, height }, row(this.#scalars), row(this.#weights), plates);
    if (this.#ink === 'black') return plates.grey!;
    if (this.#ink === 'sepia') return printSepia(plates.grey!);
    if (this.#ink === 'two-colour') return printTwoColours(plates.line!, plates.tone!);
    return printColours(plates.line!, plates.tone!, plates.colour!);
  }

  dispose(): void {
    this.#drawing = null;
  }
}
