import { Random } from '../random.ts';
import type { ClipSettings } from '../settings/settings.ts';

/** A camera that was hit: added to the motion. */
export interface Jolt {
  /** Fractions of the frame's long side. */
  readonly x: number;
  readonly y: number;
  /** Radians. */
  readonly rotation: number;
  readonly logZoom: number;
  /** The drawing of the hit itself is shown inverted. */
  readonly flash: boolean;
}

const STILL: Jolt = { x: 0, y: 0, rotation: 0, logZoom: 0, flash: false };
/** At impact 1. */
const REACH = 0.05;
const TURN = 0.03;
const PUNCH = 0.14;
/** The shake falls to 1/e in this many seconds. */
const DECAY_SECONDS = 0.22;

/**
 * A shake that dies away: from the hit on, at a third of the clip, the camera is thrown to alternate sides, a drawing each,
 * and comes a little closer, which leaves it room.
 * @param t frame of the clip @returns the jolt of that frame; all zero before the hit
 */
export function joltOf(
  t: number,
  { frames, fps, hold, impact, seed }: Pick<ClipSettings, 'frames' | 'fps' | 'hold' | 'impact' | 'seed'>,
): Jolt {
  const hit = Math.floor(frames / 3 / hold);
  const since = Math.floor(t / hold) - hit;
  if (impact === 0 || since < 0) return STILL;
  // Over before the clip is, so that a loop may begin again.
  const decay = Math.min(DECAY_SECONDS * fps, (frames - hit * hold) / 5);
  const strength = impact * Math.exp((-since * hold) / decay);
  const random = new Random(seed ^ Math.imul(since + 1, 0x9e3779b1));
  const angle = new Random(seed).uniform(0, Math.PI) + random.uniform(-0.5, 0.5);
  const side = since % 2 === 0 ? 1 : -1;
  return {
    x: side * REACH * strength * Math.cos(angle),
    y: side * REACH * strength * Math.sin(angle),
    rotation: -side * TURN * strength * random.uniform(0.4, 1),
    logZoom: PUNCH * strength,
    flash: since === 0,
  };
}
