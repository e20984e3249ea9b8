/** Colours for numbers that people look at. */

/** [r,g,b], 0..255 */
export type Colour = readonly [number, number, number];

/** Coefficients of a polynomial of degree 6 through viridis, for red, green and blue (M. Zucker, CC0: shadertoy.com/view/WlfXRN). */
const VIRIDIS = [
  [0.2777273272234177, 0.1050930431085774, -0.3308618287255563, -4.634230498983486, 6.228269936347081],
  [0.005407344544966578, 1.404613529898575, 0.214847559468213, -5.799100973351585, 14.17993336680509],
  [0.3340998053353061, 1.384590162594685, 0.09509516302823659, -19.33244095627987, 56.69055260068105],
] as const;
const VIRIDIS_END = [
  [4.776384997670288, -5.435455855934631],
  [-13.74514537774601, 4.645852612178535],
  [-65.35303263337234, 26.3124352495832],
] as const;

/** viridis (van der Walt & Smith 2015): even in lightness and readable without colour vision. @param t 0 dark blue .. 1 yellow */
export function viridis(t: number): Colour {
  const x = Math.min(1, Math.max(0, t));
  const channel = (c: 0 | 1 | 2): number => {
    const value = [...VIRIDIS[c], ...VIRIDIS_END[c]].reduceRight((sum, coefficient) => sum * x + coefficient, 0);
    return Math.round(255 * Math.min(1, Math.max(0, value)));
  };
  return [channel(0), channel(1), channel(2)];
}

/**
 * A displacement on the colour wheel, as optical flow is shown (Baker et al. 2011): the hue is the direction, red to the
 * right and on clockwise as seen on the screen (yellow-green down, cyan left, violet up); white is rest, full colour the
 * largest length.
 * @param x to the right @param y down, both as shares of the largest length, -1..1
 */
export function flowColour(x: number, y: number): Colour {
  const strength = Math.min(1, Math.hypot(x, y));
  const hue = ((Math.atan2(y, x) / (2 * Math.PI) + 1) % 1) * 6;
  const channel = (shift: number): number => {
    // HSV with value 1: full within 1/6 turn of its own hue, none beyond 1/3.
    const away = Math.abs(((hue + shift + 3) % 6) - 3);
    const pure = Math.min(1, Math.max(0, 2 - away));
    return Math.round(255 * (1 - strength * (1 - pure)));
  };
  return [channel(0), channel(4), channel(2)];
}
