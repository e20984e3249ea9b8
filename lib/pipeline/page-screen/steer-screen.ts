import type { Size } from '../../motion/geometry.ts';
import { type ClipSettings, clipSchema } from '../../settings/settings.ts';
import { meanAngle, type PageScreen } from './page-screen.ts';

/** A clip's canvas is taken for a panel, a quarter of a page. */
const PAGE_PER_CANVAS = 2;
/** Dots of a page are printed no finer and no coarser than this, as multiples of the automatic period. */
const [FINEST, COARSEST] = [0.75, 2.5];

type Screen = Pick<ClipSettings, 'screenPeriod' | 'screenAngle'>;
const USUAL = clipSchema.shape.screenAngle.parse(undefined);

/**
 * The screen that pages ask for. Periods are averaged as ratios, angles on their circle of 90 degrees; what pages leave over,
 * and pages without dots, count as the automatic screen. A period that is set is kept, with its angle; so is an angle that
 * is not the usual one.
 * @param parts the pages' screens, and shares that add up to 1 or less
 * @param automatic period of the automatic screen, canvas pixels
 */
export function steerScreen(
  settings: Screen,
  parts: readonly { readonly screen: PageScreen | null; readonly share: number }[],
  canvas: Size,
  automatic: number,
): Screen {
  const { screenPeriod, screenAngle } = settings;
  const dotted = parts.flatMap(({ screen, share }) => (screen && share > 0 ? [{ ...screen, share }] : []));
  if (screenPeriod > 0 || dotted.length === 0) return { screenPeriod, screenAngle };
  const scale = PAGE_PER_CANVAS * Math.sqrt(canvas.width * canvas.height);
  let [coarser, rest] = [0, 1];
  for (const { period, share } of dotted) {
    coarser += share * Math.log(Math.min(Math.max((period * scale) / automatic, FINEST), COARSEST));
    rest -= share;
  }
  return {
    screenPeriod: automatic * Math.exp(coarser),
    screenAngle: screenAngle === USUAL ? meanAngle([...dotted, { angle: USUAL, share: rest }]) : screenAngle,
  };
}
