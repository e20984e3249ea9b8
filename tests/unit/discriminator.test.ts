import assert from 'node:assert/strict';
import test from 'node:test';
import {
  DISCRIMINATOR_WEIGHTS,
  discriminatorConfig,
  discriminatorConfigSchema,
  discriminatorProgram,
  discriminatorSpecs,
} from '../../lib/network/blocks/discriminator.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random } from '../../lib/random.ts';
import { hostCopy } from '../../lib/training/host-copy.ts';
import { SpectralNorm } from '../../lib/training/spectral-norm.ts';
import { pattern } from '../golden/golden.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const FRAMES = 5;
const SIDE = 24;
const config = discriminatorConfig(8);
const specs = discriminatorSpecs(config);
const sequenceShape = (clips: number) => [clips * FRAMES, SIDE, SIDE, 1];

test('a sequence of one frame is refused, saying what to do', () => {
  assert.throws(() => discriminatorProgram(config, 1), { code: 'BAD_SETTING', message: /2 frames or more/ });
});

test('the default has about 92,000 weights for frames and 73,000 for motion, all under its prefix', () => {
  const whole = Object.entries(discriminatorSpecs(discriminatorConfig()));
  const count = (part: string) =>
    whole
      .filter(([name]) => name.startsWith(`${DISCRIMINATOR_WEIGHTS}${part}.`))
      .reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0);
  assert.equal(Math.round(count('frames') / 1000), 93);
  assert.equal(Math.round(count('motion') / 1000), 73);
  assert.ok(whole.every(([name]) => name.startsWith(DISCRIMINATOR_WEIGHTS)));
  discriminatorConfigSchema.parse(discriminatorConfig(6));
});

await withTensorflow((tf) => {
  const ops = createTfjsOps(tf);
  const upload = (of = specs) => {
    const { tensors } = randomWeights(of, new Random(3), 'test');
    return new Map(
      [...tensors].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')] as const),
    );
  };
  const judge = (weights: ReadonlyMap<string, import('@tensorflow/tfjs-core').Tensor>, data: Float32Array) =>
    tf.tidy(() => {
      const sequence = tf.tensor(data, sequenceShape(data.length / (FRAMES * SIDE * SIDE)));
      return discriminatorProgram(config, FRAMES)
        .build(ops, (name) => weights.get(name)!, { sequence })
        .logits!.arraySync() as number[][];
    });

  test('depth: a logit sees a patch of 2^(depth+1) - 1 pixels, and nothing beside it', () => {
    const side = 128;
    for (const depth of [3, 4]) {
      const deep = discriminatorConfig(4, depth);
      const seen = tf.tidy(() => {
        const weights = upload(discriminatorSpecs(deep));
        const middle = (x: import('@tensorflow/tfjs-core').Tensor) => {
          const { patches } = discriminatorProgram(deep, 2).build(ops, (name) => weights.get(name)!, { sequence: x });
          const at = Math.floor(patches!.shape[1]! / 2);
          return tf.sum(tf.slice(patches!, [0, at, at, 0], [1, 1, 1, 1])) as import('@tensorflow/tfjs-core').Scalar;
        };
        const frames = tf.tensor(pattern([2, side, side, 1], 1, 0.5, 0.5), [2, side, side, 1]);
        const gradient = tf.grad(middle)(frames);
        return tf.abs(tf.slice(gradient, [0, 0, 0, 0], [1, side, side, 1])).dataSync();
      });
      const columns = Array.from({ length: side }, (_, x) => x).filter((x) =>
        Array.from({ length: side }, (_, y) => seen[y * side + x]!).some((value) => value > 0),
      );
      assert.equal(columns.at(-1)! - columns[0]! + 1, 2 ** (depth + 1) - 1, `depth ${depth}`);
    }
  });

  test('each sequence of a batch is judged by itself', () =>
    withoutLeak(tf, () => {
      const weights = upload();
      const clips = [pattern(sequenceShape(1), 1, 0.5, 0.5), pattern(sequenceShape(1), 2, 0.5, 0.5)];
      const both = judge(weights, Float32Array.from([...clips[0]!, ...clips[1]!]));
      assert.deepEqual([both.length, both[0]!.length], [2, 1]);
      clips.forEach((clip, i) => {
        assert.ok(Math.abs(judge(weights, clip)[0]![0]! - both[i]![0]!) < 1e-5);
      });
      assert.notEqual(both[0]![0], both[1]![0]);
      tf.dispose([...weights.values()]);
    }));

  test('the order of the frames counts, which only motion shows', () =>
    withoutLeak(tf, () => {
      const weights = upload();
      const size = SIDE * SIDE;
      const clip = pattern(sequenceShape(1), 1, 0.5, 0.5);
      const shuffled = Float32Array.from([2, 0, 4, 1, 3].flatMap((t) => [...clip.subarray(t * size, (t + 1) * size)]));
      const difference = Math.abs(judge(weights, clip)[0]![0]! - judge(weights, shuffled)[0]![0]!);
      assert.ok(difference > 1e-4, `${difference}`);
      tf.dispose([...weights.values()]);
    }));

  test('after some iterations every weight has the spectral norm 1', () =>
    withoutLeak(tf, async () => {
      const weights = upload();
      const norm = new SpectralNorm(tf, (name) => weights.get(name)!, specs, new Random(1));
      norm.advance(200);
      for (const name of Object.keys(specs).filter((key) => key.endsWith('.weight'))) {
        const largest = tf.tidy(() => {
          const weight = norm.weight(name);
          const w = tf.reshape(weight, [-1, weight.shape.at(-1)!]) as import('@tensorflow/tfjs-core').Tensor2D;
          // WᵀW to the power 64, scaled on the way: its trace is dominated by the largest singular value.
          let gram = tf.matMul(w, w, true);
          let log = 0;
          for (let i = 0; i < 6; i++) {
            const scale = tf.max(tf.abs(gram)).dataSync()[0]!;
            log = 2 * (log + Math.log(scale));
            const unit = tf.div(gram, scale) as typeof gram;
            gram = tf.matMul(unit, unit);
          }
          return Math.exp((log + Math.log(tf.max(tf.abs(gram)).dataSync()[0]!)) / 128);
        });
        assert.ok(Math.abs(largest - 1) < 0.05, `${name} has the norm ${largest}`);
      }
      norm.dispose();
      tf.dispose([...weights.values()]);
    }));

  test('saved vectors restored elsewhere give the same weights to the last bit; biases are left alone', () =>
    withoutLeak(tf, async () => {
      const weights = upload();
      const base = (name: string) => weights.get(name)!;
      const first = new SpectralNorm(tf, base, specs, new Random(1));
      const second = new SpectralNorm(tf, base, specs, new Random(2));
      const name = 'discriminator.frames.conv2.weight';
      const value = async (norm: SpectralNorm) => {
        const weight = tf.tidy(() => norm.weight(name));
        const { data } = await hostCopy(weight);
        weight.dispose();
        return data;
      };
      assert.notDeepEqual(await value(second), await value(first));
      second.restore(await first.state());
      for (let step = 0; step < 3; step++) {
        assert.deepEqual(await value(second), await value(first));
        first.advance();
        second.advance();
      }
      assert.equal(first.weight('discriminator.frames.conv2.bias'), base('discriminator.frames.conv2.bias'));
      first.dispose();
      second.dispose();
      tf.dispose([...weights.values()]);
    }));
});
