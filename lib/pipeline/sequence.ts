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

/** A frame is rendered in bands of rows of about so many pixels: what fits the processor's cache renders fastest. */
const BAND_PIXELS = 2 ** 18;

interface Band {
  /** First row in the frame, rows rendered above it only for the flow, rows that count. */
  readonly top: number;
  readonly skip: number;
  readonly rows: number;
  readonly grid: Readonly<Record<string, EngineTensor>>;
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
  readonly #columns: Record<string, EngineTensor>;
  readonly #bands: Band[] = [];
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
    const upload = (data: Float32Array, vertical: boolean) =>
      engine.upload({ shape: vertical ? [1, data.length, 1, 1] : [1, 1, data.length, 1], dtype: 'float32', data });
    const coarse = drawing.fields !== null;
    this.#columns = { px: upload(x.fine, false), ...(coarse ? { coarseX: upload(x.coarse, false) } : {}) };
    const rows = FLOW_STEP * Math.max(1, Math.floor(BAND_PIXELS / x.fine.length / FLOW_STEP));
    for (let top = 0; top < y.fine.length; top += rows) {
      // One row of flow more on either side: at a band's edge the flow must not be clamped, or a seam would show.
      const from = Math.max(0, top - FLOW_STEP);
      const to = Math.min(y.fine.length, top + rows + FLOW_STEP);
      const py = upload(y.fine.slice(from, to), true);
      const coarseRows = y.coarse.slice(from / FLOW_STEP, to / FLOW_STEP);
      const grid = { py, ...(coarse ? { coarseY: upload(coarseRows, true) } : {}) };
      this.#bands.push({ top, skip: top - from, rows: Math.min(rows, height - top), grid });
    }
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
    try {
      for (let i = 0; i < count; i++) {
        for (const band of this.#bands) {
          const rows = await this.#renderBand(this.#order[first + i]!, band);
          bytes.set(rows, i * size + band.top * width * channels);
        }
      }
    } catch (error) {
      throw this.#disposed ? stale(error) : error;
    }
    return bytes;
  }

  async #renderBand(t: number, band: Band): Promise<Uint8Array> {
    if (this.#disposed) throw stale();
    const width = this.shape[2];
    const { layers, fields, colours } = this.#drawing;
    const scalars = this.#upload(this.#scalars, t, SCALARS.length);
    const weights = fields ? this.#upload(this.#weights, t, 2 * this.#bases) : null;
    try {
      const outputs = await this.#engine.run(this.#program, NO_WEIGHTS, {
        layers,
        scalars,
        ...this.#columns,
        ...band.grid,
        ...(fields && weights ? { fields, weights } : {}),
        ...(colours ? { colours } : {}),
      });
      const plates: Record<string, Uint8Array> = {};
      for (const [name, tensor] of Object.entries(outputs)) {
        const { data, shape } = await this.#engine.read(tensor);
        this.#engine.dispose(tensor);
        plates[name] = crop(data as Uint8Array, shape, width, band);
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
    const grids = [this.#columns, ...this.#bands.map(({ grid }) => grid)].flatMap((grid) => Object.values(grid));
    for (const tensor of [layers, fields, colours, ...grids]) if (tensor) this.#engine.dispose(tensor);
  }
}

function stale(cause?: unknown): MangaError {
  return new MangaError('STALE_HANDLE', 'The clip was freed while its frames were being rendered.', undefined, {
    cause,
  });
}

/** The rows of [1,h,w,C] that count, cut to the frame's width: rendering rounds sizes up to the flow grid. */
function crop(data: Uint8Array, shape: readonly number[], width: number, { skip, rows }: Band): Uint8Array {
  const [, , fullWidth, channels] = shape as [number, number, number, number];
  if (fullWidth === width) return data.subarray(skip * width * channels, (skip + rows) * width * channels);
  const out = new Uint8Array(rows * width * channels);
  for (let y = 0; y < rows; y++) {
    const from = (skip + y) * fullWidth * channels;
    out.set(data.subarray(from, from + width * channels), y * width * channels);
  }
  return out;
}
