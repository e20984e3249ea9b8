import type { Engine, EngineTensor, Weights } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import { type FrameMotion, frameScalars, type Geometry, pixelGrid } from '../motion/frame-scalars.ts';
import { FLOW_STEP, renderProgram, SCALARS } from '../network/blocks/render-frames.ts';
import type { NetworkConfig } from '../network/config.ts';
import type { ClipSettings } from '../settings/settings.ts';
import { platesOf, printColours, printSepia, printTwoColours } from './ink.ts';
import type { FrameSequence } from './types.ts';

export interface Drawing {
  readonly layers: EngineTensor;
  /** Null when the camera alone moves. */
  readonly fields: EngineTensor | null;
  /** Only for the 'keep-colours' ink. */
  readonly colours: EngineTensor | null;
}

const NO_WEIGHTS: Weights = { id: 'none', tensors: new Map() };

/** A drawn clip: renders frame by frame on the engine. Owns `drawing`. */
export class RenderedSequence implements FrameSequence {
  readonly shape: readonly [number, number, number, number];
  readonly fps: number;
  readonly #engine: Engine;
  readonly #drawing: Drawing;
  readonly #program;
  readonly #ink: ClipSettings['ink'];
  readonly #scalars: Float32Array;
  readonly #weights: Float32Array;
  readonly #bases: number;
  /** Which distinct frame each frame shows: a ping-pong clip shows most of them twice. */
  readonly #order: readonly number[];
  readonly #grid: Record<string, EngineTensor>;
  #disposed = false;

  constructor(
    engine: Engine,
    config: NetworkConfig,
    drawing: Drawing,
    motions: readonly FrameMotion[],
    order: readonly number[],
    geometry: Geometry,
    settings: ClipSettings,
  ) {
    const { output, channels } = platesOf(settings.ink);
    const { width, height } = geometry.frame;
    this.shape = [order.length, height, width, channels];
    this.fps = settings.fps;
    this.#engine = engine;
    this.#drawing = drawing;
    this.#ink = settings.ink;
    this.#order = order;
    this.#bases = config.flowBases;
    this.#program = renderProgram(config, { frames: 1, flow: drawing.fields !== null, output });
    ({ scalars: this.#scalars, weights: this.#weights } = frameScalars(motions, geometry, settings));
    const x = pixelGrid(width, FLOW_STEP);
    const y = pixelGrid(height, FLOW_STEP);
    const row = (data: Float32Array) => engine.upload({ shape: [1, 1, data.length, 1], dtype: 'float32', data });
    const column = (data: Float32Array) => engine.upload({ shape: [1, data.length, 1, 1], dtype: 'float32', data });
    this.#grid = { px: row(x.fine), py: column(y.fine) };
    if (drawing.fields) Object.assign(this.#grid, { coarseX: row(x.coarse), coarseY: column(y.coarse) });
  }

  get byteLength(): number {
    const { layers, fields, colours } = this.#drawing;
    return layers.byteLength + (fields?.byteLength ?? 0) + (colours?.byteLength ?? 0);
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
    for (let i = 0; i < count; i++) bytes.set(await this.#renderOne(this.#order[first + i]!), i * size);
    return bytes;
  }

  async #renderOne(t: number): Promise<Uint8Array> {
    if (this.#disposed)
      throw new MangaError('STALE_HANDLE', 'The clip was freed while its frames were being rendered.');
    const [, height, width] = this.shape;
    const { layers, fields, colours } = this.#drawing;
    const scalars = this.#upload(this.#scalars, t, SCALARS.length);
    const weights = fields ? this.#upload(this.#weights, t, 2 * this.#bases) : null;
    try {
      const outputs = await this.#engine.run(this.#program, NO_WEIGHTS, {
        layers,
        scalars,
        ...this.#grid,
        ...(fields && weights ? { fields, weights } : {}),
        ...(colours ? { colours } : {}),
      });
      const plates: Record<string, Uint8Array> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        const { data, shape } = await this.#engine.read(tensor);
        this.#engine.dispose(tensor);
        plates[name] = crop(data as Uint8Array, shape, width, height);
      }
      return this.#print(plates);
    } finally {
      this.#engine.dispose(scalars);
      if (weights) this.#engine.dispose(weights);
    }
  }

  #upload(rows: Float32Array, t: number, length: number): EngineTensor {
    return this.#engine.upload({
      shape: [1, length],
      dtype: 'float32',
      data: rows.slice(t * length, (t + 1) * length),
    });
  }

  #print(plates: Record<string, Uint8Array>): Uint8Array {
    if (this.#ink === 'black') return plates.grey!;
    if (this.#ink === 'sepia') return printSepia(plates.grey!);
    if (this.#ink === 'two-colour') return printTwoColours(plates.line!, plates.tone!);
    return printColours(plates.line!, plates.tone!, plates.colour!);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const { layers, fields, colours } = this.#drawing;
    for (const tensor of [layers, fields, colours, ...Object.values(this.#grid)])
      if (tensor) this.#engine.dispose(tensor);
  }
}

/** Cuts [1,h,w,C] to the frame: rendering rounds sizes up to the flow grid. */
function crop(data: Uint8Array, shape: readonly number[], width: number, height: number): Uint8Array {
  const [, fullHeight, fullWidth, channels] = shape as [number, number, number, number];
  if (fullWidth === width && fullHeight === height) return data;
  const out = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++) {
    const from = y * fullWidth * channels;
    out.set(data.subarray(from, from + width * channels), y * width * channels);
  }
  return out;
}
