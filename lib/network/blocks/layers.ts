import type { Ops } from '../ops.ts';

/** Slope of every leaky ReLU of the generator. */
export const SLOPE = 0.2;

/** The weights of one program, by name. */
export type WeightOf<T extends object> = (name: string) => T;

export function conv<T extends object>(ops: Ops<T>, weight: WeightOf<T>, name: string, x: T, stride: 1 | 2 = 1): T {
  return ops.conv2d(x, weight(`${name}.weight`), weight(`${name}.bias`), stride);
}

export function dense<T extends object>(ops: Ops<T>, weight: WeightOf<T>, name: string, x: T): T {
  return ops.dense(x, weight(`${name}.weight`), weight(`${name}.bias`));
}

/** x + conv(act(conv(x))), without normalisation as in EDSR (Lim 2017): what a picture's brightness says is kept. */
export function residual<T extends object>(ops: Ops<T>, weight: WeightOf<T>, name: string, x: T): T {
  const hidden = ops.leakyRelu(conv(ops, weight, `${name}.a`, x), SLOPE);
  return ops.add(x, conv(ops, weight, `${name}.b`, hidden));
}

/** Feature-wise modulation by the style code (FiLM, Perez 2018): x * (1 + gamma(s)) + beta(s). */
export function modulate<T extends object>(
  ops: Ops<T>,
  weight: WeightOf<T>,
  name: string,
  x: T,
  style: T,
  channels: number,
): T {
  const both = dense(ops, weight, name, style);
  const gamma = ops.affine(ops.sliceLast(both, 0, channels), 1, 1);
  return ops.scaleShift(x, gamma, ops.sliceLast(both, channels, channels));
}
