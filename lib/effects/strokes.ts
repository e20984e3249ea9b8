import type { Plates } from '../pipeline/raster/types.ts';

/** A straight, tapered stroke of ink; pixels, pixel centres at whole numbers. */
export interface Stroke {
  readonly x: number;
  readonly y: number;
  /** Unit vector. */
  readonly dx: number;
  readonly dy: number;
  readonly length: number;
  /** Half widths where it begins and where it ends. */
  readonly start: number;
  readonly end: number;
}

/**
 * Draws a stroke over the plates, anti-aliased: coverage is the share of a pixel's width that lies between both sides.
 * @param ink 'black' prints, 'white' leaves paper, whatever was there
 */
export function drawStroke(
  plates: Plates,
  width: number,
  height: number,
  stroke: Stroke,
  ink: 'black' | 'white',
): void {
  const { x: x0, y: y0, dx, dy, length, start, end } = stroke;
  const widening = (end - start) / length;
  const most = Math.max(start, end) + 0.5;
  const ends = [y0, y0 + dy * length];
  const spread = most * Math.abs(dx);
  const top = Math.max(0, Math.ceil(Math.min(...ends) - spread));
  const bottom = Math.min(height - 1, Math.floor(Math.max(...ends) + spread));
  const { grey } = plates;
  const paper = ink === 'white' ? 255 : 0;
  const blend = blenderOf(plates, ink);
  // Within the stroke: 0 <= along <= length and |across| <= half width + .5. Each is a half plane, slope * u <= limit + tilt * v of
  // (u, v) from the stroke's beginning, and bounds a row of pixels on one side: [upper, at, by] of u <= or >= at + by * v.
  const sides = [
    [-dx, 0, dy],
    [dx, length, -dy],
    [-dy - widening * dx, start + 0.5, widening * dy - dx],
    [dy - widening * dx, start + 0.5, widening * dy + dx],
  ].flatMap(([slope, limit, tilt]) =>
    Math.abs(slope!) > 1e-9 ? [slope! > 0 ? 1 : 0, x0 + limit! / slope!, tilt! / slope!] : [],
  );
  for (let y = top; y <= bottom; y++) {
    const v = y - y0;
    let from = 0;
    let to = width - 1;
    for (let side = 0; side < sides.length; side += 3) {
      const end = sides[side + 1]! + sides[side + 2]! * v;
      if (sides[side] === 0) {
        if (end > from) from = end;
      } else if (end < to) to = end;
    }
    const first = Math.ceil(from);
    const last = Math.floor(to);
    let across = -dy * (first - x0) + dx * v;
    let half = start + widening * (dx * (first - x0) + dy * v) + 0.5;
    for (let i = y * width + first; i <= y * width + last; i++) {
      const left = half + across;
      const right = half - across;
      const coverage = (left < 1 ? left : 1) + (right < 1 ? right : 1) - 1;
      if (coverage > 0) {
        // The commonest plate without a call a pixel, and the inside of a stroke without arithmetic.
        if (!grey) blend(i, coverage);
        else if (coverage === 1) grey[i] = paper;
        else grey[i] = grey[i]! + (paper - grey[i]!) * coverage + 0.5;
      }
      across -= dy;
      half += widening * dx;
    }
  }
}

/** How ink or paper of some coverage changes a pixel of the line, tone and colour plates. */
function blenderOf({ line, tone, colour }: Plates, ink: 'black' | 'white'): (i: number, coverage: number) => void {
  if (ink === 'black') {
    return (i, coverage) => {
      line![i] = line![i]! + (255 - line![i]!) * coverage + 0.5;
    };
  }
  return (i, coverage) => {
    line![i] = line![i]! * (1 - coverage) + 0.5;
    tone![i] = tone![i]! * (1 - coverage) + 0.5;
    if (colour) for (let c = 3 * i; c < 3 * i + 3; c++) colour[c] = colour[c]! + (255 - colour[c]!) * coverage + 0.5;
  };
}
