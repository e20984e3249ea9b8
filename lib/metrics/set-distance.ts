import type { FeatureExtractor } from './features/feature-extractor.ts';
import type { Picture } from './picture.ts';

/** What is kept of a set of pictures. */
export interface StyleStatistics {
  readonly pictures: number;
  /** Mean Gram matrix of each layer. */
  readonly grams: readonly Float64Array[];
  /** Of each picture: the mean of every channel of the deepest layer. */
  readonly pooled: readonly Float32Array[];
}

/**
 * @param pictures of one size, grey or RGB; at least one
 */
export async function styleStatistics(
  network: FeatureExtractor,
  pictures: Iterable<Picture> | AsyncIterable<Picture>,
): Promise<StyleStatistics> {
  let count = 0;
  let grams: Float64Array[] = [];
  const pooled: Float32Array[] = [];
  for await (const picture of pictures) {
    const texture = await network.texture(picture);
    const one = texture.grams.map((values) => Float64Array.from(values));
    pooled.push(texture.pooled);
    if (count++ === 0) grams = one;
    else for (const [layer, sum] of grams.entries()) add(sum, one[layer]!);
  }
  for (const sum of grams) for (let i = 0; i < sum.length; i++) sum[i]! /= count;
  return { pictures: count, grams, pooled };
}

/** Statistics of two sets as of one. */
export function pool(sets: readonly StyleStatistics[]): StyleStatistics {
  const pictures = sets.reduce((sum, set) => sum + set.pictures, 0);
  const grams = sets[0]!.grams.map((first, layer) => {
    const mean = new Float64Array(first.length);
    for (const set of sets) {
      const share = set.pictures / pictures;
      const values = set.grams[layer]!;
      for (let i = 0; i < mean.length; i++) mean[i]! += share * values[i]!;
    }
    return mean;
  });
  return { pictures, grams, pooled: sets.flatMap(({ pooled }) => pooled) };
}

function add(sum: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}

/**
 * Set distance: mean over layers of |G(outputs) - G(pages)|₁ / |G(pages)|₁, G the mean Gram matrix of a set. 0: the sets
 * have the same texture; a blank output has about 1. The style loss of Gatys 2016 between sets instead of pictures, made
 * relative so that layers weigh alike (research of this project).
 */
export function setDistance(outputs: StyleStatistics, pages: StyleStatistics): number {
  let total = 0;
  pages.grams.forEach((page, layer) => {
    const output = outputs.grams[layer]!;
    let difference = 0;
    let size = 0;
    for (let i = 0; i < page.length; i++) {
      difference += Math.abs(output[i]! - page[i]!);
      size += Math.abs(page[i]!);
    }
    total += difference / size;
  });
  return total / pages.grams.length;
}
