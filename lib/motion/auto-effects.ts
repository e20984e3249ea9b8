import type { ClipSettings } from '../settings/settings.ts';
import { type Effects, steeringOf } from './steering.ts';

/** As the settings stand where nobody has set them. */
const UNSET: Effects = { speedLines: 0, focusLines: 0, impact: 0, hold: 1 };
/** Shorter clips have no time for them. */
const LEAST_FRAMES = 8;

/**
 * Settings of a clip with what its shot brings: some shots of `auto` draw focus or speed lines, are hit, or go on twos. Only
 * where all of these stand as they are by default: who sets one of them chooses himself, who wants none names a motion.
 * @throws MangaError BAD_SETTING for a direction that the motion cannot take
 */
export function withAutoEffects(settings: ClipSettings): ClipSettings {
  const { motion, amount, frames } = settings;
  if (motion !== 'auto' || amount === 0 || frames < LEAST_FRAMES) return settings;
  const untouched = (Object.keys(UNSET) as (keyof Effects)[]).every((name) => settings[name] === UNSET[name]);
  return untouched ? { ...settings, ...steeringOf(settings).effects } : settings;
}
