import type { Correspondence } from './camera.ts';
import { greyVariance } from './contrast.ts';
import { type FrameBlock, frameOf } from './frames.ts';
import { flowMagnitude } from './motion-magnitude.ts';
import { type Mask, warpError } from './warp-error.ts';

/** Intervals of the short and the long consistency, in frames (CCPL, Wu et al. 2022; CAP-VSTNet, Wen et al. 2023). */
export const INTERVALS = [1, 10] as const;

/** Where the points of frame t lie in frame t + interval, and which of them are seen there. */
export type Correspond = (t: number, interval: number) => { readonly map: Correspondence; readonly mask: Mask };

export interface TemporalMetrics {
  /** E_warp, mean over t of the squared error; null where the clip is too short for the interval. */
  readonly eWarp1: number | null;
  readonly eWarp10: number | null;
  /** Mean over t of the error's root (ReReVST's temporal loss, Wang et al. 2020). */
  readonly rmse1: number | null;
  readonly rmse10: number | null;
  /** Standard deviation of grey, 0..1: root of the mean variance. */
  readonly contrast: number;
  /** E_warp at interval 1 over the variance of grey: stillness that is not bought with grey mush. Null for blank frames. */
  readonly nE: number | null;
  /** Mean length of the flow from a frame to the next, in pixels. */
  readonly motion: number | null;
}

/**
 * Measures of one clip. Pixels count in 0..1.
 * @param most pairs of frames looked at for an interval, evenly spaced; all by default
 */
export function temporalMetrics(
  frames: FrameBlock,
  correspond: Correspond,
  most = Number.POSITIVE_INFINITY,
): TemporalMetrics {
  const variance = greyVariance(frames);
  const [short, long] = INTERVALS.map((interval) => {
    let error = 0;
    let root = 0;
    let motion = 0;
    let pairs = 0;
    for (const t of spread(frames.count - interval, most)) {
      const { map, mask } = correspond(t, interval);
      const squared = warpError(frameOf(frames, t), frameOf(frames, t + interval), map, mask);
      if (Number.isNaN(squared)) continue;
      error += squared;
      root += Math.sqrt(squared);
      motion += flowMagnitude(map, mask);
      pairs++;
    }
    return pairs > 0 ? { error: error / pairs, root: root / pairs, motion: motion / pairs } : null;
  });
  return {
    eWarp1: short?.error ?? null,
    eWarp10: long?.error ?? null,
    rmse1: short?.root ?? null,
    rmse10: long?.root ?? null,
    contrast: Math.sqrt(variance),
    nE: short && variance > 0 ? short.error / variance : null,
    motion: short?.motion ?? null,
  };
}

/** At most `most` of 0..count-1, evenly spaced, first and last among them. */
function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: Math.max(0, count) }, (_, t) => t);
  return Array.from({ length: most }, (_, k) => Math.round((k * (count - 1)) / Math.max(1, most - 1)));
}

/** Mean of each measure over clips that have it. */
export function meanTemporal(clips: readonly TemporalMetrics[]): TemporalMetrics {
  const mean = (key: keyof TemporalMetrics): number | null => {
    const values = clips.map((clip) => clip[key]).filter((value) => value !== null);
    return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
  };
  return {
    eWarp1: mean('eWarp1'),
    eWarp10: mean('eWarp10'),
    rmse1: mean('rmse1'),
    rmse10: mean('rmse10'),
    contrast: mean('contrast') ?? 0,
    nE: mean('nE'),
    motion: mean('motion'),
  };
}
