import type * as core from '@tensorflow/tfjs-core';
import { MangaError } from '../errors/manga-error.ts';
import { createTfjsOps } from '../network/tfjs/ops.ts';
import { checkInputs } from './check-inputs.ts';
import type { DType, Engine, EngineTensor, Program, TensorData, Weights } from './engine.ts';
import { loadTensorflow, loadWebgpu } from './load-tfjs.ts';

class TfjsTensor implements EngineTensor {
  readonly tensor: core.Tensor;
  readonly dtype: DType;

  constructor(tensor: core.Tensor, dtype: DType) {
    this.tensor = tensor;
    this.dtype = dtype;
  }

  get shape(): readonly number[] {
    return this.tensor.shape;
  }

  get byteLength(): number {
    return this.tensor.size * 4;
  }
}

/** How many checkpoints' weights stay uploaded. */
const MAX_WEIGHTS = 4;

/** An engine on TensorFlow.js. @throws MangaError ENGINE_MISSING when its library does not load. */
export async function createTfjsEngine(name: 'tensorflow' | 'webgpu'): Promise<Engine> {
  const { tf, description } = await (name === 'tensorflow' ? loadTensorflow() : loadWebgpu());
  const ops = createTfjsOps(tf);
  const uploaded = new Map<string, Map<string, core.Tensor>>();
  const live = new Set<TfjsTensor>();

  function weightsOf(weights: Weights): Map<string, core.Tensor> {
    const known = uploaded.get(weights.id);
    if (known) return known;
    for (const [id, tensors] of uploaded) {
      if (uploaded.size < MAX_WEIGHTS) break;
      for (const tensor of tensors.values()) tensor.dispose();
      uploaded.delete(id);
    }
    const tensors = new Map<string, core.Tensor>();
    for (const [key, { data, shape }] of weights.tensors) tensors.set(key, tf.tensor(data, [...shape], 'float32'));
    uploaded.set(weights.id, tensors);
    return tensors;
  }

  function keep(tensor: core.Tensor, dtype: DType): EngineTensor {
    const result = new TfjsTensor(tensor, dtype);
    live.add(result);
    return result;
  }

  return {
    name,
    description,
    canTrain: true,
    upload({ data, shape }: TensorData): EngineTensor {
      return keep(
        tf.tensor(data instanceof Float32Array ? data : Float32Array.from(data), [...shape], 'float32'),
        'float32',
      );
    },
    async read(tensor: EngineTensor): Promise<TensorData> {
      const own = tensor as TfjsTensor;
      const raw = await own.tensor.data();
      const data = own.dtype === 'uint8' ? Uint8Array.from(raw) : Float32Array.from(raw);
      return { shape: [...own.shape], dtype: own.dtype, data };
    },
    dispose(tensor: EngineTensor): void {
      const own = tensor as TfjsTensor;
      if (live.delete(own)) own.tensor.dispose();
    },
    async run(program: Program, weights: Weights, inputs: Readonly<Record<string, EngineTensor>>) {
      checkInputs(program, inputs);
      const tensors = weightsOf(weights);
      const weight = (key: string) => {
        const found = tensors.get(key);
        if (!found)
          throw new MangaError('MODEL_MISSING', `The checkpoint has no weight '${key}', which ${program.name} needs.`);
        return found;
      };
      const given = Object.fromEntries(
        Object.entries(inputs).map(([key, value]) => [key, (value as TfjsTensor).tensor]),
      );
      const outputs = tf.tidy(() => {
        const built = program.build(ops, weight, given);
        // An output may be an input or a weight itself: clone, so that the caller owns what it disposes.
        return Object.fromEntries(program.outputs.map((key) => [key, tf.clone(built[key]!)]));
      });
      return Object.fromEntries(
        Object.entries(outputs).map(([key, tensor]) => [
          key,
          keep(tensor, tensor.dtype === 'int32' ? 'uint8' : 'float32'),
        ]),
      );
    },
    memory() {
      let bytes = 0;
      for (const tensor of live) bytes += tensor.byteLength;
      return { tensors: live.size, bytes };
    },
    async close() {
      for (const tensor of live) tensor.tensor.dispose();
      live.clear();
      for (const tensors of uploaded.values()) for (const tensor of tensors.values()) tensor.dispose();
      uploaded.clear();
    },
  };
}
