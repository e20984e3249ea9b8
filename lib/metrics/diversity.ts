import { contentDistance } from './content-distance.ts';
import type { FeatureExtractor, FeatureMap } from './features/feature-extractor.ts';
import { type FrameBlock, frameOf } from './frames.ts';

/** Frames of a clip that are compared, evenly spaced over it. */
const FRAMES = 4;

/**
 * Diversity over z: mean content distance of frames at the same time, over all pairs of clips that differ in their seed
 * (mean pairwise LPIPS of BicycleGAN, Zhu et al. 2017, with our distance). 0: z changes nothing.
 * @param clips of one photo and one size, at least two
 */
export async function diversity(network: FeatureExtractor, clips: readonly FrameBlock[]): Promise<number> {
  const deepest: FeatureMap[][] = [];
  for (const clip of clips) {
    const count = Math.min(FRAMES, clip.count);
    const maps: FeatureMap[] = [];
    for (let k = 0; k < count; k++) {
      const t = Math.round((k * (clip.count - 1)) / Math.max(1, count - 1));
      maps.push((await network.extract(frameOf(clip, t))).at(-1)!);
    }
    deepest.push(maps);
  }
  let sum = 0;
  let compared = 0;
  deepest.forEach((a, i) => {
    for (const b of deepest.slice(i + 1)) {
      a.forEach((map, k) => {
        sum += contentDistance(map, b[k]!);
        compared++;
      });
    }
  });
  return sum / compared;
}
