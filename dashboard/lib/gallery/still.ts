/** Which frame of a clip shows its photo as it stood, as the main package writes it (lib/motion/still-view.ts). */
export interface StillView {
  readonly frame: number;
  readonly frames: number;
  /** Size of the whole picture, in widths and heights of the frame. */
  readonly width: number;
  readonly height: number;
  /** Where the camera looks: fractions of the picture from its centre, y down. */
  readonly panX: number;
  readonly panY: number;
  /** Radians. */
  readonly rotation: number;
}

const KEYS = ['frame', 'frames', 'width', 'height', 'panX', 'panY', 'rotation'] as const;

/** @returns undefined where the value is none */
export function readStill(value: unknown): StillView | undefined {
  const fields = Object(value) as Record<string, unknown>;
  if (!KEYS.every((key) => typeof fields[key] === 'number' && Number.isFinite(fields[key]))) return undefined;
  return Object.fromEntries(KEYS.map((key) => [key, fields[key]])) as unknown as StillView;
}

/** How a photo lies over that frame: style of an image in a box of the frame's shape. */
export function overlay({ width, height, panX, panY, rotation }: StillView): Record<string, string> {
  const percent = (share: number): string => `${(100 * share).toFixed(3)}%`;
  return {
    width: percent(width),
    height: percent(height),
    transform: `translate(-50%, -50%) rotate(${-rotation}rad) translate(${percent(-panX)}, ${percent(-panY)})`,
  };
}
