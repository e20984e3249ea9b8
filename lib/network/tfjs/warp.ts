import type * as core from '@tensorflow/tfjs-core';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/*
 * Bilinear warp with a gradient in both arguments, as one op: TensorFlow.js has no gradient for its own samplers, and
 * tf.gather's gradient fails on indices that depend on a variable.
 *   forward   y = sum over the 4 corners of weight_k(coords) * image[corner_k]
 *   d image   sum of weight_k * dy scattered back to corner_k (unsortedSegmentSum)
 *   d coords  dy · (difference of the corners across x resp. y), zero where the coordinate was clamped
 */

/** Where each output point falls: flat indices of its 4 corners (00, 10, 01, 11 as xy) and its place between them. */
interface Corners {
  readonly index: core.Tensor1D[];
  readonly weight: T[];
  readonly fx: T;
  readonly fy: T;
  /** 1 where the coordinate lies within the image, 0 where it was clamped. */
  readonly insideX: T;
  readonly insideY: T;
}

function corners(tf: Tf, coords: T, shape: readonly number[]): Corners {
  const [batch, height, width] = shape as [number, number, number];
  const points = coords.size / 2;
  const flat = tf.reshape(coords, [points, 2]);
  const axis = (column: number, size: number) => {
    const raw = tf.mul(tf.add(tf.slice(flat, [0, column], [points, 1]), 1), (size - 1) / 2);
    const at = tf.clipByValue(raw, 0, size - 1);
    const low = tf.minimum(tf.floor(at), Math.max(size - 2, 0));
    return { inside: tf.cast(tf.equal(raw, at), 'float32'), low, fraction: tf.sub(at, low) };
  };
  const x = axis(0, width);
  const y = axis(1, height);
  const integer = (value: number) => tf.scalar(value, 'int32');
  const images = tf.mul(tf.range(0, batch, 1, 'int32'), integer(height * width));
  const base = tf.reshape(tf.tile(tf.reshape(images, [batch, 1]), [1, points / batch]), [points]);
  const within = tf.add(tf.mul(tf.cast(y.low, 'int32'), integer(width)), tf.cast(x.low, 'int32'));
  // A coordinate that is no number casts to a negative index, which gather refuses: the weights make the result NaN anyhow.
  const origin = tf.maximum(tf.add(tf.reshape(within, [points]), base), integer(0));
  const stepX = width > 1 ? 1 : 0;
  const stepY = height > 1 ? width : 0;
  const nx = tf.sub(1, x.fraction);
  const ny = tf.sub(1, y.fraction);
  return {
    index: [0, stepX, stepY, stepX + stepY].map((offset) => tf.add(origin, integer(offset)) as core.Tensor1D),
    weight: [tf.mul(nx, ny), tf.mul(x.fraction, ny), tf.mul(nx, y.fraction), tf.mul(x.fraction, y.fraction)],
    fx: x.fraction,
    fy: y.fraction,
    insideX: x.inside,
    insideY: y.inside,
  };
}

function forward(tf: Tf, image: T, coords: T): T {
  const channels = image.shape[3]!;
  const flat = tf.reshape(image, [-1, channels]);
  const c = corners(tf, coords, image.shape);
  const terms = c.index.map((index, k) => tf.mul(tf.gather(flat, index), c.weight[k]!));
  return tf.reshape(tf.addN(terms), [image.shape[0]!, coords.shape[1]!, coords.shape[2]!, channels]);
}

function backward(tf: Tf, dy: T, image: T, coords: T): T[] {
  const [batch, height, width, channels] = image.shape as [number, number, number, number];
  const flat = tf.reshape(image, [-1, channels]);
  const dyFlat = tf.reshape(dy, [-1, channels]);
  const c = corners(tf, coords, image.shape);
  const scattered = c.index.map((index, k) =>
    tf.unsortedSegmentSum(tf.mul(dyFlat, c.weight[k]!), index, batch * height * width),
  );
  const corner = c.index.map((index) => tf.gather(flat, index));
  const slope = (near: [number, number], far: [number, number], fraction: T, inside: T, size: number) => {
    const low = tf.sub(corner[near[1]]!, corner[near[0]]!);
    const high = tf.sub(corner[far[1]]!, corner[far[0]]!);
    const across = tf.add(tf.mul(low, tf.sub(1, fraction)), tf.mul(high, fraction));
    return tf.mul(tf.mul(tf.sum(tf.mul(across, dyFlat), 1, true), inside), (size - 1) / 2);
  };
  const dx = slope([0, 1], [2, 3], c.fy, c.insideX, width);
  const dyCoord = slope([0, 2], [1, 3], c.fx, c.insideY, height);
  return [tf.reshape(tf.addN(scattered), image.shape), tf.reshape(tf.concat([dx, dyCoord], 1), coords.shape)];
}

/** See Ops.warp. @param image [B,H,W,C] @param coords [B,h,w,2] in -1..1 @returns [B,h,w,C] */
export function warp(tf: Tf, image: T, coords: T): T {
  const op = tf.customGrad((...args) => {
    const [source, where, save] = args as [T, T, core.GradSaveFunc];
    save([source, where]);
    return {
      value: tf.tidy(() => forward(tf, source, where)),
      gradFunc: (dy: T, saved: T[]) => tf.tidy(() => backward(tf, dy, saved[0]!, saved[1]!)),
    };
  });
  return op(image, coords);
}
