import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';
import { hostCopy } from './host-copy.ts';

type Tf = Omit<typeof core, 'default'>;

export interface AdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** The settings of the method: betas (0.5, 0.999). */
export const ADAM_DEFAULTS: AdamOptions = { beta1: 0.5, beta2: 0.999, epsilon: 1e-8 };

/**
 * Adam (Kingma & Ba 2015, algorithm 1):
 *   m = b1 m + (1-b1) g,  v = b2 v + (1-b2) g²,  w -= rate · (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + epsilon)
 * Moments are ours and not the library's, so that checkpoints can hold them.
 */
export class Adam {
  readonly #tf: Tf;
  readonly #options: AdamOptions;
  readonly #moments = new Map<string, { m: core.Variable; v: core.Variable }>();
  #step = 0;

  constructor(tf: Tf, options: AdamOptions = ADAM_DEFAULTS) {
    this.#tf = tf;
    this.#options = options;
  }

  /** One step. @param gradients by variable name; each of its variable's shape @param rate learning rate */
  apply(
    variables: ReadonlyMap<string, core.Variable>,
    gradients: ReadonlyMap<string, core.Tensor>,
    rate: number,
  ): void {
    const tf = this.#tf;
    const { beta1, beta2, epsilon } = this.#options;
    this.#step++;
    // Both bias corrections folded into the rate: fewer small ops a variable.
    const correction = Math.sqrt(1 - beta2 ** this.#step);
    const scaled = (rate * correction) / (1 - beta1 ** this.#step);
    tf.tidy(() => {
      for (const [name, gradient] of gradients) {
        const variable = variables.get(name)!;
        const { m, v } = this.#momentsOf(name, variable);
        m.assign(tf.add(tf.mul(m, beta1), tf.mul(gradient, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(gradient), 1 - beta2)));
        variable.assign(tf.sub(variable, tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon * correction)), scaled)));
      }
    });
  }

  #momentsOf(name: string, variable: core.Variable): { m: core.Variable; v: core.Variable } {
    let moments = this.#moments.get(name);
    if (!moments) {
      const zeros = () => this.#tf.tidy(() => this.#tf.variable(this.#tf.zeros(variable.shape), false));
      moments = { m: zeros(), v: zeros() };
      this.#moments.set(name, moments);
    }
    return moments;
  }

  /** Moments as `NAME.m` and `NAME.v`, and the number of steps taken. */
  async state(): Promise<{ tensors: Map<string, TensorData>; step: number }> {
    const tensors = new Map<string, TensorData>();
    for (const [name, { m, v }] of this.#moments) {
      tensors.set(`${name}.m`, await hostCopy(m));
      tensors.set(`${name}.v`, await hostCopy(v));
    }
    return { tensors, step: this.#step };
  }

  restore(
    state: { readonly tensors: ReadonlyMap<string, TensorData>; readonly step: number },
    variables: ReadonlyMap<string, core.Variable>,
  ): void {
    this.#step = state.step;
    for (const [name, variable] of variables) {
      const moments = [state.tensors.get(`${name}.m`), state.tensors.get(`${name}.v`)];
      if (!moments[0] || !moments[1]) continue;
      const { m, v } = this.#momentsOf(name, variable);
      [m, v].forEach((moment, i) => {
        const value = this.#tf.tensor(moments[i]!.data, [...moments[i]!.shape], 'float32');
        moment.assign(value);
        value.dispose();
      });
    }
  }

  dispose(): void {
    for (const { m, v } of this.#moments.values()) {
      m.dispose();
      v.dispose();
    }
  }
}

/** Scales gradients so that their joint norm is at most `limit`. @returns clipped gradients (new tensors) and the norm before */
export function clipByGlobalNorm(
  tf: Tf,
  gradients: ReadonlyMap<string, core.Tensor>,
  limit: number,
): { clipped: Map<string, core.Tensor>; norm: core.Scalar } {
  // Stacked and not tf.addN: WebGPU allows a shader few inputs, and addN of more is silently wrong there.
  const norm = tf.tidy(() => tf.sqrt(tf.sum(tf.stack([...gradients.values()].map((g) => tf.sum(tf.square(g)))))));
  const factor = tf.tidy(() => tf.minimum(1, tf.div(limit, tf.add(norm, 1e-12))));
  const clipped = new Map([...gradients].map(([name, gradient]) => [name, tf.mul(gradient, factor)] as const));
  factor.dispose();
  return { clipped, norm: norm as core.Scalar };
}
