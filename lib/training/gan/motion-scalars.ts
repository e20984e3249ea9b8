import type * as core from '@tensorflow/tfjs-core';
import { frameScalars, type Geometry, type Look } from '../../motion/frame-scalars.ts';
import { motionRanges } from '../../motion/trajectory.ts';
import { CAMERA_OUTPUTS } from '../../network/blocks/motion-tcn.ts';
import { SCALARS, type Scalar } from '../../network/blocks/render-frames.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/**
 * The same as frameMotion and frameScalars (motion/frame-scalars.ts), differentiable: so that what the discriminator sees
 * reaches the TCN. Both are tested to agree.
 * @param motion [N, 7+K] in units of MOTION_RANGE
 * @returns scalars [N,18] and weights [N,2K]
 */
export function motionScalars(
  tf: Tf,
  motion: T,
  geometry: Geometry,
  look: Look,
  softness: number,
): { scalars: T; weights: T } {
  const bases = motion.shape[1]! - CAMERA_OUTPUTS;
  const ranges = motionRanges(bases);
  const { frame, canvas, drawn, padded } = geometry;
  const column = (i: number) => tf.mul(tf.slice(motion, [0, i], [-1, 1]), ranges[i]!);
  const rotation = column(1);
  // By the half angle: a GPU's own cosine may be off by 2^-11, a hundredth of a pixel where a frame ends.
  const half = tf.sin(tf.mul(rotation, 0.5));
  const cos = tf.sub(1, tf.mul(tf.mul(half, half), 2));
  const sin = tf.sin(rotation);
  const taken = (along: number, across: number, side: number) =>
    tf.add(tf.mul(tf.abs(cos), along / side), tf.mul(tf.abs(sin), across / side));
  const takenX = taken(frame.width, frame.height, canvas.width);
  const takenY = taken(frame.height, frame.width, canvas.height);
  const zoom = tf.maximum(tf.exp(tf.relu(column(0))), tf.maximum(takenX, takenY));
  const room = (share: T) => tf.mul(tf.sub(1, tf.div(share, zoom)), 0.5);
  const panX = keepWithin(tf, column(2), room(takenX));
  const panY = keepWithin(tf, column(3), room(takenY));
  const [parallaxX, parallaxY, dolly] = [column(4), column(5), column(6)];

  // What does not depend on the motion, and the scales that do not: read off the host's own function at rest.
  const rest = {
    zoom: 1,
    rotation: 0,
    panX: 0,
    panY: 0,
    parallaxX: 0,
    parallaxY: 0,
    dolly: 0,
    weights: Array(bases).fill(0),
  };
  const still = frameScalars([rest], geometry, look, softness).scalars;
  const at = (name: Scalar) => still[SCALARS.indexOf(name)]!;
  const perCanvas = drawn.width / canvas.width;
  const long = Math.max(drawn.width, drawn.height);
  const nx = 2 / Math.max(padded.width - 1, 1);
  const ny = 2 / Math.max(padded.height - 1, 1);
  const approach = tf.div(tf.sub(1, tf.mul(dolly, 0.5)), zoom);
  const along = tf.mul(cos, approach);
  const across = tf.mul(sin, approach);
  const shift = (pan: T, side: number, parallax: T) =>
    tf.sub(tf.mul(pan, side * perCanvas), tf.mul(parallax, long / 2));
  const moving: Partial<Record<Scalar, T>> = {
    xx: tf.mul(along, perCanvas * nx),
    xy: tf.mul(across, -perCanvas * nx),
    x0: tf.add(tf.mul(shift(panX, canvas.width, parallaxX), nx), at('x0')),
    yx: tf.mul(across, perCanvas * ny),
    yy: tf.mul(along, perCanvas * ny),
    y0: tf.add(tf.mul(shift(panY, canvas.height, parallaxY), ny), at('y0')),
    parallaxX: tf.mul(parallaxX, long * nx),
    parallaxY: tf.mul(parallaxY, long * ny),
    dolly,
    edgeGain: tf.mul(zoom, at('edgeGain')),
    screenGain: tf.mul(zoom, at('screenGain')),
  };
  const scalars = tf.concat(
    SCALARS.map((name) => moving[name] ?? tf.fill([motion.shape[0]!, 1], at(name))),
    1,
  );
  const weights = Array.from({ length: bases }, (_, k) => column(CAMERA_OUTPUTS + k)).flatMap((weight) => [
    tf.mul(weight, long * nx),
    tf.mul(weight, long * ny),
  ]);
  return { scalars, weights: weights.length > 0 ? tf.concat(weights, 1) : tf.zeros([motion.shape[0]!, 0]) };
}

/** Linear to 70 % of the room, then smoothly towards its end, as in frameMotion. */
function keepWithin(tf: Tf, x: T, room: T): T {
  const knee = tf.mul(room, 0.7);
  const rest = tf.maximum(tf.sub(room, knee), 1e-6);
  const size = tf.abs(x);
  const kept = tf.add(tf.minimum(size, knee), tf.mul(rest, tf.tanh(tf.div(tf.relu(tf.sub(size, knee)), rest))));
  return tf.mul(tf.sign(x), kept);
}
