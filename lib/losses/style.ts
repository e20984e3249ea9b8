import type * as core from '@tensorflow/tfjs-core';
import type { Ops } from '../network/ops.ts';
import { checkPairs } from './content.ts';
import { layerErrors } from './layers.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/**
 * Gram matrix of features (Gatys 2016, eq. 3), over positions: G_ij = mean over positions of f_i f_j. Says which features
 * occur together, not where.
 * @param features [N,h,w,C] @returns [N,C,C]
 */
export function gram(tf: Tf, features: T): T {
  const [n, height, width, channels] = features.shape as [number, number, number, number];
  const columns = tf.reshape(features, [n, height * width, channels]);
  return tf.div(tf.matMul(columns, columns, true, false), height * width);
}

/**
 * Style loss (method.md): L_sty = ‖S(x) - S(G(z))‖₁ with S = Gram of F. The mean over layers of mean |Gram(F(x)) -
 * Gram(F(G(z)))|, per element, so that layers count alike whatever their size. x and G(z) need not show the same.
 * @param real features of x @param generated features of G(z): for each layer [N,h,w,C] (F: perceptual/); h and w may differ
 * @returns scalar
 * @throws MangaError INTERNAL when the two are not of the same layers
 */
export function gramStyleLoss(tf: Tf, real: readonly T[], generated: readonly T[]): core.Scalar {
  checkPairs('The style loss', real, generated, [0, 3]);
  return tf.tidy(() => {
    const terms = real.map((x, i) => tf.mean(tf.abs(tf.sub(gram(tf, x), gram(tf, generated[i]!)))));
    return tf.div(tf.addN(terms), terms.length) as core.Scalar;
  });
}

/**
 * Style loss with S = the layers that a picture is drawn in, known for a real drawing with its photo: mean of
 * {@link layerErrors}.
 * @param target [B,H,W,4] by the teacher, 0..1 @param layers [B,H,W,4] drawn @returns scalar
 */
export function layerStyleLoss(tf: Tf, ops: Ops<T>, target: T, layers: T): core.Scalar {
  return tf.tidy(() => tf.mean(layerErrors(ops, layers, target)) as core.Scalar);
}
