import { estimatedFrom } from './estimated.ts';
import type { FrameBlock } from './frames.ts';
import { type Correspond, type TemporalMetrics, temporalMetrics } from './temporal.ts';

/** Pairs of frames between which optical flow is estimated, an interval: it costs a quarter of a second each at 256². */
const ESTIMATED_PAIRS = 8;

/** Measures of one clip. @param correspond null: optical flow is estimated between some of its frames */
export function clipMetrics(frames: FrameBlock, correspond: Correspond | null): TemporalMetrics {
  return correspond
    ? temporalMetrics(frames, correspond)
    : temporalMetrics(frames, estimatedFrom(frames), ESTIMATED_PAIRS);
}
