import type { Change, Place } from './transitions.ts';

/*
 * A page is turned: it rolls over a cylinder whose axis moves from the outer edge to the spine. A book that is read from
 * right to left has its spine on the right of the left page, so the page goes from left to right. u is the coordinate
 * across the axis, in the page; what lies beyond the axis by more than the radius shows the page below.
 */

/** Of the axis against the page's edge: the lower corner is lifted first. */
const TILT = 0.22;
/** Of the cylinder, in page widths. */
const RADIUS = 0.11;
/** Distance of shadow dots on a page 1024 long, pixels. */
const DOTS = 7;
/** Darkest shadow, as a share of ink. */
const SHADOW = 0.5;

/** Dots of a screen at 45 degrees that cover about `share` of the paper, soft by a pixel. @returns grey, 0..255 */
function dotted(x: number, y: number, share: number, period: number): number {
  const turn = Math.PI * Math.SQRT2;
  const distance = 0.5 - 0.25 * (Math.cos((turn * (x + y)) / period) + Math.cos((turn * (x - y)) / period));
  return 255 * (1 - Math.min(Math.max(((share - distance) * period) / 2.2 + 0.5, 0), 1));
}

export function turnPage({ before, after, size: { width, height }, channels, progress, border }: Change): Place {
  const [nx, ny] = [Math.cos(TILT), -Math.sin(TILT)];
  const radius = RADIUS * width;
  const whole = width * nx - height * ny;
  const fold = progress * (whole + radius);
  const period = (DOTS * Math.max(width, height)) / 1024;
  const line = Math.max(1, border / 2);

  /** Distance into the page of a place that lies `by` further along u; negative outside. */
  const inside = (x: number, y: number, by: number): number => {
    const [px, py] = [x + by * nx, y + by * ny];
    return Math.min(px, width - 1 - px, py, height - 1 - py);
  };
  const pixel = (from: 'before' | 'after', x: number, y: number, share: number): ReturnType<Place> => {
    const at = Math.round(y) * width + Math.round(x);
    if (share < 0.02) return { from, at };
    // Shadows are printed: where a dot falls, the page is dark.
    const dark = dotted(x, y, share, period);
    const own = (from === 'before' ? before : after)[at * channels]!;
    return dark < 128 ? Math.min(dark, own) : { from, at };
  };
  const back = (x: number, y: number, edge: number, share: number): number => {
    if (edge < line) return 0;
    return share < 0.02 ? 255 : dotted(x, y, share, period);
  };

  return (x, y) => {
    const u = x * nx + (y - height) * ny;
    if (u >= fold) {
      const by = 2 * (fold - u) - Math.PI * radius;
      const edge = inside(x, y, by);
      if (edge >= 0) return back(x, y, edge, 0);
      return pixel('before', x, y, SHADOW * Math.max(0, 1 + edge / (0.5 * radius)));
    }
    const bend = (fold - u) / radius;
    if (bend <= 1) {
      const angle = Math.asin(bend);
      const over = fold - radius * (Math.PI - angle) - u;
      const edge = inside(x, y, over);
      // Drawn round where the paper turns out of sight.
      const rim = radius * (1 - bend);
      if (edge >= 0) return back(x, y, Math.min(edge, rim), 0.4 * bend ** 3);
      const under = fold - radius * angle - u;
      if (inside(x, y, under) >= 0) return pixel('before', x + under * nx, y + under * ny, 0.6 * bend);
    }
    return pixel('after', x, y, fold > 0 ? SHADOW * Math.max(0, 1 - (bend - 1) / 0.7) : 0);
  };
}
