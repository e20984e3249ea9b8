import { setImmediate as nextTurn } from 'node:timers/promises';
import { MangaError } from '../errors/manga-error.ts';
import { type FrameMotion, frameScalars, type Geometry } from '../motion/frame-scalars.ts';
import { steadyFields } from '../motion/steady-fields.ts';
import { type StillView, stillView } from '../motion/still-view.ts';
import { SCALARS } from '../network/blocks/render-frames.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { type FrameScene, renderFrame } from './frame-scene.ts';
import { platesOf } from './ink.ts';
import { maskOf } from './raster/mask.ts';
import type { RasterDrawing } from './raster/types.ts';
import { renderCrew } from './render-crew.ts';
import type { FrameSequence } from './types.ts';

/** Below it a frame is rendered sooner than it is asked for in another thread, pixels. */
const CREW_PIXELS = 128 * 128;

/** A drawn clip in host memory: renders frame by frame when asked. */
export class RenderedSequence implements FrameSequence {
  readonly shape: readonly [number, number, number, number];
  readonly fps: number;
  readonly still?: StillView;
  readonly loops: boolean;
  #scene: FrameScene | null;
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
    this.loops = settings.loop !== 'none';
    this.still = stillView(motions, order, geometry);
    this.#order = order;
    const { scalars, weights } = frameScalars(motions, geometry, settings);
    const column = (name: (typeof SCALARS)[number]) =>
      motions.map((_, t) => scalars[t * SCALARS.length + SCALARS.indexOf(name)]!);
    const threshold = column('lineThreshold')[0]!;
    const mask = maskOf(drawing.layers, drawing.width, drawing.height, threshold, Math.min(...column('edgeGain')));
    const focal = motions[0]?.staging?.focal;
    const fields =
      drawing.fields && focal ? steadyFields(drawing.fields, motions, geometry, focal, drawing.layers) : drawing.fields;
    this.#scene = { drawing: { ...drawing, fields, mask }, settings, geometry, motions, scalars, weights };
  }

  get byteLength(): number {
    if (!this.#scene) return 0;
    const { layers, mask, fields, colours } = this.#scene.drawing;
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
    const order = this.#order.slice(first, first + count);
    // Held drawings follow each other.
    const starts = order.flatMap((shown, i) => (i > 0 && shown === order[i - 1] ? [] : [i]));
    const take = (frame: Uint8Array, place: number) => {
      const [from, to] = [starts[place]!, starts[place + 1] ?? count];
      for (let i = from; i < to; i++) bytes.set(frame, i * size);
    };
    const shown = starts.map((i) => order[i]!);
    if (shown.length > 1 && width * height >= CREW_PIXELS && renderCrew.isWorthwhile) {
      await renderCrew.render(this.#open(), shown, take);
      return bytes;
    }
    for (const [place, t] of shown.entries()) {
      take(renderFrame(this.#open(), t), place);
      // Others get their turn: encoders take the frames, and a session hears that it should stop.
      await nextTurn();
    }
    return bytes;
  }

  #open(): FrameScene {
    if (!this.#scene) {
      throw new MangaError('STALE_HANDLE', 'The clip was freed while its frames were being rendered.');
    }
    return this.#scene;
  }

  dispose(): void {
    if (this.#scene) renderCrew.forget(this.#scene);
    this.#scene = null;
  }
}
