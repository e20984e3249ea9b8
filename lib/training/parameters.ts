import type * as core from '@tensorflow/tfjs-core';
import type { TensorData, Weights } from '../engines/engine.ts';
import { Flat } from './flat.ts';
import { hostCopy } from './host-copy.ts';

type Tf = Omit<typeof core, 'default'>;

/** Suffixes of the two variables that a weight-normalised weight is held as. */
const DIRECTION = '.direction';
const LENGTH = '.length';

/**
 * The trainable weights of a network as TensorFlow.js variables, and their exponential moving average, which is what
 * gets exported (Polyak averaging). Weight-normalised ones (Salimans 2016, eq. 2) are w = length · direction / ‖direction‖,
 * the norm taken over all axes but the last (one length an output channel).
 */
export class Parameters {
  readonly variables = new Map<string, core.Variable>();
  readonly #flat: Flat;
  /** As one vector. */
  readonly #average: core.Variable;
  readonly #tf: Tf;
  readonly #isNormalised: (name: string) => boolean;

  constructor(tf: Tf, weights: Weights, isNormalised: (name: string) => boolean) {
    this.#tf = tf;
    this.#isNormalised = isNormalised;
    for (const [name, { data, shape }] of weights.tensors) {
      const value = tf.tensor(data, [...shape], 'float32');
      if (isNormalised(name)) {
        const length = this.#norm(value);
        this.#add(name + DIRECTION, value);
        this.#add(name + LENGTH, length);
        tf.dispose(length);
      } else this.#add(name, value);
      tf.dispose(value);
    }
    this.#flat = new Flat(tf, this.variables);
    this.#average = tf.tidy(() => tf.variable(this.#flat.gather(this.variables), false));
  }

  #add(name: string, value: core.Tensor): void {
    this.variables.set(name, this.#tf.variable(value, true));
  }

  #norm(value: core.Tensor): core.Tensor {
    const axes = value.shape.map((_, i) => i).slice(0, -1);
    return this.#tf.tidy(() => this.#tf.sqrt(this.#tf.add(this.#tf.sum(this.#tf.square(value), axes, true), 1e-12)));
  }

  #effective(from: ReadonlyMap<string, core.Tensor>, name: string): core.Tensor {
    if (!this.#isNormalised(name)) return from.get(name)!;
    const direction = from.get(name + DIRECTION)!;
    return this.#tf.mul(direction, this.#tf.div(from.get(name + LENGTH)!, this.#norm(direction)));
  }

  /** The weight a block asks for, differentiable. Inside tf.tidy. */
  weight = (name: string): core.Tensor => this.#effective(this.variables, name);

  /** Variables of the blocks whose weight names start with one of the prefixes. */
  select(prefixes: readonly string[]): Map<string, core.Variable> {
    return new Map([...this.variables].filter(([name]) => prefixes.some((prefix) => name.startsWith(prefix))));
  }

  /** average = decay · average + (1 - decay) · variable */
  updateAverage(decay: number): void {
    this.moveAverage(1 - decay);
  }

  /** average += share · (variable - average) */
  moveAverage(share: number | core.Scalar): void {
    const tf = this.#tf;
    tf.tidy(() => {
      const step = tf.mul(tf.sub(this.#flat.gather(this.variables), this.#average), share);
      this.#average.assign(tf.add(this.#average, step));
    });
  }

  /** Averaged weights, weight norm folded in, under the names that blocks use. */
  async export(id: string): Promise<Weights> {
    const tensors = new Map<string, TensorData>();
    const names = new Set([...this.variables.keys()].map((key) => key.replace(DIRECTION, '').replace(LENGTH, '')));
    const average = this.#flat.scatter(this.#average);
    for (const name of [...names].sort()) {
      const value = this.#tf.tidy(() => this.#tf.clone(this.#effective(average, name)));
      tensors.set(name, { shape: [...value.shape], dtype: 'float32', data: Float32Array.from(await value.data()) });
      value.dispose();
    }
    this.#tf.dispose([...average.values()]);
    return { id, tensors };
  }

  /** Everything needed to go on: `variable/NAME` and `average/NAME`. */
  async state(): Promise<Map<string, TensorData>> {
    const tensors = new Map<string, TensorData>();
    for (const [name, variable] of this.variables) tensors.set(`variable/${name}`, await hostCopy(variable));
    const { data } = await hostCopy(this.#average);
    for (const { name, ...piece } of this.#flat.slices(data))
      tensors.set(`average/${name}`, { ...piece, dtype: 'float32' });
    return tensors;
  }

  restore(state: ReadonlyMap<string, TensorData>): void {
    const tf = this.#tf;
    tf.tidy(() => {
      const saved = (key: string) => {
        const { data, shape } = state.get(key)!;
        return tf.tensor(data, [...shape], 'float32');
      };
      for (const [name, variable] of this.variables) variable.assign(saved(`variable/${name}`));
      const averages = [...this.variables.keys()].map((name) => [name, saved(`average/${name}`)] as const);
      this.#average.assign(this.#flat.gather(new Map(averages)));
    });
  }

  dispose(): void {
    for (const variable of [...this.variables.values(), this.#average]) variable.dispose();
  }
}
