/**
 * The order in which Japanese pages are read: right to left, top to bottom, by recursive cuts along the gutters
 * (Kovanen and Aizawa 2015, "A layered method for determining manga text bubble reading order").
 */
import type { Box } from '../camera.ts';

/** Share of a frame's length, at each end, that may lie beyond a gutter: frames overlap a little. */
const OVERLAP = 0.06;
/** A frame crosses the fold when this share of its width, at least, lies on either side. */
const CROSSES = 0.15;

/** One page of a spread, or a spread that is read as one. */
export interface Sheet {
  /** Where it lies in the spread. */
  readonly box: Box;
  /** Width of a single page in pixels. */
  readonly pageWidth: number;
}

/**
 * The pages of a scan in reading order: a landscape one is two pages, the right one first, unless a frame crosses the fold.
 */
export function splitSpread(width: number, height: number, frames: readonly Box[]): Sheet[] {
  const whole = { x: 0, y: 0, width, height };
  if (width <= height) return [{ box: whole, pageWidth: width }];
  const fold = width / 2;
  const crosses = ({ x, width: w }: Box) => fold - x > CROSSES * w && x + w - fold > CROSSES * w;
  if (frames.some(crosses)) return [{ box: whole, pageWidth: fold }];
  return [
    { box: { ...whole, x: fold, width: width - fold }, pageWidth: fold },
    { box: { ...whole, width: fold }, pageWidth: fold },
  ];
}

/** The page that a box belongs to, by its centre. */
export function sheetOf(box: Box, sheets: readonly Sheet[]): Sheet {
  const x = box.x + box.width / 2;
  return sheets.find((sheet) => x >= sheet.box.x && x < sheet.box.x + sheet.box.width) ?? sheets[0]!;
}

/** Frames of one page in reading order. */
export function readingOrder<B extends { readonly box: Box }>(frames: readonly B[]): B[] {
  if (frames.length < 2) return [...frames];
  const rows = cut(frames, ({ box }) => [box.y, box.height]);
  if (rows.length > 1) return rows.flatMap(readingOrder);
  const columns = cut(frames, ({ box }) => [box.x, box.width]);
  if (columns.length > 1) return columns.reverse().flatMap(readingOrder);
  // No gutter goes through: the frame nearest to the top right corner is read, and what it hid may open.
  const first = frames.reduce((a, b) => (cornerDistance(b.box) < cornerDistance(a.box) ? b : a));
  return [first, ...readingOrder(frames.filter((frame) => frame !== first))];
}

function cornerDistance({ x, y, width }: Box): number {
  return y - (x + width);
}

/** Groups along an axis, from low to high, with a gutter between each two. */
function cut<B>(frames: readonly B[], spanOf: (frame: B) => readonly [from: number, length: number]): B[][] {
  const spans = frames
    .map((frame) => {
      const [from, length] = spanOf(frame);
      return { frame, from: from + OVERLAP * length, to: from + (1 - OVERLAP) * length };
    })
    .sort((a, b) => a.from - b.from);
  const groups: B[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const { frame, from, to } of spans) {
    if (from >= end) groups.push([]);
    groups.at(-1)!.push(frame);
    end = Math.max(end, to);
  }
  return groups;
}
