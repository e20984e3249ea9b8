import type * as core from '@tensorflow/tfjs-core';
import { Adam, type AdamOptions, clipByGlobalNorm } from './adam.ts';

type Tf = Omit<typeof core, 'default'>;

/** Named parts of a loss, already weighted; their sum is what is minimised. */
export type LossParts = Readonly<Record<string, core.Scalar>>;

/** Largest joint norm of a step's gradients. */
const GRADIENT_LIMIT = 1;

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
  readonly #variables: ReadonlyMap<string, core.Variable>;

  constructor(tf: Tf, variables: ReadonlyMap<string, core.Variable>, options?: AdamOptions) {
    this.#tf = tf;
    this.#adam = new Adam(tf, options);
    this.#variables = variables;
  }

  /**
   * One step: forward, backward, clip, Adam. Values are read at the end and not at once, which WebGPU could not.
   * @returns the value of each loss part, their total and the gradients' norm before clipping
   */
  async step(objective: () => LossParts, rate: number): Promise<Record<string, number>> {
    const tf = this.#tf;
    const kept: Record<string, core.Scalar> = {};
    const list = [...this.#variables.values()];
    const { value, grads } = tf.variableGrads(() => {
      const parts = objective();
      for (const [name, part] of Object.entries(parts)) kept[name] = tf.keep(part);
      return tf.addN(Object.values(parts)) as core.Scalar;
    }, list);
    const byName = new Map<string, core.Tensor>();
    for (const [name, variable] of this.#variables) {
      const gradient = grads[variable.name];
      if (gradient) byName.set(name, gradient);
    }
    const { clipped, norm } = clipByGlobalNorm(tf, byName, GRADIENT_LIMIT);
    this.#adam.apply(this.#variables, clipped, rate);
    tf.dispose([...Object.values(grads), ...clipped.values()]);
    return readScalars({ ...kept, total: value, gradient: norm });
  }

  dispose(): void {
    this.#adam.dispose();
  }
}
