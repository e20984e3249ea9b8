/** A rectangle of pixels, ends not included. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A gutter is no narrower than this, a panel no smaller: shares of the page's shorter side. */
const GUTTER = 0.006;
const PANEL = 0.12;
/** Share of a gutter's row that may be drawn on: balloons and letters reach over, scans have dust. */
const DUST = 0.02;
/** A frame lies so near to its panel's border, as a share of the page's shorter side, and covers so much of it. */
const FRAME = 0.02;
const FRAMED = 0.75;
/** Cuts within cuts: rows, their panels, and what is stacked in one. */
const DEPTH = 4;

/**
 * How many framed panels a page has: it is cut along its gutters, by rows and columns in turn (Nagy & Seth 1984), and a part counts
 * where ink runs along most of three of its sides.
 * @param inked [height,width], 1 ink @returns 1 where less than half of the page are panels: it is one drawing
 */
export function countPanels(inked: Uint8Array, width: number, height: number): number {
  const short = Math.min(width, height);
  const leaves: Box[] = [];
  cut({ left: 0, top: 0, right: width, bottom: height }, DEPTH);
  const framed = leaves.filter((box) => sidesOf(box) >= 3);
  const area = framed.reduce((sum, { left, top, right, bottom }) => sum + (right - left) * (bottom - top), 0);
  return area > 0.5 * width * height ? framed.length : 1;

  function cut(box: Box, depth: number): void {
    for (const byRows of depth % 2 === 0 ? [true, false] : [false, true]) {
      const parts = partsOf(box, byRows);
      if (depth === 0 || parts.length < 2) continue;
      for (const part of parts) cut(part, depth - 1);
      return;
    }
    leaves.push(box);
  }

  /** Between its gutters, along one direction. */
  function partsOf(box: Box, byRows: boolean): Box[] {
    const [from, to] = byRows ? [box.top, box.bottom] : [box.left, box.right];
    const [first, last] = byRows ? [box.left, box.right] : [box.top, box.bottom];
    const parts: Box[] = [];
    let begun = -1;
    let empty = 0;
    const close = (end: number) => {
      if (begun >= 0 && end - begun > PANEL * short) {
        parts.push(byRows ? { ...box, top: begun, bottom: end } : { ...box, left: begun, right: end });
      }
      begun = -1;
    };
    for (let at = from; at < to; at++) {
      let count = 0;
      for (let other = first; other < last; other++) {
        count += inked[byRows ? at * width + other : other * width + at]!;
      }
      if (count > DUST * (last - first)) {
        if (begun < 0) begun = at;
        empty = 0;
      } else if (++empty >= GUTTER * short) close(at - empty + 1);
    }
    close(to - empty);
    return parts;
  }

  /** Along how many of its sides ink runs. */
  function sidesOf({ left, top, right, bottom }: Box): number {
    const depth = Math.ceil(FRAME * short);
    const runs = (length: number, drawn: (along: number, inwards: number) => number): boolean => {
      let covered = 0;
      for (let along = 0; along < length; along++) {
        for (let inwards = 0; inwards < depth; inwards++) {
          if (!drawn(along, inwards)) continue;
          covered++;
          break;
        }
      }
      return covered > FRAMED * length;
    };
    const [w, h] = [right - left, bottom - top];
    return [
      runs(w, (x, y) => inked[(top + y) * width + left + x]!),
      runs(w, (x, y) => inked[(bottom - 1 - y) * width + left + x]!),
      runs(h, (y, x) => inked[(top + y) * width + left + x]!),
      runs(h, (y, x) => inked[(top + y) * width + right - 1 - x]!),
    ].filter(Boolean).length;
  }
}
