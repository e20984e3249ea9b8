import { frameSize, type Size } from '../motion/geometry.ts';
import { clip, mirror, type Polygon } from './polygon.ts';
import type { SceneSettings } from './settings.ts';

/** Sides of a page, as of a printed manga volume: 1 to the square root of 2. */
const PAGE: Size = { width: 724, height: 1024 };
/** Width of a border on a page 768 long, pixels. */
const BORDER = 3.5;
const BORDER_SIDE = 768;
/** In borders: the white between rows is wider than within a row, so that the eye reads row by row. */
const ROW_GUTTER = 5;
const COLUMN_GUTTER = 3;
const MARGIN = 4;

/**
 * A page is cut in two, and each part again. `at` and `slant` are fractions of the page: rows are cut from (0, at - slant/2)
 * to (1, at + slant/2), columns from (at + slant/2, 0) to (at - slant/2, 1). Read first: above, right.
 */
type Cuts = null | {
  readonly into: 'rows' | 'columns';
  readonly at: number;
  readonly slant: number;
  readonly parts: readonly [Cuts, Cuts];
};

const CUTS = {
  single: null,
  rows: { into: 'rows', at: 0.5, slant: -0.09, parts: [null, null] },
  'wide-top': {
    ...{ into: 'rows', at: 0.45, slant: 0.05 },
    parts: [null, { into: 'columns', at: 0.48, slant: 0.12, parts: [null, null] }],
  },
  'tall-first': {
    ...{ into: 'columns', at: 0.5, slant: 0.1 },
    parts: [null, { into: 'rows', at: 0.54, slant: -0.06, parts: [null, null] }],
  },
  grid: {
    ...{ into: 'rows', at: 0.5, slant: 0.05 },
    parts: [
      { into: 'columns', at: 0.42, slant: 0.08, parts: [null, null] },
      { into: 'columns', at: 0.58, slant: -0.1, parts: [null, null] },
    ],
  },
} as const satisfies Record<string, Cuts>;
type PageName = keyof typeof CUTS;

const PANELS: Readonly<Record<PageName, number>> = { single: 1, rows: 2, 'wide-top': 3, 'tall-first': 3, grid: 4 };
const MOST = 4;

/** Thickness of a border in pixels. */
export function borderOf(page: Size, settings: Pick<SceneSettings, 'border'>): number {
  if (settings.border === 0) return 0;
  return Math.max(1, (settings.border * BORDER * Math.max(page.width, page.height)) / BORDER_SIDE);
}

/** Width of the white between panels side by side, pixels. */
export const gutterOf = (border: number): number => COLUMN_GUTTER * border;

/**
 * The frame of a scene.
 * @param first shape of the first panel's frames, when known @throws MangaError BAD_SETTING
 */
export function sceneSize({ size, layout }: Pick<SceneSettings, 'size' | 'layout'>, first?: Size): Size {
  const shape = layout === 'single' && first ? first : PAGE;
  return frameSize(shape, size || `${shape.width}x${shape.height}`);
}

/** How many panels each page has, and which layout. */
function pagesOf(panels: number, layout: SceneSettings['layout']): PageName[] {
  const byCount = (count: number, page: number): PageName =>
    count === 1 ? 'single' : count === 2 ? 'rows' : count === 4 ? 'grid' : page % 2 === 0 ? 'wide-top' : 'tall-first';
  if (layout !== 'page') {
    const each = PANELS[layout];
    const whole = Array.from({ length: Math.floor(panels / each) }, (): PageName => layout);
    return panels % each === 0 ? whole : [...whole, byCount(panels % each, whole.length)];
  }
  const count = Math.ceil(panels / MOST);
  return Array.from({ length: count }, (_, page) =>
    byCount(Math.floor(panels / count) + (page < panels % count ? 1 : 0), page),
  );
}

function cut(area: Polygon, cuts: Cuts, page: Size, border: number): Polygon[] {
  if (!cuts) return [area];
  const { into, at, slant, parts } = cuts;
  const { width, height } = page;
  // The line a x + b y = c, with (a, b) of length 1 towards the part that is read last.
  const rows = into === 'rows';
  const [a, b] = rows ? [-slant * height, width] : [-height, -slant * width];
  const [x, y] = rows ? [width / 2, at * height] : [at * width, height / 2];
  const length = Math.hypot(a, b);
  const c = (a * x + b * y) / length;
  const half = ((rows ? ROW_GUTTER : COLUMN_GUTTER) * border) / 2;
  return [
    ...cut(clip(area, -a / length, -b / length, -c + half), parts[0], page, border),
    ...cut(clip(area, a / length, b / length, c + half), parts[1], page, border),
  ];
}

/**
 * Panels of each page in reading order.
 * @param panels how many there are in all @param page frame of the scene, pixels
 */
export function layOut(panels: number, page: Size, settings: SceneSettings): Polygon[][] {
  const border = borderOf(page, settings);
  const margin = MARGIN * border;
  const [right, bottom] = [page.width - margin, page.height - margin];
  const area: Polygon = [
    [margin, margin],
    [right, margin],
    [right, bottom],
    [margin, bottom],
  ];
  return pagesOf(panels, settings.layout).map((name) =>
    cut(area, CUTS[name], page, border).map((polygon) =>
      settings.direction === 'right-to-left' ? polygon : mirror(polygon, page.width),
    ),
  );
}
