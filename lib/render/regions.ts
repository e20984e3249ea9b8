import type { Lab } from './colour.ts';

const levels = 1024;

/**
 * Flattens a picture: statistical region merging (Nock & Nielsen 2004). Neighbouring pixels are taken in the order of
 * their difference, and their regions merged when the means differ by less than chance explains.
 * @param complexity Q of the paper: larger, more regions
 * @param minArea smaller regions join the most similar neighbour, px
 * @returns every pixel in the mean colour of its region
 */
export function flattenColours(lab: Lab, complexity: number, minArea: number): Lab {
  const { width, height, l, a, b } = lab;
  const n = width * height;
  const parent = Int32Array.from({ length: n }, (_, i) => i);
  const size = new Int32Array(n).fill(1);
  const meanL = l.slice();
  const meanA = a.slice();
  const meanB = b.slice();
  const find = (i: number) => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  };
  const join = (r: number, s: number) => {
    const keep = size[r] >= size[s] ? r : s;
    const drop = keep === r ? s : r;
    const share = size[drop] / (size[drop] + size[keep]);
    meanL[keep] += (meanL[drop] - meanL[keep]) * share;
    meanA[keep] += (meanA[drop] - meanA[keep]) * share;
    meanB[keep] += (meanB[drop] - meanB[keep]) * share;
    size[keep] += size[drop];
    parent[drop] = keep;
  };
  const edges = sortedEdges(lab);
  const logTerm = Math.log(6 * n * n) / (2 * complexity);
  for (const edge of edges) {
    const i = edge >> 1;
    const r = find(i);
    const s = find(edge & 1 ? i + width : i + 1);
    if (r === s) continue;
    const bound = logTerm / size[r] + logTerm / size[s];
    const dl = meanL[r] - meanL[s];
    const da = meanA[r] - meanA[s];
    const db = meanB[r] - meanB[s];
    if (dl * dl <= bound && da * da <= bound && db * db <= bound) join(r, s);
  }
  for (const edge of edges) {
    const i = edge >> 1;
    const r = find(i);
    const s = find(edge & 1 ? i + width : i + 1);
    if (r !== s && (size[r] < minArea || size[s] < minArea)) join(r, s);
  }
  const flat = (mean: Float32Array) => Float32Array.from({ length: n }, (_, i) => mean[find(i)]);
  return { width, height, l: flat(meanL), a: flat(meanA), b: flat(meanB) };
}

/** All pairs of 4-neighbours, the most alike first (counting sort): pixel*2 for the right one, pixel*2+1 for the one below. */
function sortedEdges({ width, height, l, a, b }: Lab): Int32Array {
  const n = width * height;
  const keys = new Uint16Array(2 * n);
  const starts = new Int32Array(levels + 1);
  const key = (i: number, j: number) =>
    Math.min(levels - 1, (Math.max(Math.abs(l[i] - l[j]), Math.abs(a[i] - a[j]), Math.abs(b[i] - b[j])) * levels) | 0);
  let count = 0;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x < width - 1) {
        keys[2 * i] = key(i, i + 1);
        starts[keys[2 * i] + 1]++;
        count++;
      }
      if (y < height - 1) {
        keys[2 * i + 1] = key(i, i + width);
        starts[keys[2 * i + 1] + 1]++;
        count++;
      }
    }
  }
  for (let k = 0; k < levels; k++) starts[k + 1] += starts[k];
  const edges = new Int32Array(count);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (x < width - 1) edges[starts[keys[2 * i]]++] = 2 * i;
      if (y < height - 1) edges[starts[keys[2 * i + 1]]++] = 2 * i + 1;
    }
  }
  return edges;
}
