import type { PagePrint } from './page-print.ts';

/** Where a drawing is to go: {@link PagePrint}s mixed, and how far. */
export interface PrintAim {
  /** How many times as wide as usual strokes are. */
  readonly stroke: number;
  /** Log-odds of the shares of solid black and toned area, and of the dark part of the toned area. */
  readonly black: number;
  readonly toned: number;
  readonly dark: number;
  /** How many times as dark as usual what is drawn is; and the paper's grey, 0..1. */
  readonly darkness: number;
  readonly paper: number;
  /** Log-odds of the page's mean darkness, against a usual page's. */
  readonly shade: number;
  /** How far to go there, 0..1. */
  readonly strength: number;
}

/** Stroke width of a usual drawing, as a share of the root of its area, and how much of a page's difference is taken. */
const USUAL_STROKE = 0.006;
/** Widths no page goes beyond, as multiples of the usual. */
const [THINNEST, THICKEST] = [0.4, 2];
/** Of a page's toned area, what its dense lines make up. */
const DENSE_LINES = 0.06;
/** Density of a tone that is all light, and all dark. */
const [LIGHT, DARK] = [0.25, 0.62];
/** Greys of ink that is black to the eye, and of paper that is white. */
const BLACK_INK = 0.1;
const WHITE_PAPER = 0.88;
/** Darkness of what is drawn, at least and at most; pencil may become blacker than it is. */
const [PALEST, BLACKEST] = [0.55, 1.15];
/** Half of what a scan's paper is grey is printed, up to this: it is the scanner's as often as the paper's. */
const GREYEST = 0.12;
/** Mean darkness of a usual page. */
const USUAL_SHADE = 0.2;

/** Shares are kept away from none and all, whose odds are endless. */
export function logOdds(share: number): number {
  const kept = Math.min(Math.max(share, 0.004), 0.96);
  return Math.log(kept / (1 - kept));
}

export function oddsShare(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}

function clamp(x: number, least: number, most: number): number {
  return Math.min(Math.max(x, least), most);
}

/**
 * What pages ask for, blended: widths and odds are averaged, so that half way looks half way.
 * @param parts pages, and shares that add up to 1 @param strength 0..1
 */
export function aimOf(
  parts: readonly { readonly print: PagePrint; readonly share: number }[],
  strength: number,
): PrintAim {
  const mean = (of: (print: PagePrint) => number) =>
    parts.reduce((sum, { print, share }) => sum + share * of(print), 0);
  const toned = ({ toned }: PagePrint) => Math.max(toned - DENSE_LINES, 0);
  const shade = ({ black, toned, density, lines }: PagePrint) => black + toned * density + lines;
  return {
    stroke: Math.exp(
      mean(({ stroke }) => (stroke === null ? 0 : Math.log(clamp(stroke / USUAL_STROKE, THINNEST, THICKEST)))),
    ),
    black: mean(({ black }) => logOdds(black)),
    toned: mean((print) => logOdds(toned(print))),
    dark: mean(({ density }) => logOdds((density - LIGHT) / (DARK - LIGHT))),
    darkness: mean(({ ink }) => (ink === null ? 1 : clamp((1 - ink) / (1 - BLACK_INK), PALEST, BLACKEST))),
    paper: 1 - mean(({ paper }) => clamp((WHITE_PAPER - paper) / 2, 0, GREYEST)),
    shade: mean((print) => logOdds(shade(print))) - logOdds(USUAL_SHADE),
    strength,
  };
}
