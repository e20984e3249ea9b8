/** Convex polygons of panels. Coordinates in pixels, y down, corners clockwise. */
export type Point = readonly [x: number, y: number];
export type Polygon = readonly Point[];

/** The part of a polygon on one side: where a x + b y >= c. */
export function clip(polygon: Polygon, a: number, b: number, c: number): Point[] {
  const kept: Point[] = [];
  polygon.forEach((p, i) => {
    const q = polygon[(i + 1) % polygon.length]!;
    const dp = a * p[0] + b * p[1] - c;
    const dq = a * q[0] + b * q[1] - c;
    if (dp >= 0) kept.push(p);
    if (dp < 0 !== dq < 0) {
      const t = dp / (dp - dq);
      kept.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
    }
  });
  return kept;
}

export const mirror = (polygon: Polygon, width: number): Polygon =>
  polygon.map(([x, y]): Point => [width - x, y]).reverse();

/** Whole pixels that a polygon touches. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export function boxOf(polygon: Polygon): Box {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const left = Math.floor(Math.min(...xs) + 1e-6);
  const top = Math.floor(Math.min(...ys) + 1e-6);
  return {
    left,
    top,
    width: Math.ceil(Math.max(...xs) - 1e-6) - left,
    height: Math.ceil(Math.max(...ys) - 1e-6) - top,
  };
}

/** Distance of a point from the polygon's edge in pixels, positive inside. */
export function depthIn(polygon: Polygon): (x: number, y: number) => number {
  const edges = polygon.map(([x, y], i) => {
    const [nextX, nextY] = polygon[(i + 1) % polygon.length]!;
    const length = Math.hypot(nextX - x, nextY - y);
    const [a, b] = [(y - nextY) / length, (nextX - x) / length];
    return [a, b, -(a * x + b * y)] as const;
  });
  return (x, y) => {
    let least = Infinity;
    for (const [a, b, c] of edges) least = Math.min(least, a * x + b * y + c);
    return least;
  };
}
