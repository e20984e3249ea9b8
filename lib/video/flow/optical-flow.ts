import { inverseSearch } from './inverse-search.ts';
import { type Flow, halve, type Plane } from './plane.ts';
import { refine } from './refine.ts';

/** The coarsest level's short side: patches must fit, and large motions be small. */
const COARSEST = 14;

function pyramid(plane: Plane): Plane[] {
  const levels = [plane];
  for (;;) {
    const last = levels.at(-1)!;
    if (Math.min(last.width, last.height) < 2 * COARSEST) return levels;
    levels.push(halve(last));
  }
}

/** The flow of a coarser level for the next finer one. */
function enlarge(flow: Flow, width: number, height: number): Flow {
  const data = new Float32Array(width * height * 2);
  for (let y = 0, i = 0; y < height; y++) {
    const fy = Math.min(Math.max((y + 0.5) / 2 - 0.5, 0), flow.height - 1);
    const y0 = Math.min(fy | 0, Math.max(flow.height - 2, 0));
    const below = flow.height > 1 ? flow.width * 2 : 0;
    for (let x = 0; x < width; x++) {
      const fx = Math.min(Math.max((x + 0.5) / 2 - 0.5, 0), flow.width - 1);
      const x0 = Math.min(fx | 0, Math.max(flow.width - 2, 0));
      const right = flow.width > 1 ? 2 : 0;
      for (let c = 0; c < 2; c++, i++) {
        const at = (y0 * flow.width + x0) * 2 + c;
        const top = flow.data[at]! + (fx - x0) * (flow.data[at + right]! - flow.data[at]!);
        const bottom = flow.data[at + below]! + (fx - x0) * (flow.data[at + below + right]! - flow.data[at + below]!);
        data[i] = 2 * (top + (fy - y0) * (bottom - top));
      }
    }
  }
  return { width, height, data };
}

/**
 * Dense optical flow, coarse to fine: inverse search and variational refinement on each level of a pyramid.
 * @param from @param to grey, 0..255, of one size
 * @returns pixel (x, y) of `from` is at (x + u, y + v) in `to`
 */
export function opticalFlow(from: Plane, to: Plane): Flow {
  const [froms, tos] = [pyramid(from), pyramid(to)];
  let flow: Flow | undefined;
  for (let level = froms.length - 1; level >= 0; level--) {
    const { width, height } = froms[level]!;
    const guess = flow ? enlarge(flow, width, height) : { width, height, data: new Float32Array(width * height * 2) };
    flow = refine(froms[level]!, tos[level]!, inverseSearch(froms[level]!, tos[level]!, guess));
  }
  return flow!;
}
