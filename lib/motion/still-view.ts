/**
 * Which frame of a clip shows the picture as it stood, and how: to lay the photo over it. The camera is always nearer than
 * the whole picture, so the photo has to be moved and enlarged as that frame's camera says.
 */
import type { FrameMotion, Geometry } from './frame-scalars.ts';

/** Plain JSON, kept in sidecars. */
export interface StillView {
  /** Index of the frame. */
  readonly frame: number;
  /** Frames of the clip. */
  readonly frames: number;
  /** Size of the whole picture, of which the frame shows a part: in widths and heights of the frame. */
  readonly width: number;
  readonly height: number;
  /** Where the camera looks: fractions of the picture from its centre, y down. */
  readonly panX: number;
  readonly panY: number;
  /** Of the camera, radians. */
  readonly rotation: number;
}

const KEYS = ['frame', 'frames', 'width', 'height', 'panX', 'panY', 'rotation'] as const;
/** Digits behind the point: a tenth of a pixel of a clip 1000 pixels wide. */
const DIGITS = 4;

const rounded = (value: number): number => Number(value.toFixed(DIGITS));

/**
 * How far a frame's picture is from the one that was drawn, about in fractions of the picture. What bends it counts double:
 * the camera alone can be followed, and only costs some of the picture's edge.
 */
function unrest({ zoom, rotation, panX, panY, parallaxX, parallaxY, dolly, weights, staging }: FrameMotion): number {
  const bent = Math.hypot(parallaxX, parallaxY) + Math.abs(dolly) / 4 + Math.hypot(...weights);
  const moved = Math.hypot(panX, panY) + (zoom - 1) / 2 + Math.abs(rotation) / 2;
  return 2 * bent + moved + (staging?.flash ? 1 : 0);
}

/** @param order which of `motions` each frame shows @returns undefined of a clip without frames */
export function stillView(
  motions: readonly FrameMotion[],
  order: readonly number[],
  { frame, canvas }: Pick<Geometry, 'frame' | 'canvas'>,
): StillView | undefined {
  const unrests = order.map((shown) => unrest(motions[shown]!));
  const index = unrests.indexOf(Math.min(...unrests));
  const motion = motions[order[index] ?? -1];
  if (!motion) return undefined;
  // Depth moves about the middle distance by half.
  const scale = motion.zoom / (1 - motion.dolly / 2);
  return {
    frame: index,
    frames: order.length,
    width: rounded((scale * canvas.width) / frame.width),
    height: rounded((scale * canvas.height) / frame.height),
    panX: rounded(motion.panX),
    panY: rounded(motion.panY),
    rotation: rounded(motion.rotation),
  };
}

/** @param value from a message or a file @returns undefined where it is none */
export function readStillView(value: unknown): StillView | undefined {
  const fields = Object(value) as Record<string, unknown>;
  const right = KEYS.every((key) => typeof fields[key] === 'number' && Number.isFinite(fields[key]));
  return right ? (Object.fromEntries(KEYS.map((key) => [key, fields[key]])) as unknown as StillView) : undefined;
}
