import type { Random } from '../random.ts';
import type { Point } from './focus-lines.ts';
import type { Stroke } from './strokes.ts';

/** No line comes nearer to the focal point than this share of the frame's short side. */
const CLEAR = 0.33;

/**
 * Lines along the motion, from the frame's edges inwards, ending before the focal point.
 * @param heading radians, 0 right, pi/2 up @param strength 0..1
 */
export function speedLines(
  random: Random,
  width: number,
  height: number,
  focal: Point,
  heading: number,
  strength: number,
): Stroke[] {
  const [dx, dy] = [Math.cos(heading), -Math.sin(heading)];
  // Half of what the frame measures along the lines, and across them.
  const along = (Math.abs(dx) * width + Math.abs(dy) * height) / 2;
  const across = (Math.abs(dy) * width + Math.abs(dx) * height) / 2;
  const unit = Math.min(width, height) / 512;
  const count = Math.round(24 + 66 * strength);
  const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
  const focalAcross = -dy * (focal.x - centreX) + dx * (focal.y - centreY);
  const focalAlong = dx * (focal.x - centreX) + dy * (focal.y - centreY);
  const radius = CLEAR * Math.min(width, height);
  return Array.from({ length: count }, (_, i) => {
    const at = (((i + random.uniform()) / count) * 2 - 1) * across;
    const clear = Math.min(1, Math.abs(at - focalAcross) / (0.55 * across));
    const room = Math.sqrt(Math.max(radius ** 2 - (at - focalAcross) ** 2, 0));
    // Most lines trail behind what moves, some come from ahead.
    const side = random.uniform() < 0.6 ? 1 : -1;
    const wanted = 2 * along * (0.1 + random.uniform(0.25, 0.6) * (0.25 + clear) * (0.7 + 0.3 * strength));
    const reach = room > 0 ? Math.min(wanted, Math.max(along + side * focalAlong - room, 1)) : wanted;
    const half = unit * (0.5 + 2.4 * random.uniform() ** 2 * (0.4 + 0.6 * clear));
    return {
      x: centreX - side * dx * along - dy * at,
      y: centreY - side * dy * along + dx * at,
      dx: side * dx,
      dy: side * dy,
      length: reach,
      start: half,
      end: 0,
    };
  });
}
