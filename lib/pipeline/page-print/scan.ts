/** A scan as what it shows: which grey is ink and which is paper, and where its margins end. */
export interface Levels {
  /** 0..255 */
  readonly ink: number;
  readonly paper: number;
}

export interface Grey {
  readonly width: number;
  readonly height: number;
  /** [height,width], 0 black .. 255 */
  readonly data: Uint8Array;
}

/** Share of a row or column that must be drawn on to be no margin. */
const MARGIN = 0.004;

/** Grey that a share of the pixels lies below. */
function quantile(histogram: Float64Array, share: number, total: number): number {
  let below = 0;
  for (let v = 0; v < 256; v++) {
    below += histogram[v]!;
    if (below > share * total) return v;
  }
  return 255;
}

/** Ink is nearly the darkest of a page, paper the commonest of its bright greys, whatever shade the scan gave them. */
export function levelsOf({ data }: Grey): Levels {
  const histogram = new Float64Array(256);
  for (let i = 0; i < data.length; i++) histogram[data[i]!]!++;
  const ink = quantile(histogram, 0.005, data.length);
  const bright = quantile(histogram, 0.98, data.length);
  let [paper, most] = [bright, 0];
  for (let v = Math.round((ink + 2 * bright) / 3); v <= bright; v++) {
    let near = 0;
    for (let w = Math.max(v - 4, 0); w <= Math.min(v + 4, 255); w++) near += histogram[w]!;
    if (near >= most) [paper, most] = [v, near];
  }
  // A photo has no paper: its highlights stand for it.
  return { ink, paper: most > 0.08 * data.length ? paper : bright };
}

/** From the first to the last row and column that something is drawn on. @param middle darker is drawn, 0..255 */
export function withoutMargins({ data, width, height }: Grey, middle: number): Grey {
  const rows = new Uint32Array(height);
  const columns = new Uint32Array(width);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (data[i]! >= middle) continue;
      rows[y]!++;
      columns[x]!++;
    }
  }
  const ends = (counts: Uint32Array, length: number): [number, number] => {
    const drawn = (count: number) => count > MARGIN * length;
    const [first, last] = [counts.findIndex(drawn), counts.findLastIndex(drawn)];
    return first < 0 ? [0, counts.length] : [first, last + 1];
  };
  const [top, bottom] = ends(rows, width);
  const [left, right] = ends(columns, height);
  const cut = new Uint8Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y++) {
    cut.set(data.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  }
  return { width: right - left, height: bottom - top, data: cut };
}
