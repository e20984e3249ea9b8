import type { Random } from '../random.ts';
import type { Stroke } from './strokes.ts';

/** Where a frame's lines aim, in pixels from its top left one. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Radial wedges that point at the focal point and leave it clear, as in printed manga: sharp at the inner end, wider
 * outwards, in bunches.
 * @param strength 0..1: how many, and how far in: from 60 % to 35 % of half the diagonal
 */
export function focusLines(random: Random, width: number, height: number, focal: Point, strength: number): Stroke[] {
  const halfDiagonal = Math.hypot(width, height) / 2;
  const inner = (0.6 - 0.25 * strength) * halfDiagonal;
  const reach = Math.hypot(Math.max(focal.x, width - focal.x), Math.max(focal.y, height - focal.y)) + 1;
  const count = Math.round(50 + 110 * strength);
  const spacing = (2 * Math.PI) / count;
  const bunch = random.uniform(0, 2 * Math.PI);
  return Array.from({ length: count }, (_, i) => {
    const angle = (i + random.uniform(-0.45, 0.45)) * spacing;
    const dense = 0.5 + 0.5 * Math.sin(5 * angle + bunch) * Math.sin(2 * angle - bunch);
    const from = inner * (1 + random.uniform(0, 0.5) * (1.3 - dense));
    const half = spacing * (0.06 + 0.3 * random.uniform() ** 2 * (0.5 + dense));
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    const length = Math.max(reach - from, 1);
    return { x: focal.x + dx * from, y: focal.y + dy * from, dx, dy, length, start: 0, end: half * length };
  });
}
