/** Connected components of a binary mask. */
export interface Components {
  /** Per pixel: 0 outside the mask, else 1..count. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Per label, index 0 unused: pixels, and bounding box, all inclusive. */
  readonly area: Int32Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly top: Int32Array;
  readonly bottom: Int32Array;
}

/**
 * Labels components in raster order by flood fill.
 * @param mask width*height, non-zero is inside
 * @param diagonal true: 8-connected, false: 4-connected
 */
export function connectedComponents(mask: Uint8Array, width: number, height: number, diagonal: boolean): Components {
  const n = width * height;
  const labels = new Int32Array(n);
  const stack = new Int32Array(n);
  const area = [0];
  const left = [0];
  const right = [0];
  const top = [0];
  const bottom = [0];
  let count = 0;
  for (let start = 0; start < n; start++) {
    if (!mask[start] || labels[start]) continue;
    const label = ++count;
    let size = 0;
    let minX = width;
    let maxX = 0;
    let minY = height;
    let maxY = 0;
    let depth = 0;
    stack[depth++] = start;
    labels[start] = label;
    while (depth > 0) {
      const at = stack[--depth];
      const y = (at / width) | 0;
      const x = at - y * width;
      size++;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
      for (let dy = y > 0 ? -1 : 0; dy <= (y < height - 1 ? 1 : 0); dy++) {
        for (let dx = x > 0 ? -1 : 0; dx <= (x < width - 1 ? 1 : 0); dx++) {
          if (!diagonal && dx !== 0 && dy !== 0) continue;
          const next = at + dy * width + dx;
          if (mask[next] && !labels[next]) {
            labels[next] = label;
            stack[depth++] = next;
          }
        }
      }
    }
    area.push(size);
    left.push(minX);
    right.push(maxX);
    top.push(minY);
    bottom.push(maxY);
  }
  return {
    labels,
    count,
    area: Int32Array.from(area),
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    top: Int32Array.from(top),
    bottom: Int32Array.from(bottom),
  };
}

/** Clears components below `minArea` px and fills holes below it; changes the mask. */
export function removeSmallShapes(mask: Uint8Array, width: number, height: number, minArea: number): void {
  for (const inside of [1, 0]) {
    const side = mask.map((v) => (v ? inside : 1 - inside));
    const { labels, area } = connectedComponents(side, width, height, false);
    for (let i = 0; i < mask.length; i++) {
      if (labels[i] && area[labels[i]] < minArea) mask[i] = 1 - inside;
    }
  }
}
