import { MangaError } from '../errors/manga-error.ts';
import type { ClipSettings } from '../settings/settings.ts';

type Motion = ClipSettings['motion'];

const ANGLES: Readonly<Record<string, number>> = { right: 0, up: 90, left: 180, down: 270 };

/** What a motion can take for its direction. */
const TAKES: Readonly<Record<Motion, 'any' | 'angle' | 'depth' | 'side'>> = {
  auto: 'any',
  pan: 'angle',
  parallax: 'angle',
  zoom: 'depth',
  dolly: 'depth',
  rotate: 'side',
  orbit: 'side',
  shake: 'angle',
  sway: 'angle',
  breathe: 'angle',
};

const ALLOWED = {
  any: '',
  angle: 'It takes left, right, up, down, an angle in degrees, or auto.',
  depth: 'It takes in, out, or auto.',
  side: 'It takes left, right, or auto.',
} as const;

/**
 * A direction as numbers: `angle` in radians (0 right, pi/2 up) of a side or an angle, `depth` 1 for in and -1 for out.
 * Both undefined for 'auto'.
 */
export interface Direction {
  readonly angle?: number;
  readonly depth?: 1 | -1;
}

/** @throws MangaError BAD_SETTING for a direction that the motion cannot take, with those that it can */
export function directionOf({ motion, direction }: Pick<ClipSettings, 'motion' | 'direction'>): Direction {
  if (direction === 'auto') return {};
  const takes = TAKES[motion];
  const depth = direction === 'in' ? 1 : direction === 'out' ? -1 : undefined;
  const fits = {
    any: true,
    angle: depth === undefined,
    depth: depth !== undefined,
    side: direction === 'left' || direction === 'right',
  }[takes];
  if (!fits) {
    throw new MangaError(
      'BAD_SETTING',
      `The motion '${motion}' cannot take the direction '${direction}'.`,
      ALLOWED[takes],
    );
  }
  return depth ? { depth } : { angle: ((ANGLES[direction] ?? Number(direction)) * Math.PI) / 180 };
}
