import type { TensorData } from '../engines/engine.ts';
import type { Size } from '../motion/geometry.ts';
import type { ClipSettings } from '../settings/settings.ts';
import type { PagePrint } from './page-print/page-print.ts';
import { aimOf, type PrintAim } from './page-print/steer-print.ts';
import type { PageScreen } from './page-screen/page-screen.ts';
import { steerScreen } from './page-screen/steer-screen.ts';
import type { Pixels, Style } from './types.ts';

/** What reads a page: each checkpoint has its own style encoder, and its own codes. */
export interface PageReader {
  /** @param page [1,H,W,1] in -1..1 @returns style code [S] */
  readPage(page: TensorData): Promise<Float32Array>;
}

interface Part {
  /** [1,H,W,1] in -1..1 */
  readonly page: TensorData;
  /** What the page is printed with; null when no dots were found on it. */
  readonly screen: PageScreen | null;
  readonly print: PagePrint;
  readonly share: number;
}

/**
 * One page, or a blend of some. It keeps the pages and not a code, because a checkpoint that draws with it later may not be
 * the one that read it first.
 */
export class PageStyle implements Style {
  readonly #parts: readonly Part[];
  readonly #codes = new WeakMap<PageReader, Promise<Float32Array>>();
  readonly #first: PageReader;
  readonly shape: readonly number[];

  constructor(parts: readonly Part[], first: PageReader, length: number) {
    this.#parts = parts;
    this.#first = first;
    this.shape = [1, length];
  }

  /** Style code [S]: the mean of the pages' codes by their shares. */
  codeFor(reader: PageReader): Promise<Float32Array> {
    let code = this.#codes.get(reader);
    if (!code) {
      code = this.#mix(reader);
      this.#codes.set(reader, code);
      // A failure is not kept: the next clip tries again.
      code.catch(() => this.#codes.delete(reader));
    }
    return code;
  }

  async #mix(reader: PageReader): Promise<Float32Array> {
    const codes = await Promise.all(this.#parts.map(({ page }) => reader.readPage(page)));
    return codes[0]!.map((_, i) => codes.reduce((sum, code, n) => sum + this.#parts[n]!.share * code[i]!, 0));
  }

  get byteLength(): number {
    return this.#parts.reduce((sum, { page }) => sum + page.data.byteLength, 0);
  }

  async read(): Promise<TensorData> {
    return { shape: this.shape, dtype: 'float32', data: await this.codeFor(this.#first) };
  }

  /**
   * Settings whose dots are as on the pages, where the user left them automatic.
   * @param automatic period of no page's, canvas pixels @param strength 0..1
   */
  printed<S extends Pick<ClipSettings, 'screenPeriod' | 'screenAngle'>>(
    settings: S,
    canvas: Size,
    automatic: number,
    strength: number,
  ): S {
    const parts = this.#parts.map(({ screen, share }) => ({ screen, share: share * strength }));
    return { ...settings, ...steerScreen(settings, parts, canvas, automatic) };
  }

  /** What the pages' line weight, tones and contrast ask for. @param strength 0..1 */
  aim(strength: number): PrintAim {
    return aimOf(this.#parts, strength);
  }

  /** The pages of this style, each counting `share` of what it did. */
  scaled(share: number): readonly Part[] {
    return this.#parts.map((part) => ({ ...part, share: part.share * share }));
  }

  dispose(): void {}
}

export function isStyle(page: Pixels | Style): page is Style {
  return !('data' in page);
}
