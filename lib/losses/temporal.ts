import type * as core from '@tensorflow/tfjs-core';

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
