import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';

/** A float tensor's content in host memory. */
export async function hostCopy(tensor: core.Tensor): Promise<TensorData & { readonly data: Float32Array }> {
  return { shape: [...tensor.shape], dtype: 'float32', data: Float32Array.from(await tensor.data()) };
}
