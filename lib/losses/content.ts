import type * as core from '@tensorflow/tfjs-core';
import { MangaError } from '../errors/manga-error.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/**
 * Content loss (method.md): L_con = ‖F(x) - F(G(z))‖₁. The mean over layers of mean |F(x) - F(G(z))|, per element, so that
 * layers count alike whatever their size.
 * @param real features of x @param generated features of G(z): for each layer [N,h,w,C] (F: perceptual/)
 * @returns scalar
 * @throws MangaError INTERNAL when the two are not of the same layers and sizes
 */
export function contentLoss(tf: Tf, real: readonly T[], generated: readonly T[]): core.Scalar {
  checkPairs('The content loss', real, generated, [0, 1, 2, 3]);
  return tf.tidy(() => {
    const terms = real.map((x, i) => tf.mean(tf.abs(tf.sub(x, generated[i]!))));
    return tf.div(tf.addN(terms), terms.length) as core.Scalar;
  });
}

/** @throws MangaError INTERNAL when the lists are empty, or differ in number or in size along one of the axes */
export function checkPairs(loss: string, real: readonly T[], generated: readonly T[], axes: readonly number[]): void {
  const sizes = (xs: readonly T[]) => xs.map(({ shape }) => `[${axes.map((axis) => shape[axis])}]`).join(' ');
  if (real.length === 0 || sizes(real) !== sizes(generated))
    throw new MangaError(
      'INTERNAL',
      `${loss} compares ${sizes(real) || 'nothing'} with ${sizes(generated) || 'nothing'}.`,
    );
}
