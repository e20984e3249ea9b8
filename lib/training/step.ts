import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';
import { openPrograms, type Programs } from '../network/tfjs/compiled/programs.ts';
import { Adam, type AdamOptions, type AdamStep, clipFactor } from './adam.ts';
import { Flat } from './flat.ts';

type Tf = Omit<typeof core, 'default'>;

/** Named parts of a loss, already weighted; their sum is what is minimised. */
export type LossParts = Readonly<Record<string, core.Scalar>>;

export interface OptimiserOptions extends AdamOptions {
  /** Largest joint norm of a step's gradients. */
  readonly clipNorm: number;
}

export type Scalars = Readonly<Record<string, core.Scalar>>;

/** Reads scalars and frees them. */
export async function readScalars(scalars: Readonly<Record<string, core.Tensor>>): Promise<Record<string, number>> {
  const values: Record<string, number> = {};
  for (const [name, scalar] of Object.entries(scalars)) {
    values[name] = (await scalar.data())[0]!;
    scalar.dispose();
  }
  return values;
}

export interface Gradient {
  /** Of all variables, in their order, as one vector. */
  readonly vector: core.Tensor;
  /** Names of the variables that have one. */
  readonly present: ReadonlySet<string>;
  /** Each part of the loss, and `total`. */
  readonly losses: Scalars;
  /** What the objective noted beside. */
  readonly notes: Scalars;
}

/** Computes a loss; `note` takes other values out of it, for people. */
export type Objective = (note: (name: string, value: core.Tensor) => void) => LossParts;

/** Minimises one objective over one set of variables. */
export class Optimiser {
  readonly #tf: Tf;
  readonly #adam: Adam;
  readonly #clipNorm: number;
  readonly #variables: ReadonlyMap<string, core.Variable>;
  readonly #flat: Flat;
  /** Of the gradients of micro-batches so far. */
  readonly #sum: core.Variable;
  #programs: Programs | null = null;

  constructor(tf: Tf, variables: ReadonlyMap<string, core.Variable>, options: OptimiserOptions) {
    this.#tf = tf;
    this.#adam = new Adam(tf, variables, options);
    this.#flat = new Flat(tf, variables);
    this.#clipNorm = options.clipNorm;
    this.#variables = variables;
    this.#sum = tf.tidy(() => tf.variable(tf.zeros([this.#flat.size]), false));
  }

  /** Forward and backward. Inside tf.tidy. */
  gradient(objective: Objective): Gradient {
    const tf = this.#tf;
    const inner: Record<'losses' | 'notes', Record<string, core.Scalar>> = { losses: {}, notes: {} };
    const { value, grads } = tf.variableGrads(() => {
      const parts = objective((name, noted) => {
        inner.notes[name] = tf.keep(noted as core.Scalar);
      });
      for (const [name, part] of Object.entries(parts)) inner.losses[name] = tf.keep(part);
      return tf.addN(Object.values(parts)) as core.Scalar;
    }, [...this.#variables.values()]);
    // Kept through the tape's own tidy, then the caller's.
    const owned = (kept: Readonly<Record<string, core.Scalar>>): Scalars => {
      const entries = Object.entries(kept).map(([name, scalar]) => [name, tf.clone(scalar)] as const);
      tf.dispose(Object.values(kept));
      return Object.fromEntries(entries);
    };
    const named = new Map<string, core.Tensor>();
    for (const [name, variable] of this.#variables) {
      const gradient = grads[variable.name];
      if (gradient) named.set(name, gradient);
    }
    const vector = this.#flat.gather(named);
    tf.dispose([...named.values()]);
    const losses = { ...owned(inner.losses), total: value };
    return { vector, present: new Set(named.keys()), losses, notes: owned(inner.notes) };
  }

  /** Adds the gradient of a micro-batch. Inside tf.tidy. */
  add({ vector }: Gradient): void {
    this.#sum.assign(this.#tf.add(this.#sum, vector));
  }

  /** The sum of what was added times `share`; nothing is left of it. Inside tf.tidy. */
  take(share: core.Scalar): core.Tensor {
    const mean = this.#tf.mul(this.#sum, share);
    this.#sum.assign(this.#tf.zerosLike(this.#sum));
    return mean;
  }

  /** Begins a step. @returns what {@link descend} takes */
  next(rate: number): AdamStep<number> {
    return this.#adam.next(rate);
  }

  /** Clips a gradient and takes one Adam step. Inside tf.tidy. @returns the gradient's norm before clipping */
  descend({ vector, present }: Pick<Gradient, 'vector' | 'present'>, step: AdamStep): core.Scalar {
    const clip = clipFactor(this.#tf, vector, this.#clipNorm);
    this.#adam.descend(this.#tf.mul(vector, clip.factor), present, step);
    return clip.norm;
  }

  /** Forgets what was added: a step that was broken off. */
  discard(): void {
    this.#tf.tidy(() => this.#sum.assign(this.#tf.zerosLike(this.#sum)));
  }

  /**
   * One step on one batch.
   * @param inputs what the objective reads beside variables and what never changes; null where it may not be compiled
   * @returns the value of each loss part, their total and the gradients' norm
   */
  async step(
    objective: Objective,
    rate: number,
    inputs: Readonly<Record<string, core.Tensor>> | null = null,
  ): Promise<Record<string, number>> {
    const tf = this.#tf;
    const next = this.next(rate);
    const scalars = { rate: tf.scalar(next.rate), epsilon: tf.scalar(next.epsilon) };
    const body = () => {
      const gradient = this.gradient(objective);
      return { ...gradient.losses, gradient: this.descend(gradient, scalars) };
    };
    try {
      if (!inputs) return await readScalars(tf.tidy(body));
      this.#programs ??= openPrograms(tf);
      const given = { ...inputs, 'adam.rate': scalars.rate, 'adam.epsilon': scalars.epsilon };
      return await readScalars(this.#programs.run('step', given, body));
    } finally {
      tf.dispose(scalars);
    }
  }

  /** Adam's moments, for checkpoints. */
  state(): Promise<{ tensors: Map<string, TensorData>; step: number }> {
    return this.#adam.state();
  }

  restore(state: { readonly tensors: ReadonlyMap<string, TensorData>; readonly step: number }): void {
    this.#adam.restore(state);
  }

  dispose(): void {
    this.#programs?.dispose();
    this.#sum.dispose();
    this.#adam.dispose();
  }
}
