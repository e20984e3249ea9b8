import type * as core from '@tensorflow/tfjs-core';
import type { Ops } from '../ops.ts';
import { enlargeMatrix, shuffleFilter } from './matrices.ts';
import { nativeOps } from './native-ops.ts';
import { piecesOnce } from './pieces-once.ts';
import { tensorflowOf } from './tensorflow.ts';
import { warp } from './warp.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

const EPSILON = 1e-5;

/**
 * `Ops` run eagerly by TensorFlow.js; every op has a gradient. Call inside tf.tidy. On TensorFlow itself the ops that
 * training spends its time in are its native kernels.
 */
export function createTfjsOps(tf: Tf): Ops<T> {
  const tensorflow = tensorflowOf(tf);
  const portable = portableOps(tf);
  return tensorflow ? { ...portable, ...nativeOps(tf, tensorflow) } : portable;
}

/** Of operations that TensorFlow.js has on every backend. */
export function portableOps(tf: Tf): Ops<T> {
  const image = (x: T) => x as core.Tensor4D;
  const sizes = (x: T) => x.shape as [number, number, number, number];
  const matrix = (x: T, columns: number) => tf.reshape(x, [-1, columns]) as core.Tensor2D;
  const shuffle = (channels: number) => tf.tensor4d(shuffleFilter(channels), [2, 2, channels, 4 * channels]);

  /** conv2dTranspose with a one-hot filter: TensorFlow.js has no gradient for depthToSpace, and transposes are slow. */
  function pixelShuffle2(x: T): T {
    const [batch, height, width, channels] = sizes(x);
    const out: [number, number, number, number] = [batch, 2 * height, 2 * width, channels / 4];
    const op = tf.customGrad((xIn) => ({
      value: tf.tidy(() => tf.conv2dTranspose(image(xIn as T), shuffle(channels / 4), out, 2, 'valid')),
      gradFunc: (dy: T) => tf.tidy(() => tf.conv2d(image(dy), shuffle(channels / 4), 2, 'valid')),
    }));
    return op(x);
  }

  function spaceToDepth2(x: T): T {
    const [batch, height, width, channels] = sizes(x);
    const rows = tf.reshape(x, [batch * (height / 2), 2, width / 2, 2 * channels]);
    return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [batch, height / 2, width / 2, 4 * channels]);
  }

  /** The library's resizeBilinear has no gradient for half-pixel centres: backwards goes through the axis matrices. */
  function enlarge(x: T, factor: number): T {
    const [batch, height, width, channels] = sizes(x);
    const op = tf.customGrad((xIn) => ({
      value: tf.image.resizeBilinear(image(xIn as T), [height * factor, width * factor], false, true),
      gradFunc: (dy: T) =>
        tf.tidy(() => {
          const rows = tf.tensor2d(enlargeMatrix(height, factor), [height * factor, height]);
          const columns = tf.tensor2d(enlargeMatrix(width, factor), [width * factor, width]);
          const planes = tf.transpose(dy, [0, 3, 1, 2]);
          const narrow = tf.matMul(matrix(planes, width * factor), columns);
          const stacked = tf.reshape(narrow, [batch * channels, height * factor, width]);
          const small = tf.matMul(matrix(tf.transpose(stacked, [0, 2, 1]), height * factor), rows);
          return tf.transpose(tf.reshape(small, [batch, channels, width, height]), [0, 3, 2, 1]);
        }),
    }));
    return op(x);
  }

  function causalConv1d(x: T, w: T, b: T, dilation: number): T {
    const [batch, steps, inC] = x.shape as [number, number, number];
    const [kernel, , outC] = w.shape as [number, number, number];
    const padded = tf.pad3d(x as core.Tensor3D, [
      [0, 0],
      [(kernel - 1) * dilation, 0],
      [0, 0],
    ]);
    const taps = Array.from({ length: kernel }, (_, j) => tf.slice(padded, [0, j * dilation, 0], [batch, steps, inC]));
    const y = tf.matMul(matrix(tf.concat(taps, 2), kernel * inC), matrix(w, outC));
    return tf.reshape(tf.add(y, b), [batch, steps, outC]);
  }

  const single = piecesOnce(tf);

  return {
    conv2d(x, filter, bias, stride) {
      const y = tf.conv2d(image(x), image(filter), stride, 'same');
      return bias ? tf.add(y, bias) : y;
    },
    concat: (xs) => tf.concat([...xs] as core.Tensor4D[], 3),
    channels: (x, begin, size) =>
      size === 1 && x.shape[3]! > 1
        ? single(x, (image) => tf.split(image, image.shape[3]!, 3))[begin]!
        : tf.slice(x, [0, 0, 0, begin], [-1, -1, -1, size]),
    upsample2(x) {
      const [, height, width] = sizes(x);
      return tf.image.resizeNearestNeighbor(image(x), [2 * height, 2 * width]);
    },
    enlarge,
    pixelShuffle2,
    spaceToDepth2,
    globalMean: (x) => tf.mean(x, [1, 2]),
    instanceNorm(x) {
      const centred = tf.sub(x, tf.mean(x, [1, 2], true));
      const variance = tf.mean(tf.square(centred), [1, 2], true);
      return tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON)));
    },
    scaleShift(x, scale, shift) {
      const [batch, , , channels] = sizes(x);
      const wide = (v: T) => tf.reshape(v, [batch, 1, 1, channels]);
      return tf.add(tf.mul(x, wide(scale)), wide(shift));
    },
    warp: (x, coords) => warp(tf, image(x), image(coords)),
    stackFrames(x, frames) {
      const [n, height, width] = sizes(x);
      return tf.reshape(x, [n / frames, frames * height, width, 1]);
    },
    unstackFrames(x, frames) {
      const [batch, height, width] = sizes(x);
      return tf.reshape(x, [batch * frames, height / frames, width, 1]);
    },
    sliceFrames(x, frames, begin, size) {
      const [n, height, width, channels] = sizes(x);
      const clips = tf.reshape(x, [n / frames, frames, height * width * channels]);
      const part = tf.slice(clips, [0, begin, 0], [-1, size, -1]);
      return tf.reshape(part, [(n / frames) * size, height, width, channels]);
    },
    perImage: (x) => tf.reshape(x, [-1, 1, 1, 1]),
    dense(x, w, b) {
      const [inC, outC] = w.shape as [number, number];
      const flat = tf.matMul(matrix(x, inC), w as core.Tensor2D);
      return tf.reshape(b ? tf.add(flat, b) : flat, [...x.shape.slice(0, -1), outC]);
    },
    causalConv1d,
    toSteps: (x, frames) => tf.reshape(x, [-1, frames, x.shape[1]!]),
    meanSteps: (x) => tf.mean(x, 1),
    repeatSteps(x, like) {
      const [batch, channels] = x.shape as [number, number];
      return tf.tile(tf.reshape(x, [batch, 1, channels]), [1, like.shape[1]!, 1]);
    },
    concatLast: (xs) => tf.concat([...xs], xs[0]!.rank - 1),
    sliceLast(x, begin, size) {
      const lead = x.shape.slice(0, -1);
      return tf.slice(x, [...lead.map(() => 0), begin], [...lead.map(() => -1), size]);
    },
    column: (x, index) => single(x, (rows) => tf.unstack(rows, 1))[index]!,
    add: (a, b) => tf.add(a, b),
    sub: (a, b) => tf.sub(a, b),
    mul: (a, b) => tf.mul(a, b),
    div: (a, b) => tf.div(a, b),
    min: (a, b) => tf.minimum(a, b),
    max: (a, b) => tf.maximum(a, b),
    affine: (a, scale, offset) => {
      const scaled = scale === 1 ? a : tf.mul(a, scale);
      return offset === 0 ? scaled : tf.add(scaled, offset);
    },
    clip: (x, low, high) => tf.clipByValue(x, low, high),
    abs: (x) => tf.abs(x),
    exp: (x) => tf.exp(x),
    sqrt: (x) => tf.sqrt(x),
    sin: (x) => tf.sin(x),
    cos: (x) => tf.cos(x),
    tanh: (x) => tf.tanh(x),
    sigmoid: (x) => tf.sigmoid(x),
    relu: (x) => tf.relu(x),
    leakyRelu: (x, slope) => tf.leakyRelu(x, slope),
    wrap: (x) => tf.sub(x, tf.floor(tf.add(x, 0.5))),
    toBytes: (x) => tf.cast(tf.floor(tf.add(tf.mul(tf.clipByValue(x, 0, 1), 255), 0.5)), 'int32'),
  };
}
