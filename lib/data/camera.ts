/** Camera moves over flat pages. */
import { frameMotion, type Geometry } from '../motion/frame-scalars.ts';
import { phaseFeatures } from '../motion/phases.ts';
import { trajectory } from '../motion/trajectory.ts';
import { CAMERA_OUTPUTS } from '../network/blocks/motion-tcn.ts';
import { DEFAULT_CONFIG } from '../network/config.ts';
import type { Random } from '../random.ts';
import type { CameraMove } from '../settings/settings.ts';
import { randomPath } from '../training/random-path.ts';

/** What one frame sees of a page: a square, its centre and side in pixels of the page, turned by `angle` (radians). */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly side: number;
  readonly angle: number;
}

/** Pixels from the page's top left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A clip has at most this many times the sequence's frames: the sequence is a window of it. */
const LONGEST_CLIP = 4;

/** The trainer shows the middle of a canvas of side 1; whatever the frame's share, these leave it room. */
const FRAME = 0.8;
const GEOMETRY: Geometry = {
  frame: { width: FRAME, height: FRAME },
  canvas: { width: 1, height: 1 },
  drawn: { width: 1, height: 1 },
  padded: { width: 1, height: 1 },
};

/** A window of `frames` steps in a longer clip: its length in steps, and where it begins. */
export function randomWindow(random: Random, frames: number): { length: number; from: number } {
  const length = frames + random.int((LONGEST_CLIP - 1) * frames);
  return { length, from: random.int(length - frames + 1) };
}

/** Moves as the generator is asked to make them (motion/trajectory.ts), so that sequences do not differ by their camera. */
export function randomMoves(random: Random, frames: number): CameraMove[] {
  const { length, from } = randomWindow(random, frames);
  const noise = randomPath(random, frames, DEFAULT_CONFIG.noise);
  const motion = trajectory(noise, DEFAULT_CONFIG.noise, phaseFeatures(from, frames, length, 12, false), 0);
  return Array.from({ length: frames }, (_, t) =>
    frameMotion(motion.subarray(t * CAMERA_OUTPUTS, (t + 1) * CAMERA_OUTPUTS), GEOMETRY),
  );
}

/**
 * Puts moves at a random place so that no view leaves the box.
 * @param side side of the canvas in page pixels; made smaller if the box is too small for it
 */
export function placeMoves(random: Random, moves: readonly CameraMove[], box: Box, side: number): View[] {
  const reach = (pan: 'panX' | 'panY') => {
    const halves = moves.map(
      ({ rotation, zoom }) => (Math.abs(Math.cos(rotation)) + Math.abs(Math.sin(rotation))) / zoom / 2,
    );
    return {
      low: Math.min(...moves.map((move, i) => move[pan] - halves[i]!)),
      high: Math.max(...moves.map((move, i) => move[pan] + halves[i]!)),
    };
  };
  const [h, v] = [reach('panX'), reach('panY')];
  const canvas = Math.min(side, box.width / (h.high - h.low), box.height / (v.high - v.low));
  const x = box.x + random.uniform(-h.low * canvas, box.width - h.high * canvas);
  const y = box.y + random.uniform(-v.low * canvas, box.height - v.high * canvas);
  return moves.map(({ zoom, rotation, panX, panY }) => ({
    x: x + panX * canvas,
    y: y + panY * canvas,
    side: canvas / zoom,
    angle: rotation,
  }));
}

/** The view moved (not turned or scaled) so that it lies in the box; centred in it along an axis where it does not fit. */
export function keepInside(view: View, box: Box): View {
  const half = (view.side * (Math.abs(Math.cos(view.angle)) + Math.abs(Math.sin(view.angle)))) / 2;
  const keep = (at: number, from: number, length: number) =>
    2 * half > length ? from + length / 2 : Math.min(Math.max(at, from + half), from + length - half);
  return { ...view, x: keep(view.x, box.x, box.width), y: keep(view.y, box.y, box.height) };
}

/** Between two views: centres linearly, sides by equal ratios. @param share 0 the first, 1 the second */
export function blendViews(a: View, b: View, share: number): View {
  const mix = (from: number, to: number) => from + (to - from) * share;
  return {
    x: mix(a.x, b.x),
    y: mix(a.y, b.y),
    side: a.side * (b.side / a.side) ** share,
    angle: mix(a.angle, b.angle),
  };
}
