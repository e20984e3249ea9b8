import type { TensorData, Weights } from '../engines/engine.ts';
import type { Random } from '../random.ts';

/** Shape and initial distribution of one weight: normal with mean 0 and deviation `deviation` (0: zeros). */
export interface WeightSpec {
  readonly shape: readonly number[];
  readonly deviation: number;
}

export type WeightSpecs = Readonly<Record<string, WeightSpec>>;

/** Kaiming deviation for leaky ReLU of slope .2 (He 2015, eq. 15), times `gain`. */
function kaiming(fanIn: number, gain: number): number {
  return gain * Math.sqrt(2 / ((1 + 0.2 ** 2) * fanIn));
}

/** Filter [k,k,in,out] and bias [out] of a convolution. */
export function convSpecs(name: string, kernel: number, inC: number, outC: number, gain = 1): WeightSpecs {
  return {
    [`${name}.weight`]: { shape: [kernel, kernel, inC, outC], deviation: kaiming(kernel * kernel * inC, gain) },
    [`${name}.bias`]: { shape: [outC], deviation: 0 },
  };
}

/** Weight [in,out] and bias [out] of a dense layer. */
export function denseSpecs(name: string, inC: number, outC: number, gain = 1): WeightSpecs {
  return {
    [`${name}.weight`]: { shape: [inC, outC], deviation: kaiming(inC, gain) },
    [`${name}.bias`]: { shape: [outC], deviation: 0 },
  };
}

/** Filter [k,in,out] and bias [out] of a causal 1-D convolution. */
export function conv1dSpecs(name: string, kernel: number, inC: number, outC: number, gain = 1): WeightSpecs {
  return {
    [`${name}.weight`]: { shape: [kernel, inC, outC], deviation: kaiming(kernel * inC, gain) },
    [`${name}.bias`]: { shape: [outC], deviation: 0 },
  };
}

/** Draws every weight from its spec; same generator state, same weights. */
export function randomWeights(specs: WeightSpecs, random: Random, id: string): Weights {
  const tensors = new Map<string, TensorData>();
  for (const name of Object.keys(specs).sort()) {
    const { shape, deviation } = specs[name]!;
    const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
    if (deviation > 0) for (let i = 0; i < data.length; i++) data[i] = deviation * random.normal();
    tensors.set(name, { shape, dtype: 'float32', data });
  }
  return { id, tensors };
}
