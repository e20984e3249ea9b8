import type { Medium } from '../network/media.ts';
import type { ColourStyle } from './flat-colours.ts';

/**
 * What makes one drawing of a photo differ from another. Lengths are pixels of a picture whose long side is about
 * 512 px; a larger picture is drawn with finer lines relative to its size.
 */
export interface DrawingStyle {
  /** Sigma of the inner Gaussian of the line detector, .5..1.5 px. Larger: thicker, fewer, calmer lines. */
  readonly lineScale: number;
  /** Line contrast below which nothing is drawn, after local normalisation, .003..0.02. */
  readonly lineThreshold: number;
  /** Lines shorter than this are dropped, px; very strong ones are kept down to a third of it, faint ones up to twice. */
  readonly minLength: number;
  /** Half of the extra line width, px: 0 as detected, .5 makes every line 1 px wider. */
  readonly lineGrow: number;
  /** Share of the picture that is white, white + light, white + light + dark; the rest is black. 0..1, rising. */
  readonly toneCover: readonly [number, number, number];
  /** Brightness (CIE L / 100) above which a place is never toned light, dark, black, whatever `toneCover` says. */
  readonly toneCeiling: readonly [number, number, number];
  /** Smallest tone shape, px². */
  readonly toneArea: number;
  /** Flat colours instead of tones. */
  readonly colour?: ColourStyle;
}

export interface NamedStyle {
  readonly name: string;
  readonly medium: Medium;
  readonly style: DrawingStyle;
}

/** The first of a medium is its default. */
export const DRAWING_STYLES: readonly NamedStyle[] = [
  {
    name: 'ink',
    medium: 'screentone',
    style: {
      lineScale: 0.7,
      lineThreshold: 0.0045,
      minLength: 18,
      // Lines of a fine pen, mostly paper, blacks spotted boldly, few dots: so manga pages are (docs/evaluation.md).
      lineGrow: -0.4,
      toneCover: [0.78, 0.86, 0.87],
      toneCeiling: [0.48, 0.36, 0.34],
      toneArea: 120,
    },
  },
  {
    name: 'bold',
    medium: 'screentone',
    style: {
      lineScale: 1.1,
      lineThreshold: 0.012,
      minLength: 28,
      lineGrow: 0.7,
      toneCover: [0.72, 0.8, 0.82],
      toneCeiling: [0.5, 0.4, 0.36],
      toneArea: 320,
    },
  },
  {
    name: 'light',
    medium: 'screentone',
    style: {
      lineScale: 0.6,
      lineThreshold: 0.0065,
      minLength: 20,
      lineGrow: -0.5,
      toneCover: [0.97, 0.985, 0.99],
      toneCeiling: [0.28, 0.18, 0.1],
      toneArea: 260,
    },
  },
  {
    name: 'tone',
    medium: 'screentone',
    style: {
      lineScale: 0.8,
      lineThreshold: 0.009,
      minLength: 22,
      lineGrow: 0.1,
      toneCover: [0.42, 0.72, 0.92],
      toneCeiling: [0.8, 0.55, 0.26],
      toneArea: 140,
    },
  },
  {
    name: 'pencil',
    medium: 'pencil',
    style: {
      lineScale: 0.6,
      lineThreshold: 0.0045,
      minLength: 16,
      lineGrow: -0.05,
      toneCover: [0.5, 0.76, 0.92],
      toneCeiling: [0.72, 0.5, 0.3],
      toneArea: 120,
    },
  },
  {
    name: 'pencil-light',
    medium: 'pencil',
    style: {
      lineScale: 0.55,
      lineThreshold: 0.005,
      minLength: 18,
      lineGrow: -0.1,
      toneCover: [0.78, 0.92, 0.98],
      toneCeiling: [0.5, 0.32, 0.18],
      toneArea: 200,
    },
  },
  {
    name: 'pencil-dark',
    medium: 'pencil',
    style: {
      lineScale: 0.8,
      lineThreshold: 0.006,
      minLength: 18,
      lineGrow: 0.2,
      toneCover: [0.36, 0.6, 0.82],
      toneCeiling: [0.82, 0.6, 0.4],
      toneArea: 120,
    },
  },
  {
    name: 'webtoon',
    medium: 'colour',
    style: {
      ...{ lineScale: 0.7, lineThreshold: 0.0065, minLength: 18, lineGrow: 0 },
      ...{ toneCover: [1, 1, 1], toneCeiling: [0, 0, 0], toneArea: 0 },
      colour: { flat: 0.85, vivid: 1.25, lift: 0.12, shade: 0.07 },
    },
  },
  {
    name: 'webtoon-pastel',
    medium: 'colour',
    style: {
      ...{ lineScale: 0.6, lineThreshold: 0.008, minLength: 20, lineGrow: -0.05 },
      ...{ toneCover: [1, 1, 1], toneCeiling: [0, 0, 0], toneArea: 0 },
      colour: { flat: 0.9, vivid: 0.95, lift: 0.3, shade: 0.05 },
    },
  },
  {
    name: 'webtoon-bold',
    medium: 'colour',
    style: {
      ...{ lineScale: 1, lineThreshold: 0.01, minLength: 24, lineGrow: 0.5 },
      ...{ toneCover: [1, 1, 1], toneCeiling: [0, 0, 0], toneArea: 0 },
      colour: { flat: 0.95, vivid: 1.5, lift: 0.06, shade: 0.1 },
    },
  },
];

/** Styles of a medium, the default first. */
export function stylesOf(medium: Medium): readonly NamedStyle[] {
  return DRAWING_STYLES.filter((named) => named.medium === medium);
}
