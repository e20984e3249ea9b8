import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';
import { Adam, type AdamOptions, clipFactor } from './adam.ts';
import { Flat } from './flat.ts';

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
  readonly #flat: Flat;
  /** Gradients that were accumulated, as one vector, and the names of the variables that had one. */
  #sum: core.Tensor | null = null;
  readonly #present = new Set<string>();
  #parts = 0;

  constructor(tf: Tf, variables: ReadonlyMap<string, core.Variable>, options: OptimiserOptions) {
    this.#tf = tf;
    this.#adam = new Adam(tf, variables, options);
    this.#flat = new Flat(tf, variables);
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
    const named = new Map<string, core.Tensor>();
    for (const [name, variable] of this.#variables) {
      const gradient = grads[variable.name];
      if (gradient) named.set(name, gradient);
    }
    const gathered = this.#flat.gather(named);
    const before = this.#sum;
    this.#sum = before ? tf.add(before, gathered) : gathered;
    tf.dispose([...named.values(), ...(before ? [before, gathered] : [])]);
    for (const name of named.keys()) this.#present.add(name);
    this.#parts++;
    return readScalars({ ...kept, total: value });
  }

  /** Clips the mean of the accumulated gradients and takes one Adam step. @returns the gradients' norm before clipping */
  async apply(rate: number): Promise<number> {
    const tf = this.#tf;
    const norm = tf.tidy(() => {
      const mean = this.#parts === 1 ? this.#sum! : tf.div(this.#sum!, this.#parts);
      const clip = clipFactor(tf, mean, this.#clipNorm);
      this.#adam.apply(tf.mul(mean, clip.factor), this.#present, rate);
      return clip.norm;
    });
    this.discard();
    return (await readScalars({ norm })).norm!;
  }

  /** Forgets accumulated gradients: a step that was broken off. */
  discard(): void {
    this.#sum?.dispose();
    this.#sum = null;
    this.#present.clear();
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
    this.#adam.restore(state);
  }

  dispose(): void {
    this.discard();
    this.#adam.dispose();
  }
}
