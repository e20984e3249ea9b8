import assert from 'node:assert/strict';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { ADVERSARIAL_DEFAULTS, discriminatorLoss, generatorLoss } from '../../lib/losses/adversarial.ts';
import { contentLoss } from '../../lib/losses/content.ts';
import { gramStyleLoss } from '../../lib/losses/style.ts';
import { lowPass, temporalLoss } from '../../lib/losses/temporal.ts';
import { pattern } from '../golden/golden.ts';
import { withoutLeak, withTensorflow } from './training-support.ts';

const RELATIVISTIC = { ...ADVERSARIAL_DEFAULTS, pairing: 'relativistic' } as const;
const MINIMAX = { ...ADVERSARIAL_DEFAULTS, objective: 'minimax' } as const;

await withTensorflow((tf) => {
  type T = ReturnType<typeof tf.zeros>;
  const numbers = (compute: () => T[]) => tf.tidy(() => compute().map((x) => x.dataSync()[0]!));
  const logits = (value: number) => tf.fill([3, 1], value) as T;

  test('a discriminator that cannot tell: its loss is -L_adv = 2 log 2', () =>
    withoutLeak(tf, () => {
      const [loss] = numbers(() => [discriminatorLoss(tf, logits(0), logits(0))]);
      assert.ok(Math.abs(loss! - 2 * Math.LN2) < 1e-6);
    }));

  test('losses stay finite and exact for logits that sigmoid cannot tell from 0 and 1', () =>
    withoutLeak(tf, () => {
      const [d, g, minimax, pair] = numbers(() => [
        discriminatorLoss(tf, logits(-200), logits(300)),
        generatorLoss(tf, logits(0), logits(-200)),
        generatorLoss(tf, logits(0), logits(200), MINIMAX),
        discriminatorLoss(tf, logits(-100), logits(100), RELATIVISTIC),
      ]);
      assert.deepEqual([d, g, minimax, pair], [500, 200, -200, 200]);
    }));

  test('when D is sure of a fake, only the non-saturating loss still pulls the generator', () =>
    withoutLeak(tf, () => {
      const slope = (options: typeof MINIMAX | typeof ADVERSARIAL_DEFAULTS) =>
        numbers(() => [tf.grad((x) => generatorLoss(tf, logits(0), x, options))(logits(-12))])[0]!;
      assert.ok(Math.abs(slope(ADVERSARIAL_DEFAULTS)) > 0.3);
      assert.ok(Math.abs(slope(MINIMAX)) < 1e-5);
    }));

  test('relativistic losses see differences only', () =>
    withoutLeak(tf, () => {
      const [low, high, gLow, gHigh] = numbers(() => [
        discriminatorLoss(tf, logits(1), logits(-2), RELATIVISTIC),
        discriminatorLoss(tf, logits(6), logits(3), RELATIVISTIC),
        generatorLoss(tf, logits(1), logits(-2), RELATIVISTIC),
        generatorLoss(tf, logits(6), logits(3), RELATIVISTIC),
      ]);
      assert.ok(Math.abs(low! - high!) < 1e-6 && Math.abs(gLow! - gHigh!) < 1e-6);
    }));

  test('the style loss does not ask where features are, the content loss does', () =>
    withoutLeak(tf, () => {
      const shape: [number, number, number, number] = [1, 6, 8, 3];
      const [style, content] = numbers(() => {
        const x = tf.tensor4d(pattern(shape, 1), shape);
        const moved = tf.concat([tf.slice(x, [0, 0, 3, 0]), tf.slice(x, [0, 0, 0, 0], [-1, -1, 3, -1])], 2);
        return [gramStyleLoss(tf, [x], [moved]), contentLoss(tf, [x], [moved])];
      });
      assert.ok(style! < 1e-6 && content! > 0.1, `${style} ${content}`);
    }));

  test('the low pass forgives a flicker of single pixels', () =>
    withoutLeak(tf, () => {
      const [plain, smooth] = numbers(() => {
        // A checkerboard that swaps its squares from frame to frame, against frames at rest.
        const squares = Float32Array.from({ length: 2 * 64 }, (_, i) => ((i >> 6) + (i >> 3) + i) % 2);
        const flicker = tf.tensor4d(squares, [2, 8, 8, 1]);
        const still = tf.zerosLike(flicker);
        return [temporalLoss(tf, still, flicker, 2), temporalLoss(tf, lowPass(tf, still), lowPass(tf, flicker), 2)];
      });
      assert.equal(plain, 1);
      assert.ok(smooth! < 0.12, `${smooth}`);
    }));

  test('features of different layers are not compared', () => {
    const [a, b] = [tf.zeros([1, 2, 2, 3]), tf.zeros([1, 2, 2, 4])];
    const mixed = (error: unknown) => error instanceof MangaError && /\[3\]|,3\].*,4\]/.test(error.message);
    assert.throws(() => contentLoss(tf, [a], [b]), mixed);
    assert.throws(() => gramStyleLoss(tf, [a], [b]), MangaError);
    assert.throws(() => contentLoss(tf, [], []), MangaError);
    tf.dispose([a, b]);
  });
});
