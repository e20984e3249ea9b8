import type * as core from '@tensorflow/tfjs-core';
import { Adam, type AdamOptions, clipByGlobalNorm } from './adam.ts';

type Tf = Omit<typeof core, 'default'>;

/** Named parts of a loss, already weighted; their sum is what is minimised. */
export type LossParts = Readonly<Record<string, core.Scalar>>;

/** Largest joint norm of a step's gradients. */
const GRADIENT_LIMIT = 1;

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

  /** One step: forward, backward, clip, Adam. @returns the value of each loss part */
  step(objective: () => LossParts, rate: number): Record<string, number> {
    const tf = this.#tf;
    const values: Record<string, number> = {};
    const list = [...this.#variables.values()];
    const { value, grads } = tf.variableGrads(() => {
      const parts = objective();
      const tensors = Object.values(parts);
      // Reading a part waits for it alone; gradients are not computed yet.
      for (const [name, part] of Object.entries(parts)) values[name] = part.dataSync()[0]!;
      return tf.addN(tensors) as core.Scalar;
    }, list);
    const byName = new Map<string, core.Tensor>();
    for (const [name, variable] of this.#variables) {
      const gradient = grads[variable.name];
      if (gradient) byName.set(name, gradient);
    }
    const { clipped, norm } = clipByGlobalNorm(tf, byName, GRADIENT_LIMIT);
    this.#adam.apply(this.#variables, clipped, rate);
    values.total = value.dataSync()[0]!;
    values.gradient = norm.dataSync()[0]!;
    tf.dispose([value, norm, ...Object.values(grads), ...clipped.values()]);
    return values;
  }

  dispose(): void {
    this.#adam.dispose();
  }
}
