import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';
import { Adam, type AdamOptions, clipByGlobalNorm } from './adam.ts';

type Tf = Omit<typeof core, 'default'>;

/** Named parts of a loss, already weighted; their sum is what is minimised. */
export type LossParts = Readonly<Record<string, core.Scalar>>;

export interface OptimiserOptions extends AdamOptions {
  /** Largest joint norm of a step's gradients. */
  readonly clipNorm: number;
}

/** Reads scalars and frees them. */
export async function readScalars(scalars: Readonly<Record<string, core.Tensor>>): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const [name, scalar] of Object.entries(scalars)) {
    values[name] = (await scalar.data())[0]!;
    scalar.dispose();
  }
  return values;
}

/** Minimises one objective over one set of variables. */
export class Optimiser {
  readonly #tf: Tf;
  readonly #adam: Adam;
  readonly #clipNorm: number;
  readonly #variables: ReadonlyMap<string, core.Variable>;
  readonly #sums = new Map<string, core.Tensor>();
  #parts = 0;

  constructor(tf: Tf, variables: ReadonlyMap<string, core.Variable>, options: OptimiserOptions) {
    this.#tf = tf;
    this.#adam = new Adam(tf, options);
    this.#clipNorm = options.clipNorm;
    this.#variables = variables;
  }

  /**
   * Forward and backward of one micro-batch; gradients add up until {@link apply}. Values are read at the end and not at
   * once, which WebGPU could not.
   * @returns the value of each loss part, and their total
   */
  async accumulate(objective: () => LossParts): Promise<Record<string, number>> {
    const tf = this.#tf;
    const kept: Record<string, core.Scalar> = {};
    const { value, grads } = tf.variableGrads(() => {
      const parts = objective();
      for (const [name, part] of Object.entries(parts)) kept[name] = tf.keep(part);
      return tf.addN(Object.values(parts)) as core.Scalar;
    }, [...this.#variables.values()]);
    for (const [name, variable] of this.#variables) {
      const gradient = grads[variable.name];
      if (!gradient) continue;
      const before = this.#sums.get(name);
      this.#sums.set(name, before ? tf.add(before, gradient) : gradient);
      if (before) tf.dispose([before, gradient]);
    }
    this.#parts++;
    return readScalars({ ...kept, total: value });
  }

  /** Clips the mean of the accumulated gradients and takes one Adam step. @returns the gradients' norm before clipping */
  async apply(rate: number): Promise<number> {
    const tf = this.#tf;
    const mean = new Map([...this.#sums].map(([name, sum]) => [name, tf.div(sum, this.#parts)] as const));
    const { clipped, norm } = clipByGlobalNorm(tf, mean, this.#clipNorm);
    this.#adam.apply(this.#variables, clipped, rate);
    tf.dispose([...mean.values(), ...clipped.values()]);
    this.discard();
    return (await readScalars({ norm })).norm!;
  }

  /** Forgets accumulated gradients: a step that was broken off. */
  discard(): void {
    this.#tf.dispose([...this.#sums.values()]);
    this.#sums.clear();
    this.#parts = 0;
  }

  /** One step on one batch. @returns the value of each loss part, their total and the gradients' norm */
  async step(objective: () => LossParts, rate: number): Promise<Record<string, number>> {
    const values = await this.accumulate(objective);
    return { ...values, gradient: await this.apply(rate) };
  }

  /** Adam's moments, for checkpoints. */
  state(): Promise<{ tensors: Map<string, TensorData>; step: number }> {
    return this.#adam.state();
  }

  restore(state: { readonly tensors: ReadonlyMap<string, TensorData>; readonly step: number }): void {
    this.#adam.restore(state, this.#variables);
  }

  dispose(): void {
    this.discard();
    this.#adam.dispose();
  }
}
