import { setImmediate as nextTurn } from 'node:timers/promises';
import { drawEffects } from '../effects/frame-effects.ts';
import { MangaError } from '../errors/manga-error.ts';
import { type FrameMotion, frameScalars, type Geometry } from '../motion/frame-scalars.ts';
import { steadyFields } from '../motion/steady-fields.ts';
import { SCALARS } from '../network/blocks/render-frames.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { platesFor, platesOf, printPlates } from './ink.ts';
import { maskOf } from './raster/mask.ts';
import { rasterise } from './raster/rasterise.ts';
import type { RasterDrawing } from './raster/types.ts';
import type { FrameSequence } from './types.ts';

/** A drawn clip in host memory: renders frame by frame when asked. */
export class RenderedSequence implements FrameSequence {
  readonly shape: readonly [number, number, number, number];
  readonly fps: number;
  #drawing: RasterDrawing | null;
  readonly #settings: ClipSettings;
  readonly #geometry: Geometry;
  readonly #motions: readonly FrameMotion[];
  readonly #scalars: Float32Array;
  readonly #weights: Float32Array;
  /** Which of the motions each frame shows: drawings may be held. */
  readonly #order: readonly number[];

  /** @param order which of `motions` each frame shows */
  constructor(
    drawing: Omit<RasterDrawing, 'mask'>,
    motions: readonly FrameMotion[],
    order: readonly number[],
    geometry: Geometry,
    settings: ClipSettings,
  ) {
    const { width, height } = geometry.frame;
    this.shape = [order.length, height, width, platesOf(settings.ink, drawing.medium).channels];
    this.fps = settings.fps;
    this.#settings = settings;
    this.#geometry = geometry;
    this.#motions = motions;
    this.#order = order;
    ({ scalars: this.#scalars, weights: this.#weights } = frameScalars(motions, geometry, settings));
    const column = (name: (typeof SCALARS)[number]) =>
      motions.map((_, t) => this.#scalars[t * SCALARS.length + SCALARS.indexOf(name)]!);
    const threshold = column('lineThreshold')[0]!;
    const mask = maskOf(drawing.layers, drawing.width, drawing.height, threshold, Math.min(...column('edgeGain')));
    const focal = motions[0]?.staging?.focal;
    const fields = drawing.fields && focal ? steadyFields(drawing.fields, motions, geometry, focal) : drawing.fields;
    this.#drawing = { ...drawing, fields, mask };
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
      const shown = this.#order[first + i]!;
      if (i > 0 && shown === this.#order[first + i - 1]) bytes.copyWithin(i * size, (i - 1) * size, i * size);
      else bytes.set(this.#renderOne(shown), i * size);
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
    const { ink } = this.#settings;
    const { medium } = this.#drawing;
    const plates = platesFor(ink, medium, width, height);
    const row = (table: Float32Array) => {
      const length = table.length / this.#motions.length;
      return table.subarray(t * length, (t + 1) * length);
    };
    rasterise(this.#drawing, { width, height }, row(this.#scalars), row(this.#weights), plates);
    drawEffects(plates, this.#motions[t]!, t, this.#geometry, this.#settings);
    return printPlates(plates, ink, medium);
  }

  dispose(): void {
    this.#drawing = null;
  }
}
