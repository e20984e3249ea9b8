import type { Size } from '../motion/geometry.ts';
import type { FrameSequence } from '../pipeline/types.ts';
import { type Box, boxOf, depthIn, type Polygon } from './polygon.ts';
import type { SceneSettings } from './settings.ts';

/** Frames up to this much larger than their panel are cut, not reduced: reduced dots would turn grey. */
const CUT_ONLY = 1.3;
/** Time that a panel takes to come into sight, seconds. */
const ENTRANCE = 0.25;

/** Where and when a panel is seen. */
export interface PanelPlace extends Pick<SceneSettings, 'entrance' | 'ending'> {
  readonly polygon: Polygon;
  readonly page: Size;
  /** Pixels. */
  readonly border: number;
  /** Frame of the page at which it begins to move. */
  readonly start: number;
  /** Of the page. */
  readonly fps: number;
}

/** One clip in its place on a page. */
export class Panel {
  readonly #frames: FrameSequence;
  readonly #box: Box;
  readonly #page: Size;
  /** Of the panel with its border, and of the picture in it, 0..255, for each pixel of the box. */
  readonly #outer: Uint8Array;
  readonly #inner: Uint8Array;
  readonly #columns: Float32Array;
  readonly #rows: Float32Array;
  readonly #start: number;
  readonly #fps: number;
  readonly #entrance: number;
  readonly #waits: boolean;
  readonly #goesOn: boolean;
  #shown: { index: number; bytes: Uint8Array } | undefined;

  constructor(frames: FrameSequence, { polygon, page, border, start, fps, entrance, ending }: PanelPlace) {
    this.#frames = frames;
    this.#page = page;
    this.#start = start;
    this.#fps = fps;
    this.#waits = entrance === 'one-by-one';
    this.#entrance = this.#waits && start > 0 ? Math.round(ENTRANCE * fps) : 0;
    this.#goesOn = ending === 'go-on';
    const box = boxOf(polygon);
    this.#box = box;
    const depth = depthIn(polygon);
    this.#outer = new Uint8Array(box.width * box.height);
    this.#inner = new Uint8Array(box.width * box.height);
    const cover = (pixels: number): number => 255 * Math.min(Math.max(pixels + 0.5, 0), 1);
    for (let y = 0, i = 0; y < box.height; y++) {
      for (let x = 0; x < box.width; x++, i++) {
        const d = depth(box.left + x + 0.5, box.top + y + 0.5);
        this.#outer[i] = cover(d);
        this.#inner[i] = cover(d - border);
      }
    }
    const [, height, width] = frames.shape;
    const larger = Math.min(width / box.width, height / box.height);
    const scale = larger >= 1 && larger <= CUT_ONLY ? 1 : larger;
    const places = (source: number, side: number) =>
      Float32Array.from({ length: side }, (_, i) => {
        const at = (i + 0.5 - side / 2) * scale + source / 2 - 0.5;
        return scale === 1 ? Math.round(at) : Math.min(Math.max(at, 0), source - 1);
      });
    this.#columns = places(width, box.width);
    this.#rows = places(height, box.height);
  }

  get byteLength(): number {
    return this.#outer.byteLength * 2;
  }

  /** Frames of the page until its last one is shown. */
  get end(): number {
    const [count] = this.#frames.shape;
    return this.#start + Math.max(1, Math.round((count * this.#fps) / this.#frames.fps));
  }

  /** Draws the panel as it is at a frame of the page. @param out the page, [height,width,channels] */
  async draw(frame: number, out: Uint8Array, channels: 1 | 3, rightToLeft: boolean): Promise<void> {
    if (this.#waits && frame < this.#start) return;
    const box = this.#box;
    const entered = this.#entrance === 0 ? 1 : Math.min(1, (frame - this.#start + 1) / this.#entrance);
    const seen = Math.round(entered * box.width);
    const [from, to] = rightToLeft ? [box.width - seen, box.width] : [0, seen];
    const bytes = await this.#frameAt(Math.max(0, frame - this.#start));
    const [, , width, depth] = this.#frames.shape;
    for (let y = 0; y < box.height; y++) {
      for (let x = from; x < to; x++) {
        const i = y * box.width + x;
        const outer = this.#outer[i]!;
        if (outer === 0) continue;
        const inner = this.#inner[i]! / 255;
        const at = ((box.top + y) * this.#page.width + box.left + x) * channels;
        for (let c = 0; c < channels; c++) {
          const picture =
            inner > 0 ? inner * sample(bytes, width, depth, this.#columns[x]!, this.#rows[y]!, depth === 3 ? c : 0) : 0;
          out[at + c] = (out[at + c]! * (255 - outer) + picture * outer) / 255 + 0.5;
        }
      }
    }
  }

  async #frameAt(local: number): Promise<Uint8Array> {
    const index = this.#indexOf(Math.floor((local * this.#frames.fps) / this.#fps + 1e-6));
    if (this.#shown?.index !== index) this.#shown = { index, bytes: await this.#frames.render(index, 1) };
    return this.#shown.bytes;
  }

  /** A clip that is over begins again when it is a loop, and else runs back, and so on: neither jumps. */
  #indexOf(frame: number): number {
    const [count] = this.#frames.shape;
    if (frame < count || !this.#goesOn) return Math.min(count - 1, frame);
    if (this.#frames.loops) return frame % count;
    const back = frame % Math.max(1, 2 * count - 2);
    return back < count ? back : 2 * count - 2 - back;
  }

  /** Forgets the frame it holds. */
  rest(): void {
    this.#shown = undefined;
  }
}

function sample(bytes: Uint8Array, width: number, channels: number, x: number, y: number, c: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const at = (y0 * width + x0) * channels + c;
  const fx = x - x0;
  const fy = y - y0;
  if (fx === 0 && fy === 0) return bytes[at]!;
  const right = fx > 0 ? channels : 0;
  const below = fy > 0 ? width * channels : 0;
  const top = bytes[at]! + fx * (bytes[at + right]! - bytes[at]!);
  const bottom = bytes[at + below]! + fx * (bytes[at + below + right]! - bytes[at + below]!);
  return top + fy * (bottom - top);
}
