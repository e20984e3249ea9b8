import { setImmediate as nextTurn } from 'node:timers/promises';
import { MangaError } from '../errors/manga-error.ts';
import { throwIfAborted } from '../media/abort.ts';
import { frameScalars, type Geometry } from '../motion/frame-scalars.ts';
import { MAX_DRAWN, type Size } from '../motion/geometry.ts';
import { FLOW_STEP, SCALARS } from '../network/blocks/render-frames.ts';
import type { Medium } from '../network/media.ts';
import { flattenLight } from '../pipeline/flat-light.ts';
import { platesFor, platesOf, printPlates } from '../pipeline/ink.ts';
import { applyContrast } from '../pipeline/page-print/print-like.ts';
import { prepareColours } from '../pipeline/prepare.ts';
import { maskOf } from '../pipeline/raster/mask.ts';
import { rasterise } from '../pipeline/raster/rasterise.ts';
import type { DrawnLayers, FrameSequence, Pixels } from '../pipeline/types.ts';
import { type CarriedDrawing, Carrier } from './carrier.ts';
import type { FrameSource } from './frame-source.ts';
import { gridAxis } from './grid.ts';
import type { VideoSettings } from './settings.ts';

/** Layers of two frames, what the network holds meanwhile, the frame and its plates. */
const BYTES_PER_PIXEL = 120;
const STILL = { zoom: 1, rotation: 0, panX: 0, panY: 0, parallaxX: 0, parallaxY: 0, dolly: 0, weights: [] };

/** How many times as large as its frames a video is drawn: at most at {@link MAX_DRAWN}, and larger layers are enlarged. */
export function drawnScale({ size, detail }: Pick<VideoSettings, 'size' | 'detail'>): number {
  return Math.min(detail, MAX_DRAWN / Math.max(...size.split('x').map(Number)));
}

/**
 * A video whose frames are drawn when they are asked for. They depend on the ones before: asked for in order they are
 * drawn once; going back begins again at the first.
 */
export class VideoSequence implements FrameSequence {
  readonly shape: readonly [number, number, number, number];
  readonly fps: number;
  readonly sound: string | undefined;
  readonly byteLength: number;
  readonly #source: FrameSource;
  readonly #draw: (picture: Pixels) => Promise<DrawnLayers>;
  readonly #medium: Medium;
  readonly #settings: VideoSettings;
  readonly #drawn: Size;
  #reading: AsyncGenerator<Pixels, void> | undefined;
  #carrier: Carrier;
  #next = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /**
   * @param drawn size of the source's pictures @param frame size of the frames
   * @param draw the network: a picture to its layers @param medium what they are printed in
   */
  constructor(
    source: FrameSource,
    drawn: Size,
    frame: Size,
    draw: (picture: Pixels) => Promise<DrawnLayers>,
    medium: Medium,
    settings: VideoSettings,
  ) {
    this.#source = source;
    this.#drawn = drawn;
    this.#draw = draw;
    this.#medium = medium;
    this.#settings = settings;
    this.#carrier = new Carrier(settings.steady);
    this.shape = [source.frames, frame.height, frame.width, platesOf(settings.ink, medium).channels];
    this.fps = source.fps;
    this.sound = source.sound;
    this.byteLength = drawn.width * drawn.height * BYTES_PER_PIXEL;
  }

  render(first: number, count: number, signal?: AbortSignal): Promise<Uint8Array> {
    const rendered = this.#turn.then(() => this.#render(first, count, signal));
    this.#turn = rendered.catch(() => {});
    return rendered;
  }

