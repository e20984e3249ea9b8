import { automaticPeriod, type Geometry } from '../../motion/frame-scalars.ts';
import type { Medium } from '../../network/media.ts';
import type { ClipSettings } from '../../settings/settings.ts';
import type { PageStyle } from '../page-style.ts';

/**
 * Settings with the dots that are printed: the user's, else the style page's, else the automatic ones; as they are in a
 * medium without dots. @param geometry canvas and drawing, pixels
 */
export function printedScreen<S extends Pick<ClipSettings, 'screenPeriod' | 'screenAngle' | 'styleStrength'>>(
  settings: S,
  style: PageStyle | undefined,
  geometry: Pick<Geometry, 'drawn' | 'canvas'>,
  medium: Medium,
): S {
  if (medium !== 'screentone') return settings;
  const automatic = automaticPeriod(geometry);
  const steered = style?.printed(settings, geometry.canvas, automatic, settings.styleStrength) ?? settings;
  return steered.screenPeriod > 0 ? steered : { ...steered, screenPeriod: automatic };
}
