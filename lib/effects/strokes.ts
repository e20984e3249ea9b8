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

/** Bounds of a row of pixels, at + by * v. Kept between strokes: there are some hundred a frame. */
const lower = { count: 0, at: new Float64Array(4), by: new Float64Array(4) };
const upper = { count: 0, at: new Float64Array(4), by: new Float64Array(4) };

/** Adds the half plane slope * u <= limit + tilt * v, unless it bounds no row. */
function bound(x0: number, slope: number, limit: number, tilt: number): void {
  if (Math.abs(slope) <= 1e-9) return;
  const side = slope > 0 ? upper : lower;
  side.at[side.count] = x0 + limit / slope;
  side.by[side.count++] = tilt / slope;
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
  // Only where it is within the frame's width: many end far outside.
  const [left, right] = [(-most - x0) / dx, (width - 1 + most - x0) / dx];
  const enters = Math.max(0, Math.min(left, right));
  const leaves = Math.min(length, Math.max(left, right));
  if (enters > leaves) return;
  const ends = [y0 + dy * enters, y0 + dy * leaves];
  const spread = most * Math.abs(dx);
  const top = Math.max(0, Math.ceil(Math.min(...ends) - spread));
  const bottom = Math.min(height - 1, Math.floor(Math.max(...ends) + spread));
  const { grey } = plates;
  const paper = ink === 'white' ? 255 : 0;
  const blend = blenderOf(plates, ink);
  // Within the stroke: 0 <= along <= length and |across| <= half width + .5. Each is a half plane, slope * u <= limit + tilt * v of
  // (u, v) from the stroke's beginning, and bounds a row of pixels on one side.
  lower.count = 0;
  upper.count = 0;
  bound(x0, -dx, 0, dy);
  bound(x0, dx, length, -dy);
  bound(x0, -dy - widening * dx, start + 0.5, widening * dy - dx);
  bound(x0, dy - widening * dx, start + 0.5, widening * dy + dx);
  for (let y = top; y <= bottom; y++) {
    const v = y - y0;
    let from = 0;
    let to = width - 1;
    for (let k = 0; k < lower.count; k++) {
      const end = lower.at[k]! + lower.by[k]! * v;
      if (end > from) from = end;
    }
    for (let k = 0; k < upper.count; k++) {
      const end = upper.at[k]! + upper.by[k]! * v;
      if (end < to) to = end;
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
