import assert from 'node:assert/strict';
import test from 'node:test';
import { loadTensorflow } from '../../lib/engines/load-tfjs.ts';
import { frameMotion, frameScalars } from '../../lib/motion/frame-scalars.ts';
import { motionSize } from '../../lib/network/blocks/motion-tcn.ts';
import { SCALARS } from '../../lib/network/blocks/render-frames.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { Random } from '../../lib/random.ts';
import { motionScalars } from '../../lib/training/gan/motion-scalars.ts';

const geometry = {
  frame: { width: 104, height: 96 },
  canvas: { width: 128, height: 128 },
  drawn: { width: 128, height: 128 },
  padded: { width: 128, height: 128 },
};
const look = { lineWeight: 1.2, screenPeriod: 0, screenAngle: 30 };

test('the differentiable camera is the one that clips are made with', async () => {
  const { tf } = await loadTensorflow();
  const random = new Random(3);
  const size = motionSize(DEFAULT_CONFIG);
  const motion = Float32Array.from({ length: 40 * size }, () => random.uniform(-2, 2));
  const rows = Array.from({ length: 40 }, (_, n) => motion.subarray(n * size, (n + 1) * size));
  const expected = frameScalars(
    rows.map((row) => frameMotion(row, geometry)),
    geometry,
    look,
    2,
  );
  const before = tf.memory().numTensors;
  const { scalars, weights } = tf.tidy(() => {
    const built = motionScalars(tf, tf.tensor(motion, [40, size]), geometry, look, 2);
    return { scalars: built.scalars.dataSync(), weights: built.weights.dataSync() };
  });
  assert.equal(tf.memory().numTensors, before);
  for (const [i, value] of expected.scalars.entries()) {
    const name = SCALARS[i % SCALARS.length];
    assert.ok(
      Math.abs(scalars[i]! - value) < 1e-4 * Math.max(1, Math.abs(value)),
      `${name} ${scalars[i]} is not ${value}`,
    );
  }
  for (const [i, value] of expected.weights.entries()) assert.ok(Math.abs(weights[i]! - value) < 1e-6);
});

test('every motion output has a gradient', async () => {
  const { tf } = await loadTensorflow();
  const size = motionSize(DEFAULT_CONFIG);
  const random = new Random(4);
  const gradient = tf.tidy(() => {
    const motion = tf.tensor(
      Float32Array.from({ length: 6 * size }, () => random.uniform(0.1, 0.9)),
      [6, size],
    );
    const f = (m: typeof motion) => {
      const { scalars, weights } = motionScalars(tf, m, geometry, look, 2);
      return tf.add(tf.sum(tf.abs(scalars)), tf.sum(tf.abs(weights)));
    };
    return tf.sum(tf.abs(tf.grad(f)(motion)), 0).dataSync();
  });
  assert.ok(
    gradient.every((value) => value > 0),
    `gradients ${gradient}`,
  );
});
