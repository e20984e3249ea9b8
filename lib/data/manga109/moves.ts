/** Camera moves over comic pages: within a frame, towards a face, from one frame to the next. */
import type { Random } from '../../random.ts';
import { type Box, blendViews, keepInside, placeMoves, randomMoves, randomWindow, type View } from '../camera.ts';

export const MOVE_KINDS = ['inside', 'face', 'between'] as const;
export type MoveKind = (typeof MOVE_KINDS)[number];

export interface Panel {
  readonly box: Box;
  /** Faces whose centre lies in the frame. */
  readonly faces: readonly Box[];
}

/** One page with its frames in reading order. Boxes in pixels of the annotated scan. */
export interface MangaPage {
  readonly title: string;
  readonly file: string;
  /** Size of the annotated scan. */
  readonly width: number;
  readonly height: number;
  /** The page within the scan, and the width of a single page. */
  readonly box: Box;
  readonly pageWidth: number;
  readonly panels: readonly Panel[];
  /** Balloons and sound words of the whole scan. */
  readonly texts: readonly Box[];
}

/** Sides of views, shares of a page's width. */
export const SMALLEST_VIEW = 0.16;
export const LARGEST_VIEW = 0.5;
/** Frames smaller than this share of the page's width are too coarse when enlarged. */
const SMALLEST_PANEL = 0.12;
/** How often each kind of move is tried first. */
const WEIGHTS: Readonly<Record<MoveKind, number>> = { inside: 0.5, face: 0.3, between: 0.2 };
/** At the end of a push the view is this many times as large as the face. */
const FACE_VIEW = [1.5, 2.6] as const;
/** Largest view on a face, share of the frame's shorter side: the camera must come from further away. */
const FACE_SHARE = 0.9;
/** By how much a push enlarges, natural logarithm; the generator's zoom is of this size. */
const PUSH = [0.06, 0.3] as const;
/** How far beside the face a push begins, shares of its first view. */
const PUSH_OFFSET = 0.2;
/** Share of its frame's shorter side that a view shows before and after a move between frames. */
const PANEL_SHARE = [0.85, 1] as const;
/** Share of a view that balloons may cover when text is to be avoided. */
const TEXT_SHARE = 0.02;

function usablePanels({ panels, pageWidth }: MangaPage): readonly Panel[] {
  return panels.filter(({ box }) => Math.min(box.width, box.height) >= SMALLEST_PANEL * pageWidth);
}

/** Whether a page has what a kind of move needs. */
export function hasMove(page: MangaPage, kind: MoveKind): boolean {
  const panels = usablePanels(page);
  if (kind === 'face') return panels.some((panel) => panel.faces.length > 0);
  return panels.length >= (kind === 'between' ? 2 : 1);
}

/** A kind of move, by the weights of those allowed. */
export function pickKind(random: Random, kinds: readonly MoveKind[]): MoveKind {
  const all = kinds.reduce((sum, kind) => sum + WEIGHTS[kind], 0);
  let left = random.uniform(0, all);
  for (const kind of kinds) {
    left -= WEIGHTS[kind];
    if (left < 0) return kind;
  }
  return kinds[0]!;
}

/** @returns `frames` views in pixels of the annotated scan; null when the page has nothing for such a move */
export function planMove(random: Random, page: MangaPage, kind: MoveKind, frames: number): View[] | null {
  if (!hasMove(page, kind)) return null;
  const panels = usablePanels(page);
  if (kind === 'inside') return insideMove(random, random.pick(panels), page.pageWidth, frames);
  if (kind === 'between') return betweenMove(random, panels, page.pageWidth, frames);
  const faced = panels.filter((panel) => panel.faces.length > 0);
  return pushMove(random, random.pick(faced), page.pageWidth, frames);
}

function insideMove(random: Random, { box }: Panel, pageWidth: number, frames: number): View[] {
  const side = pageWidth * random.uniform(SMALLEST_VIEW, LARGEST_VIEW);
  return placeMoves(random, randomMoves(random, frames), box, side);
}

/** The last view is centred on the face as far as the frame's border lets it, no view leaves the frame. */
function pushMove(random: Random, { box, faces }: Panel, pageWidth: number, frames: number): View[] {
  const face = random.pick(faces);
  const room = Math.min(box.width, box.height);
  const wanted = Math.max(face.width, face.height) * random.uniform(...FACE_VIEW);
  const largest = Math.min(FACE_SHARE * room, LARGEST_VIEW * pageWidth);
  const side = Math.min(largest, Math.max(wanted, SMALLEST_VIEW * pageWidth));
  const centre = { x: face.x + face.width / 2, y: face.y + face.height / 2, angle: 0 };
  const last = keepInside({ ...centre, side }, box);
  const wide = Math.min(room, side * Math.exp(random.uniform(...PUSH)));
  const beside = () => random.uniform(-PUSH_OFFSET, PUSH_OFFSET) * wide;
  const first = keepInside({ x: last.x + beside(), y: last.y + beside(), side: wide, angle: 0 }, box);
  return Array.from({ length: frames }, (_, t) => {
    const left = 1 - t / (frames - 1);
    return keepInside(blendViews(first, last, 1 - left * left), box);
  });
}

/** A window of an eased move from one frame to the next one in reading order. */
function betweenMove(random: Random, panels: readonly Panel[], pageWidth: number, frames: number): View[] {
  const i = random.int(panels.length - 1);
  const on = ({ box }: Panel): View => {
    const side = Math.min(box.width, box.height, LARGEST_VIEW * pageWidth) * random.uniform(...PANEL_SHARE);
    return { x: box.x + box.width / 2, y: box.y + box.height / 2, side, angle: 0 };
  };
  const [from, to] = [on(panels[i]!), on(panels[i + 1]!)];
  const window = randomWindow(random, frames);
  return Array.from({ length: frames }, (_, t) => {
    const p = (window.from + t) / (window.length - 1);
    return blendViews(from, to, p * p * (3 - 2 * p));
  });
}

/** Whether a view shows more than a corner of a balloon. */
export function showsText(view: View, texts: readonly Box[]): boolean {
  const half = view.side / 2;
  const overlap = (from: number, length: number, centre: number) =>
    Math.max(0, Math.min(from + length, centre + half) - Math.max(from, centre - half));
  const covered = texts.reduce(
    (sum, box) => sum + overlap(box.x, box.width, view.x) * overlap(box.y, box.height, view.y),
    0,
  );
  return covered > TEXT_SHARE * view.side ** 2;
}
