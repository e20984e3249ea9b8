import { MangaError } from '../errors/manga-error.ts';
import { throwIfAborted } from '../media/abort.ts';
import type { Size } from '../motion/geometry.ts';
import type { FrameSequence } from '../pipeline/types.ts';
import { borderOf, gutterOf, layOut, sceneSize } from './layout.ts';
import { Panel } from './panel.ts';
import type { SceneSettings } from './settings.ts';
import { drawTransition } from './transitions.ts';

/** Panels that are seen together, and when. */
interface Page {
  readonly panels: readonly Panel[];
  readonly frames: number;
  /** Frame of the scene at which it comes into sight. */
  readonly start: number;
  /** Frames during which the page before it goes. */
  readonly change: number;
}

/** Steady in the middle, slow at both ends. */
const eased = (x: number): number => x * x * (3 - 2 * x);

/** Sequences laid out on pages, one page after the other. Frames are composed when asked for. */
class Scene implements FrameSequence {
  readonly shape: readonly [number, number, number, number];
  readonly fps: number;
  readonly #settings: SceneSettings;
  readonly #size: Size;
  readonly #border: number;
  readonly #pages: readonly Page[];

  constructor(parts: readonly FrameSequence[], settings: SceneSettings) {
    const [first] = parts;
    if (!first) throw new MangaError('BAD_INPUT', 'A scene of no panels.', 'Give it at least one sequence of frames.');
    const [, height, width] = first.shape;
    this.#settings = settings;
    this.#size = sceneSize(settings, { width, height });
    this.#border = borderOf(this.#size, settings);
    this.fps = first.fps;
    const pages: Page[] = [];
    let next = 0;
    for (const polygons of layOut(parts.length, this.#size, settings)) {
      const panels = polygons.map((polygon, i) => {
        const start = Math.round(i * settings.stagger * this.fps);
        const place = { polygon, page: this.#size, border: this.#border, start, fps: this.fps };
        return new Panel(parts[next++]!, { ...place, entrance: settings.entrance, ending: settings.ending });
      });
      const frames = Math.max(...panels.map(({ end }) => end));
      const before = pages.at(-1);
      const wanted = settings.transition === 'cut' ? 0 : Math.round(settings.transitionSeconds * this.fps);
      const change = before ? Math.min(wanted, before.frames >> 1, frames >> 1) : 0;
      pages.push({ panels, frames, change, start: before ? before.start + before.frames - change : 0 });
    }
    this.#pages = pages;
    const { start, frames } = pages.at(-1)!;
    const channels = parts.some((part) => part.shape[3] === 3) ? 3 : 1;
    this.shape = [start + frames, this.#size.height, this.#size.width, channels];
  }

  get byteLength(): number {
    return this.#pages.flatMap(({ panels }) => panels).reduce((sum, panel) => sum + panel.byteLength, 0);
  }

  async render(first: number, count: number, signal?: AbortSignal): Promise<Uint8Array> {
    const [frames, height, width, channels] = this.shape;
    if (first < 0 || count < 1 || first + count > frames) {
      throw new MangaError('BAD_INPUT', `The scene has frames 0 to ${frames - 1}; asked for ${count} from ${first}.`);
    }
    const size = height * width * channels;
    const bytes = new Uint8Array(count * size);
    for (let i = 0; i < count; i++) {
      throwIfAborted(signal);
      bytes.set(await this.#renderOne(first + i), i * size);
    }
    return bytes;
  }

  async #renderOne(frame: number): Promise<Uint8Array> {
    const index = this.#pages.findLastIndex(({ start }) => start <= frame);
    const page = this.#pages[index]!;
    const after = await this.#draw(page, frame);
    const passed = frame - page.start;
    const { transition, direction } = this.#settings;
    if (passed >= page.change || transition === 'cut') {
      for (const panel of this.#pages[index - 1]?.panels ?? []) panel.rest();
      return after;
    }
    return drawTransition(transition, {
      before: await this.#draw(this.#pages[index - 1]!, frame),
      after,
      size: this.#size,
      channels: this.shape[3] as 1 | 3,
      progress: eased((passed + 1) / (page.change + 1)),
      rightToLeft: direction === 'right-to-left',
      border: this.#border,
      gutter: gutterOf(this.#border),
    });
  }

  async #draw(page: Page, frame: number): Promise<Uint8Array> {
    const [, height, width, channels] = this.shape;
    const out = new Uint8Array(height * width * channels).fill(255);
    const rightToLeft = this.#settings.direction === 'right-to-left';
    for (const panel of page.panels) await panel.draw(frame - page.start, out, channels as 1 | 3, rightToLeft);
    return out;
  }

  dispose(): void {
    for (const { panels } of this.#pages) for (const panel of panels) panel.rest();
  }
}

/**
 * Several sequences to one: each a panel, on pages that follow one another.
 * @param parts in reading order; they stay the caller's. Rates may differ: the first part's is the scene's.
 * @throws MangaError BAD_INPUT when there is none
 */
export function composeScene(parts: readonly FrameSequence[], settings: SceneSettings): FrameSequence {
  return new Scene(parts, settings);
}
