import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';
import { Flat } from './flat.ts';
import { hostCopy } from './host-copy.ts';

type Tf = Omit<typeof core, 'default'>;

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** What changes from step to step, as numbers, or as scalars where a graph is to be given them. */
export interface AdamStep<N = number | core.Scalar> {
  /** Learning rate with both bias corrections. */
  readonly rate: N;
  /** Epsilon beside the uncorrected root of v. */
  readonly epsilon: N;
}

/** The settings of the method: betas (0.5, 0.999). */
export const ADAM_DEFAULTS: AdamOptions = { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };

/**
 * Adam (Kingma & Ba 2015, algorithm 1), on all variables at once as one vector:
 *   m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g²,  w -= rate · (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + epsilon)
 * Moments are ours and not the library's, so that checkpoints can hold them.
 */
export class Adam {
  readonly #tf: Tf;
  readonly #variables: ReadonlyMap<string, core.Variable>;
  readonly #options: AdamOptions;
  readonly #flat: Flat;
  readonly #m: core.Variable;
  readonly #v: core.Variable;
  #step = 0;

  constructor(tf: Tf, variables: ReadonlyMap<string, core.Variable>, options: AdamOptions = ADAM_DEFAULTS) {
    this.#tf = tf;
    this.#variables = variables;
    this.#options = options;
    this.#flat = new Flat(tf, variables);
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros([this.#flat.size]), false));
    this.#m = zeros();
    this.#v = zeros();
  }

  /** Begins a step. @param rate learning rate @returns what changes from step to step, for {@link descend} */
  next(rate: number): AdamStep<number> {
    const { beta1, beta2, epsilon } = this.#options;
    this.#step++;
    // Both bias corrections folded into the rate: fewer operations.
    const correction = Math.sqrt(1 - beta2 ** this.#step);
    return { rate: (rate * correction) / (1 - beta1 ** this.#step), epsilon: epsilon * correction };
  }

  /**
   * The tensors' part of a step.
   * @param gradient of all variables, in their order, as one vector
   * @param present names of the variables that have a gradient: the others and their moments stay as they are
   */
  descend(gradient: core.Tensor, present: ReadonlySet<string>, { rate, epsilon }: AdamStep): void {
    const tf = this.#tf;
    const { beta1, beta2 } = this.#options;
    tf.tidy(() => {
      const mask = this.#flat.mask(present);
      const chosen = (after: core.Tensor, before: core.Tensor) => (mask ? tf.where(mask, after, before) : after);
      const weights = this.#flat.gather(this.#variables);
      const m = tf.add(tf.mul(this.#m, beta1), tf.mul(gradient, 1 - beta1));
      const v = tf.add(tf.mul(this.#v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      const step = tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon)), rate);
      const after = chosen(tf.sub(weights, step), weights);
      this.#m.assign(chosen(m, this.#m));
      this.#v.assign(chosen(v, this.#v));
      for (const [name, value] of this.#flat.scatter(after)) this.#variables.get(name)!.assign(value);
    });
  }

  /** Moments as `NAME.m` and `NAME.v`, and the number of steps taken. */
  async state(): Promise<{ tensors: Map<string, TensorData>; step: number }> {
    const tensors = new Map<string, TensorData>();
    for (const [suffix, moments] of [
      ['.m', this.#m],
      ['.v', this.#v],
    ] as const) {
      const { data } = await hostCopy(moments);
      for (const { name, ...piece } of this.#flat.slices(data))
        tensors.set(name + suffix, { ...piece, dtype: 'float32' });
    }
    return { tensors, step: this.#step };
  }

  /** Takes over what {@link state} gave; moments that are missing become zero. */
  restore(state: { readonly tensors: ReadonlyMap<string, TensorData>; readonly step: number }): void {
    const tf = this.#tf;
    this.#step = state.step;
    for (const [suffix, moments] of [
      ['.m', this.#m],
      ['.v', this.#v],
    ] as const) {
      tf.tidy(() => {
        const saved = new Map<string, core.Tensor>();
        for (const name of this.#variables.keys()) {
          const known = state.tensors.get(name + suffix);
          if (known) saved.set(name, tf.tensor(known.data, [...known.shape], 'float32'));
        }
        moments.assign(this.#flat.gather(saved));
      });
    }
  }

  dispose(): void {
    this.#m.dispose();
    this.#v.dispose();
  }
}

/**
 * The factor that makes a vector at most `limit` long (clipping by global norm, Pascanu 2013).
 * @returns the factor and the norm, scalars; inside tf.tidy
 */
export function clipFactor(tf: Tf, vector: core.Tensor, limit: number): { factor: core.Scalar; norm: core.Scalar } {
  const norm = tf.sqrt(tf.sum(tf.square(vector))) as core.Scalar;
  return { factor: tf.minimum(1, tf.div(limit, tf.add(norm, 1e-12))) as core.Scalar, norm };
}
