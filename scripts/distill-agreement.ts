/** How well a perceptual network agrees with its teacher, for distill-perceptual.ts. */
import type * as core from '@tensorflow/tfjs-core';
import { gram } from '../lib/losses/style.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** Layer features of all pictures: one tensor a batch. */
export type FeatureOf = (images: T) => T;

export interface Agreement {
  /** Spearman's rank correlation with the teacher's distances between different pictures: mean |F(a) - F(b)|. */
  readonly content: number;
  /** The same between a picture and its disturbed version. */
  readonly nearContent: number;
  /** The same of mean |Gram(F(a)) - Gram(F(b))|, between different pictures. */
  readonly style: number;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const result = new Array<number>(values.length);
  order.forEach((i, rank) => {
    result[i] = rank;
  });
  return result;
}

export function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    ab += (value - ma) * (b[i]! - mb);
    aa += (value - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

export const spearman = (a: readonly number[], b: readonly number[]) => correlation(ranks(a), ranks(b));

export interface Distances {
  readonly content: readonly number[];
  readonly nearContent: readonly number[];
  readonly style: readonly number[];
}

/** @param images [2n,s,s,3]: n pictures, then a disturbed version of each */
export function distances(tf: Tf, images: T, features: FeatureOf, batch = 8): Distances {
  return tf.tidy(() => {
    const [count, height, width] = images.shape as [number, number, number];
    const parts: T[] = [];
    for (let at = 0; at < count; at += batch)
      parts.push(
        tf.tidy(() => features(tf.slice(images, [at, 0, 0, 0], [Math.min(batch, count - at), height, width, 3]))),
      );
    const all = tf.concat(parts, 0);
    const apart = (x: T, a: number, b: number) =>
      tf.tidy(() => {
        const one = (i: number) => tf.slice(x, [i], [1]);
        return tf.mean(tf.abs(tf.sub(one(a), one(b)))).dataSync()[0]!;
      });
    const flat = tf.reshape(all, [count, -1]);
    const grams = tf.reshape(gram(tf, all), [count, -1]);
    const half = count / 2;
    const pairs: [number, number][] = [];
    for (let a = 0; a < half; a++) for (let b = 0; b < a; b++) pairs.push([a, b]);
    return {
      content: pairs.map(([a, b]) => apart(flat, a, b)),
      nearContent: Array.from({ length: half }, (_, i) => apart(flat, i, half + i)),
      style: pairs.map(([a, b]) => apart(grams, a, b)),
    };
  });
}

export function agreement(mine: Distances, teacher: Distances): Agreement {
  return {
    content: spearman(mine.content, teacher.content),
    nearContent: spearman(mine.nearContent, teacher.nearContent),
    style: spearman(mine.style, teacher.style),
  };
}
