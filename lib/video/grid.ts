/** Bilinear look-ups from pixels of one size in a coarser grid whose cells are `factor` pixels wide. */
export interface Axis {
  /** The grid point before each pixel. */
  readonly cell: Int32Array;
  /** The share of the one after it. */
  readonly share: Float32Array;
}

/** @param pixels along the axis @param factor pixels a cell @param points of the grid; what lies beyond takes the last */
export function gridAxis(pixels: number, factor: number, points: number): Axis {
  const cell = new Int32Array(pixels);
  const share = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const at = Math.min(Math.max((i + 0.5) / factor - 0.5, 0), points - 1);
    cell[i] = Math.min(Math.floor(at), Math.max(points - 2, 0));
    share[i] = at - cell[i]!;
  }
  return { cell, share };
}