  async #render(first: number, count: number, signal?: AbortSignal): Promise<Uint8Array> {
    const [frames, height, width, channels] = this.shape;
    if (first < 0 || count < 1 || first + count > frames) {
      throw new MangaError('BAD_INPUT', `The video has frames 0 to ${frames - 1}; asked for ${count} from ${first}.`);
    }
    if (first < this.#next || !this.#reading) await this.#begin();
    const size = height * width * channels;
    const bytes = new Uint8Array(count * size);
    try {
      for (let i = this.#next; i < first + count; i++) {
        throwIfAborted(signal);
        if (this.#disposed)
          throw new MangaError('STALE_HANDLE', 'The video was freed while its frames were being drawn.');
        const { value: picture } = await this.#reading!.next();
        if (!picture)
          throw new MangaError('BAD_INPUT', `The video ends after ${i} of ${frames} pictures.`, 'Copy it again.');
        const drawn = await this.#draw(picture);
        const drawing = this.#carrier.next(picture.data, picture.width, picture.height, drawn);
        this.#next = i + 1;
        if (i >= first) {
          const frame = await this.#print(drawing, picture);
          bytes.set(drawn.contrast ? applyContrast(frame, drawn.contrast) : frame, (i - first) * size);
        }
        await nextTurn();
      }
    } catch (error) {
      await this.#end();
      throw error;
    }
    return bytes;
  }

  async #begin(): Promise<void> {
    await this.#end();
    this.#carrier = new Carrier(this.#settings.steady);
    this.#next = 0;
    this.#reading = this.#source.open();
  }

  async #end(): Promise<void> {
    const reading = this.#reading;
    this.#reading = undefined;
    await reading?.return();
  }

  async #print(carried: CarriedDrawing, picture: Pixels): Promise<Uint8Array> {
    const drawing = this.#medium === 'colour' ? { ...carried, layers: carried.layers.slice() } : carried;
    // After they are carried: soft light is what can be followed, and steps of it then stay where they were.
    if (this.#medium === 'colour') flattenLight(drawing.layers);
    const [, height, width] = this.shape;
    const frame = { width, height };
    const { ink } = this.#settings;
    const medium = this.#medium;
    const padded = { width: drawing.width, height: drawing.height };
    const geometry: Geometry = { frame, canvas: frame, drawn: this.#drawn, padded };
    const { scalars, weights } = frameScalars([STILL], geometry, this.#settings);
    const scalar = (name: (typeof SCALARS)[number]) => scalars[SCALARS.indexOf(name)]!;
    const plates = platesFor(ink, medium, width, height);
    const mask = maskOf(drawing.layers, padded.width, padded.height, scalar('lineThreshold'), scalar('edgeGain'));
    const colours = ink === 'keep-colours' ? await prepareColours(picture.data, this.#drawn) : null;
    const screen = screenOf(drawing, this.#drawn.width / width, frame);
    rasterise(
      { medium, ...padded, layers: drawing.layers, mask, fields: null, colours, screen },
      frame,
      scalars,
      weights,
      plates,
    );
    return printPlates(plates, ink, medium);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#turn = this.#turn.then(() => this.#end()).catch(() => {});
  }
}

/** The screen's displacement on the frame's grid of FLOW_STEP pixels, in warp coordinates. @param scale drawn pixels a frame pixel */
function screenOf({ screen, factor, width, height }: CarriedDrawing, scale: number, frame: Size): Float32Array {
  const [w, h] = [Math.ceil(frame.width / FLOW_STEP), Math.ceil(frame.height / FLOW_STEP)];
  const columns = gridAxis(w, factor / scale / FLOW_STEP, screen.width);
  const rows = gridAxis(h, factor / scale / FLOW_STEP, screen.height);
  const perX = (2 * factor) / Math.max(width - 1, 1);
  const perY = (2 * factor) / Math.max(height - 1, 1);
  const right = screen.width > 1 ? 2 : 0;
  const below = screen.height > 1 ? 2 * screen.width : 0;
  const out = new Float32Array(w * h * 2);
  for (let y = 0, i = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let c = 0; c < 2; c++, i++) {
        const at = (rows.cell[y]! * screen.width + columns.cell[x]!) * 2 + c;
        const fx = columns.share[x]!;
        const top = screen.data[at]! + fx * (screen.data[at + right]! - screen.data[at]!);
        const bottom = screen.data[at + below]! + fx * (screen.data[at + below + right]! - screen.data[at + below]!);
        out[i] = (c === 0 ? perX : perY) * (top + rows.share[y]! * (bottom - top));
      }
    }
  }
  return out;
}
