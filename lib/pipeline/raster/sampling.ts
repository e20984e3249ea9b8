/** One channel of an interleaved plane, bilinear. @param at index of the upper left corner's value @param right @param below steps to its neighbours */
export function bilinear(
  plane: Float32Array | Uint8Array,
  at: number,
  right: number,
  below: number,
  fx: number,
  fy: number,
): number {
  const top = plane[at]! + fx * (plane[at + right]! - plane[at]!);
  const bottom = plane[at + below]! + fx * (plane[at + below + right]! - plane[at + below]!);
  return top + fy * (bottom - top);
}

/** The photo's colours at a place, into one pixel of the colour plate. */
export function copyColour(
  colours: Uint8Array,
  pixel: number,
  width: number,
  height: number,
  fx: number,
  fy: number,
  into: Uint8Array,
  out: number,
): void {
  const right = width > 1 ? 3 : 0;
  const below = height > 1 ? width * 3 : 0;
  for (let c = 0; c < 3; c++) into[out + c] = bilinear(colours, pixel * 3 + c, right, below, fx, fy) + 0.5;
}

/** A parabola arch for cos(2 pi u), as in network/blocks/print-screentone.ts. */
export function arch(u: number): number {
  const x = 1 - 4 * Math.abs(u - Math.floor(u + 0.5));
  return x * (2 - Math.abs(x));
}
