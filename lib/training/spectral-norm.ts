import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';
import type { WeightSpecs } from '../network/weights.ts';
import type { Random } from '../random.ts';
import { hostCopy } from './host-copy.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** Suffixes of the two vectors of a weight, in states. */
const LEFT = '.u';
const RIGHT = '.v';
/** Iterations at the start, as in PyTorch: u and v then belong to the largest singular value, nearly. */
const WARM_UP = 15;
const SMALLEST_NORM = 1e-12;

/**
 * Spectral normalisation (Miyato 2018, algorithm 1): a weight W, as a matrix of [outputs, everything else], is used as W / σ,
 * σ = uᵀ W v about its largest singular value. {@link advance} does one power iteration, once a training step:
 *   v = Wᵀ u / ‖Wᵀ u‖,  u = W v / ‖W v‖
 * u and v are state, not trained: gradients see them as constants and go through W twice (eq. 9 to 12).
 */
export class SpectralNorm {
  readonly #tf: Tf;
  readonly #base: (name: string) => T;
  readonly #vectors = new Map<string, { u: core.Variable; v: core.Variable }>();

  /**
   * @param base the weight as it is trained, by name
   * @param specs of the network; weights of two axes and more whose name ends in '.weight' are normalised, biases are not
   * @param random for the first u
   */
  constructor(tf: Tf, base: (name: string) => T, specs: WeightSpecs, random: Random) {
    this.#tf = tf;
    this.#base = base;
    for (const name of Object.keys(specs).sort()) {
      const { shape } = specs[name]!;
      if (!name.endsWith('.weight') || shape.length < 2) continue;
      const outputs = shape.at(-1)!;
      const first = Float32Array.from({ length: outputs }, () => random.normal());
      const rest = shape.slice(0, -1).reduce((a, b) => a * b, 1);
      const vectors = tf.tidy(() => ({
        u: tf.variable(this.#unit(tf.tensor(first, [outputs, 1])), false),
        v: tf.variable(tf.zeros([rest, 1]), false),
      }));
      this.#vectors.set(name, vectors);
    }
    this.advance(WARM_UP);
  }

  /** Wᵀ, as weights lie here: [everything else, outputs]. */
  #transposed(name: string): core.Tensor2D {
    const weight = this.#base(name);
    return this.#tf.reshape(weight, [-1, weight.shape.at(-1)!]);
  }

  #unit(x: T): T {
    return this.#tf.div(x, this.#tf.maximum(this.#tf.norm(x), SMALLEST_NORM));
  }

  /** Power iterations on the weights as they are now. */
  advance(iterations = 1): void {
    const tf = this.#tf;
    tf.tidy(() => {
      for (const [name, { u, v }] of this.#vectors) {
        const transposed = this.#transposed(name);
        for (let i = 0; i < iterations; i++) {
          v.assign(this.#unit(tf.matMul(transposed, u as T as core.Tensor2D)));
          u.assign(this.#unit(tf.matMul(transposed, v as T as core.Tensor2D, true)));
        }
      }
    });
  }

  /** σ of a normalised weight, differentiable in the weight. Inside tf.tidy. */
  sigma(name: string): core.Scalar {
    const { u, v } = this.#vectors.get(name)!;
    const product = this.#tf.matMul(this.#transposed(name), u as T as core.Tensor2D);
    return this.#tf.sum(this.#tf.mul(v, product)) as core.Scalar;
  }

  /** The weight a block asks for: W / σ, or as it is when it is not a normalised one. Inside tf.tidy. */
  weight = (name: string): T =>
    this.#vectors.has(name) ? this.#tf.div(this.#base(name), this.sigma(name)) : this.#base(name);

  /** The vectors, as `NAME.u` [outputs,1] and `NAME.v` [everything else,1], for checkpoints. */
  async state(): Promise<Map<string, TensorData>> {
    const tensors = new Map<string, TensorData>();
    for (const [name, { u, v }] of this.#vectors) {
      tensors.set(name + LEFT, await hostCopy(u));
      tensors.set(name + RIGHT, await hostCopy(v));
    }
    return tensors;
  }

  /** Takes over what {@link state} gave; names that are missing keep their vectors. */
  restore(tensors: ReadonlyMap<string, TensorData>): void {
    for (const [name, { u, v }] of this.#vectors) {
      for (const [variable, suffix] of [
        [u, LEFT],
        [v, RIGHT],
      ] as const) {
        const stored = tensors.get(name + suffix);
        if (!stored) continue;
        const value = this.#tf.tensor(stored.data, [...stored.shape], 'float32');
        variable.assign(value);
        value.dispose();
      }
    }
  }

  dispose(): void {
    for (const { u, v } of this.#vectors.values()) this.#tf.dispose([u, v]);
  }
}
