/** From stored points to what uPlot draws: [steps, run 1, run 2, …], smoothed. */
import type { Point } from '../../lib/monitor/min-max-series.ts';

/** Exponential moving average of irregular points, without the bias of a zero start (Adam's correction). @param weight 0..1, 0: none */
export function smooth(points: readonly Point[], weight: number): Point[] {
  let mean = 0;
  let left = 1;
  return points.map(([step, value]) => {
    mean = weight * mean + (1 - weight) * value;
    left *= weight;
    return [step, mean / (1 - left)] as const;
  });
}

/** Joins curves on one axis of steps; undefined where a curve has no point (a line goes on over it). */
export function align(curves: readonly (readonly Point[])[]): [number[], ...(number | undefined)[][]] {
  const steps = [...new Set(curves.flatMap((curve) => curve.map(([step]) => step)))].sort((a, b) => a - b);
  const rows = curves.map((curve) => {
    const values = new Map(curve);
    return steps.map((step) => values.get(step));
  });
  return [steps, ...rows];
}

/** The value at a step, or the nearest before it. */
export function valueAt(points: readonly Point[], step: number): number | undefined {
  return points.findLast(([at]) => at <= step)?.[1];
}
