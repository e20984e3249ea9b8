import type * as core from '@tensorflow/tfjs-core';

type Tf = Omit<typeof core, 'default'>;

/**
 * Temporal consistency (method.md): mean |(x_{t+1} - x_t) - (G_{t+1} - G_t)|. x is the real, drawn sequence: against the
 * photo's own frames a calm drawing would rank worse than a flickering one.
 * @param real @param generated [B*T,H,W,C], frames of one clip after another @param frames T, at least 2 @returns scalar
 */
export function temporalLoss(tf: Tf, real: core.Tensor, generated: core.Tensor, frames: number): core.Scalar {
  return tf.tidy(() => {
    const [n, height, width, channels] = real.shape as [number, number, number, number];
    const difference = tf.reshape(tf.sub(real, generated), [n / frames, frames, height * width * channels]);
    const later = tf.slice(difference, [0, 1, 0], [-1, frames - 1, -1]);
    const earlier = tf.slice(difference, [0, 0, 0], [-1, frames - 1, -1]);
    return tf.mean(tf.abs(tf.sub(later, earlier))) as core.Scalar;
  });
}
