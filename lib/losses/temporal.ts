import type * as core from '@tensorflow/tfjs-core';
import { checkPairs } from './content.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** Side of the low pass's window, pixels. */
const WINDOW = 3;

/**
 * Temporal consistency (method.md): mean |(x_{t+1} - x_t) - (G_{t+1} - G_t)|. x is the real, drawn sequence: against the
 * photo's own frames a calm drawing would rank worse than a flickering one.
 * @param real @param generated [B*T,H,W,C], frames of one clip after another @param frames T, at least 2 @returns scalar
 */
export function temporalLoss(tf: Tf, real: T, generated: T, frames: number): core.Scalar {
  return tf.tidy(() => {
    const [n, height, width, channels] = real.shape as [number, number, number, number];
    const difference = tf.reshape(tf.sub(real, generated), [n / frames, frames, height * width * channels]);
    const later = tf.slice(difference, [0, 1, 0], [-1, frames - 1, -1]);
    const earlier = tf.slice(difference, [0, 0, 0], [-1, frames - 1, -1]);
    return tf.mean(tf.abs(tf.sub(later, earlier))) as core.Scalar;
  });
}

/** Mean over every window of 3x3 pixels that lies within the frame: [N,H,W,C] -> [N,H-2,W-2,C]. Differentiable. */
export function lowPass(tf: Tf, x: T): T {
  return tf.avgPool(x as core.Tensor4D, WINDOW, 1, 'valid');
}

/**
 * The same on transformed frames: the mean over layers of mean |(S(x_{t+1}) - S(x_t)) - (S(G_{t+1}) - S(G_t))|: differences
 * of features, not features of differences (FDB, Xu 2021, with L1). For the low pass, one "layer".
 * @param real @param generated for each layer [B*T,h,w,C], frames of one clip after another @param frames T, at least 2
 * @returns scalar
 * @throws MangaError INTERNAL when the two are not of the same layers and sizes
 */
export function transformedTemporalLoss(
  tf: Tf,
  real: readonly T[],
  generated: readonly T[],
  frames: number,
): core.Scalar {
  checkPairs('The temporal loss', real, generated, [0, 1, 2, 3]);
  return tf.tidy(() => {
    const terms = real.map((x, i) => temporalLoss(tf, x, generated[i]!, frames));
    return tf.div(tf.addN(terms), terms.length) as core.Scalar;
  });
}
