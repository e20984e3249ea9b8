/**
 * The drawing teacher: draws a photo as ink lines and flat tones, without learning. The network learns from it.
 * Lines after Kang 2007 on a picture smoothed after Gastal 2011, tones on regions after Nock 2004; see each room.
 */
import { MangaError } from '../errors/manga-error.ts';
import type { Pixels } from '../pipeline/types.ts';
import { type Lab, toLab } from './colour.ts';
import { flatColours } from './flat-colours.ts';
import { edgeTangent } from './flow-dog.ts';
import { gaussianBlur } from './gaussian.ts';
import { drawLines, lineContrast } from './lines.ts';
import { flattenColours } from './regions.ts';
import { bilateral, smoothColours } from './smooth.ts';
import type { DrawingStyle } from './style.ts';
import { drawTones, quantile } from './tones.ts';

/** Raise it whenever a drawing or its motion targets would come out differently: caches are keyed by it. */
export const RENDERER_VERSION = 7;

/** Layers of one drawing, width*height bytes each, row-major. */
export interface Drawing {
  readonly width: number;
  readonly height: number;
  /**
   * Coverage by ink lines: 255 inside, 0 outside, 128 on the contour, with the soft edge of a mask blurred with sigma
   * .8 px, so that it can be enlarged smoothly and then thresholded at 128.
   */
  readonly line: Uint8Array;
  /** Darkness of the flat tones: 0 white, 85 light, 170 dark, 255 black. */
  readonly tone: Uint8Array;
  /** Flat colours of a style that has them, interleaved sRGB. */
  readonly colours?: Uint8Array;
}

/**
 * Draws a photo once per style; what the styles have in common is computed once. Same input, same bytes.
 * @param rgb interleaved sRGB, width*height*3 bytes
 * @throws MangaError BAD_INPUT when the data does not fit the size
 */
export function drawPhoto(rgb: Pixels, styles: readonly DrawingStyle[]): Drawing[] {
  const { width, height } = rgb;
  if (!(width >= 1 && height >= 1) || rgb.data.length !== width * height * 3) {
    throw new MangaError(
      'BAD_INPUT',
      `A picture of ${width} x ${height} needs ${width * height * 3} bytes of RGB, got ${rgb.data.length}.`,
      'Decode it to 8-bit RGB without alpha first.',
    );
  }
  const lab = toLab(rgb);
  const smooth = smoothColours(lab, 12, 0.12);
  const fine = bilateral(lab.l, width, height, 3, 5, 0.12);
  const grey = stretch(mix(fine, smooth.l, 0.5));
  const tangent = edgeTangent([grey], width, height, 2.5);
  const soft = gaussianBlur(grey, width, height, 0.5);
  const contrasts = new Map<number, Float32Array>();
  for (const { lineScale } of styles) {
    if (!contrasts.has(lineScale)) contrasts.set(lineScale, lineContrast(soft, width, height, tangent, lineScale));
  }
  const apparent = { ...smooth, l: apparentBrightness(smooth) };
  const flat = gaussianBlur(mix(flattenColours(apparent, 48, 60).l, apparent.l, 0.8), width, height, 1.2);
  return styles.map((style) => ({
    width,
    height,
    line: drawLines(contrasts.get(style.lineScale)!, width, height, style),
    tone: style.colour ? new Uint8Array(width * height) : drawTones(flat, width, height, style),
    ...(style.colour ? { colours: flatColours(smooth, style.colour) } : {}),
  }));
}

/**
 * Brightness for toning: warm colours count as lighter (as they look, Helmholtz-Kohlrausch), so that skin of any shade
 * stays lighter than dark cloth and hair.
 */
function apparentBrightness({ l, a, b }: Lab): Float32Array {
  return l.map((v, i) => v + 0.4 * Math.max(0, 0.57 * a[i] + 0.82 * b[i]) + 0.1 * Math.hypot(a[i], b[i]));
}

function mix(a: Float32Array, b: Float32Array, share: number): Float32Array {
  return a.map((v, i) => share * v + (1 - share) * b[i]);
}

/** Stretches the 1st..99th percentile to 0..1. */
function stretch(values: Float32Array): Float32Array {
  const low = quantile(values, 0.01);
  // A nearly flat picture must not have its noise blown up into drawing.
  const range = Math.max(0.2, quantile(values, 0.99) - low);
  return values.map((v) => Math.min(1, Math.max(0, (v - low) / range)));
}
