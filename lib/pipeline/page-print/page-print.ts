import { boxBlur } from '../../render/gaussian.ts';
import { opened } from './distance.ts';
import { countPanels } from './panels.ts';
import { type Grey, levelsOf, withoutMargins } from './scan.ts';

/** How a page is printed, measured: what steers a drawing beside the network's own style code. */
export interface PagePrint {
  /**
   * Mean width of single strokes (no dots, no hatching), as a share of the root of a panel's area; null when there are too few.
   * A page of several panels is seen by the panel, as a clip is.
   */
  readonly stroke: number | null;
  /** Shares of the page within its margins: solid black; dots, hatching and greys with the paper between them; single strokes. */
  readonly black: number;
  readonly toned: number;
  readonly lines: number;
  /** Mean darkness of the toned area, 0..1. */
  readonly density: number;
  /** Grey of ink and paper, 0..1; ink is null on a page without any. */
  readonly ink: number | null;
  readonly paper: number;
}

/** A page whose ink and paper are no further apart, of 255, is blank. */
const BLANK = 40;
/** Solid black is what a disc of this radius fits into, paper is open likewise: shares of the root of a panel's area. */
const BLACK_RADIUS = 0.007;
const OPEN_RADIUS = 0.0055;
/** In a page of more panels than this they are seen as of this. */
const MOST_PANELS = 4;
/** Grey of a flat tone, 0 ink .. 1 paper, and how much it may vary over three pixels. */
const [GREY_FROM, GREY_TO] = [0.12, 0.86];
const GREY_RANGE = 0.12;
/** Share of narrow paper around a place that makes it a tone and no single stroke. */
const NARROW = 0.2;
/** Fewer strokes than this share of the page say nothing of their width, */
const LEAST_LINES = 0.004;
/** and nor do those on a page that is greyer than this: a photo's are its edges. */
const MOST_GREY = 0.25;
/** Less solid black than this share of the page is not asked how black it is: the darkest pixels are. */
const LEAST_BLACK = 0.002;

/** 1 where a tone is neither ink nor paper and even: screens too fine for the scan, washes, photos. @param tone 0 ink .. 1 paper */
function flatGreys(tone: Float32Array, width: number, height: number): Uint8Array {
  const flat = new Uint8Array(tone.length);
  for (let y = 1; y + 1 < height; y++) {
    for (let x = 1, i = y * width + 1; x + 1 < width; x++, i++) {
      const here = tone[i]!;
      if (here < GREY_FROM || here > GREY_TO) continue;
      let [least, most] = [here, here];
      for (let row = i - width; row <= i + width; row += width) {
        for (let at = row - 1; at <= row + 1; at++) {
          const near = tone[at]!;
          if (near < least) least = near;
          if (near > most) most = near;
        }
      }
      if (most - least < GREY_RANGE) flat[i] = 1;
    }
  }
  return flat;
}

/** What each pixel of a page is made of. */
interface Marks extends Grey {
  /** 0 ink .. 1 paper */
  readonly tone: Float32Array;
  readonly inked: Uint8Array;
  /** 1 where paper is narrow, or a grey even. */
  readonly close: Float32Array;
  readonly greys: number;
}

function marksOf(page: Grey, ink: number, range: number): Marks {
  const tone = new Float32Array(page.data.length);
  for (let i = 0; i < tone.length; i++) tone[i] = Math.min(Math.max((page.data[i]! - ink) / range, 0), 1);
  const close = new Float32Array(tone.length);
  const flat = flatGreys(tone, page.width, page.height);
  const inked = new Uint8Array(tone.length);
  let greys = 0;
  for (let i = 0; i < tone.length; i++) {
    if (flat[i]) {
      close[i] = 1;
      greys++;
    } else inked[i] = tone[i]! < 0.5 ? 1 : 0;
  }
  return { ...page, tone, inked, close, greys };
}

/**
 * Measures a page by classical means, so that it holds for every checkpoint. Grey paper, JPEG and margins are seen through. A photo is
 * mostly grey: it gives its shares of black, grey and white, and no strokes.
 * @param grey [height,width], 0 black .. 255
 */
export function measurePrint(grey: Uint8Array, width: number, height: number): PagePrint {
  const levels = levelsOf({ data: grey, width, height });
  const range = levels.paper - levels.ink;
  const blank = { stroke: null, black: 0, toned: 0, lines: 0, density: 0, ink: null };
  if (range < BLANK) return { ...blank, paper: Math.max(levels.paper, 128) / 255 };
  const page = withoutMargins({ data: grey, width, height }, levels.ink + range / 2);
  const marks = marksOf(page, levels.ink, range);
  const { tone, inked, close } = marks;
  const area = tone.length;
  const panels = Math.min(countPanels(inked, page.width, page.height), MOST_PANELS);
  const side = Math.sqrt(area / panels);
  const black = opened(inked, page.width, page.height, BLACK_RADIUS * side);
  const bare = new Uint8Array(area);
  for (let i = 0; i < area; i++) bare[i] = inked[i] || close[i] ? 0 : 1;
  const open = opened(bare, page.width, page.height, OPEN_RADIUS * side);
  for (let i = 0; i < area; i++) if (bare[i] && !open[i]) close[i] = 1;
  const narrow = boxBlur(close, page.width, page.height, Math.max(2, Math.round(OPEN_RADIUS * side)));
  let [blacks, toned, dark, strokes, edges, blackest] = [0, 0, 0, 0, 0, 0];
  for (let y = 0, i = 0; y < page.height; y++) {
    for (let x = 0; x < page.width; x++, i++) {
      if (black[i]) {
        blacks++;
        blackest += page.data[i]!;
      } else if (!open[i] && narrow[i]! > NARROW) {
        toned++;
        dark += 1 - tone[i]!;
      } else if (inked[i]) {
        strokes++;
        if (x > 0 && !inked[i - 1]) edges++;
        if (x + 1 < page.width && !inked[i + 1]) edges++;
        if (y > 0 && !inked[i - page.width]) edges++;
        if (y + 1 < page.height && !inked[i + page.width]) edges++;
      }
    }
  }
  // A contour crosses 4 / pi times as many pixel borders as it is long, on average over directions; a stroke has two.
  const told = strokes > LEAST_LINES * area && edges > 0 && marks.greys < MOST_GREY * area;
  return {
    stroke: told ? (2 * strokes) / ((Math.PI / 4) * edges) / side : null,
    black: blacks / area,
    toned: toned / area,
    lines: strokes / area,
    density: toned > 0 ? dark / toned : 0,
    ink: (blacks > LEAST_BLACK * area ? blackest / blacks : levels.ink) / 255,
    paper: levels.paper / 255,
  };
}
