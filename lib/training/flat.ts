import type * as core from '@tensorflow/tfjs-core';

type Tf = Omit<typeof core, 'default'>;

/**
 * The values of many named tensors as one vector, one after another. An optimiser's rules go over every weight alike: on
 * one vector they are a dozen operations, on the weights of a network hundreds.
 */
export class Flat {
  readonly #tf: Tf;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #sizes: readonly number[];
  readonly size: number;

  /** @param tensors whose names, order and shapes are kept */
  constructor(tf: Tf, tensors: ReadonlyMap<string, core.Tensor>) {
    this.#tf = tf;
    this.#shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
    this.#sizes = [...tensors.values()].map(({ size }) => size);
    this.size = this.#sizes.reduce((a, b) => a + b, 0);
  }

  /** @param tensors by name; what is missing counts as zeros @returns [size] */
  gather(tensors: ReadonlyMap<string, core.Tensor>): core.Tensor1D {
    const tf = this.#tf;
    return tf.tidy(() => {
      const parts = [...this.#shapes.keys()].map((name, i) => {
        const tensor = tensors.get(name);
        return tensor ? tf.reshape(tensor, [-1]) : tf.zeros([this.#sizes[i]!]);
      });
      return tf.concat(parts) as core.Tensor1D;
    });
  }

  /** @param vector [size] @returns its pieces, in their shapes. Inside tf.tidy, or dispose each. */
  scatter(vector: core.Tensor): Map<string, core.Tensor> {
    const tf = this.#tf;
    const pieces = tf.split(vector, [...this.#sizes]);
    const named = [...this.#shapes].map(([name, shape], i) => [name, tf.reshape(pieces[i]!, [...shape])] as const);
    tf.dispose(pieces);
    return new Map(named);
  }

  /** @param data of such a vector @returns its pieces in host memory */
  *slices(data: Float32Array): Generator<{ name: string; shape: readonly number[]; data: Float32Array }> {
    let at = 0;
    let i = 0;
    for (const [name, shape] of this.#shapes) {
      const size = this.#sizes[i++]!;
      yield { name, shape, data: data.slice(at, at + size) };
      at += size;
    }
  }

  /** [size], 1 where a piece of these names lies, 0 elsewhere. @returns null when that is everywhere */
  mask(names: ReadonlySet<string>): core.Tensor1D | null {
    if ([...this.#shapes.keys()].every((name) => names.has(name))) return null;
    const values = new Uint8Array(this.size);
    let at = 0;
    [...this.#shapes.keys()].forEach((name, i) => {
      if (names.has(name)) values.fill(1, at, at + this.#sizes[i]!);
      at += this.#sizes[i]!;
    });
    return this.#tf.tensor1d(values, 'bool');
  }
}
