/**
 * Interprets {@link Ops} by recording an ONNX graph. Images lie channels first inside the graph; shapes in this file's
 * values stay as blocks see them, channels last.
 */
import type { Ops } from '../ops.ts';
import type { GraphRecorder } from './graph-recorder.ts';
import { broadcast, channelsFirst, type OnnxValue, permute, type Size } from './value.ts';
import { bilinear } from './warp.ts';

const UINT8 = 2;
const VARIANCE_FLOOR = 1e-5;

export class OnnxOps implements Ops<OnnxValue> {
  readonly #g: GraphRecorder;

  constructor(recorder: GraphRecorder) {
    this.#g = recorder;
  }

  /** Name of a value; of a weight, after making it a constant of the graph. */
  use(value: OnnxValue): string {
    if (!value.weight) return value.name;
    const { name, data } = value.weight;
    if (data.shape.length !== 4) return this.#g.weight(name, () => data);
    return this.#g.weight(`${name}#image`, () => permute(data, [0, 3, 1, 2]));
  }

  // ---- images ----

  conv2d(x: OnnxValue, filter: OnnxValue, bias: OnnxValue | null, stride: 1 | 2): OnnxValue {
    const inputs = [this.use(x), this.#filter(filter, [3, 2, 0, 1])];
    if (bias) inputs.push(this.use(bias));
    const shape = [x.shape[0], shrink(x.shape[1], stride), shrink(x.shape[2], stride), filter.shape[3]];
    const attributes = { auto_pad: { string: 'SAME_UPPER' }, strides: { ints: [stride, stride] } };
    return { name: this.#g.node('Conv', inputs, attributes), shape };
  }

  concat(xs: readonly OnnxValue[]): OnnxValue {
    const name = this.#g.node('Concat', this.#all(xs), { axis: { int: 1 } });
    return { name, shape: joined(xs), parts: xs };
  }

  channels(x: OnnxValue, begin: number, size: number): OnnxValue {
    return this.#slice(x, 1, begin, size);
  }

  upsample2(x: OnnxValue): OnnxValue {
    return this.#resize(x, 2, {
      mode: { string: 'nearest' },
      coordinate_transformation_mode: { string: 'asymmetric' },
      nearest_mode: { string: 'floor' },
    });
  }

  enlarge(x: OnnxValue, factor: number): OnnxValue {
    return this.#resize(x, factor, {
      mode: { string: 'linear' },
      coordinate_transformation_mode: { string: 'half_pixel' },
    });
  }

  pixelShuffle2(x: OnnxValue): OnnxValue {
    const name = this.#g.node('DepthToSpace', [this.use(x)], { blocksize: { int: 2 }, mode: { string: 'DCR' } });
    const [batch, height, width, channels] = x.shape;
    return { name, shape: [batch, times(height, 2), times(width, 2), times(channels, 0.25)] };
  }

  spaceToDepth2(x: OnnxValue): OnnxValue {
    const name = this.#g.node('SpaceToDepth', [this.use(x)], { blocksize: { int: 2 } });
    const [batch, height, width, channels] = x.shape;
    return { name, shape: [batch, times(height, 0.5), times(width, 0.5), times(channels, 4)] };
  }

  globalMean(x: OnnxValue): OnnxValue {
    const name = this.#g.node('Flatten', [this.#g.node('GlobalAveragePool', [this.use(x)])]);
    return { name, shape: [x.shape[0], x.shape[3]] };
  }

  instanceNorm(x: OnnxValue): OnnxValue {
    const channels = x.shape[3];
    if (channels === null) throw new Error('instanceNorm needs a fixed number of channels');
    const ones = this.#g.floats([channels], new Array(channels).fill(1));
    const zeros = this.#g.floats([channels], new Array(channels).fill(0));
    const attributes = { epsilon: { float: VARIANCE_FLOOR } };
    return { name: this.#g.node('InstanceNormalization', [this.use(x), ones, zeros], attributes), shape: x.shape };
  }

  scaleShift(x: OnnxValue, scale: OnnxValue, shift: OnnxValue): OnnxValue {
    const overImage = (value: OnnxValue) => this.#g.node('Unsqueeze', [this.use(value), this.#g.ints(2, 3)]);
    const scaled = this.#g.node('Mul', [this.use(x), overImage(scale)]);
    return { name: this.#g.node('Add', [scaled, overImage(shift)]), shape: x.shape };
  }

  warp(image: OnnxValue, coords: OnnxValue): OnnxValue {
    const [x, y] =
      coords.parts?.length === 2 ? coords.parts : [this.channels(coords, 0, 1), this.channels(coords, 1, 1)];
    const name = bilinear(this.#g, this.use(image), image.shape[3], this.use(x), this.use(y));
    return { name, shape: [coords.shape[0], coords.shape[1], coords.shape[2], image.shape[3]] };
  }

  stackFrames(x: OnnxValue, frames: number): OnnxValue {
    const apart = this.#reshape(this.use(x), [-1, frames, 0, 0]);
    const [batch, height, width] = x.shape;
    return {
      name: this.#reshape(apart, [0, 1, -1, 0]),
      shape: [times(batch, 1 / frames), times(height, frames), width, 1],
    };
  }

  unstackFrames(x: OnnxValue, frames: number): OnnxValue {
    const apart = this.#reshape(this.use(x), [0, frames, -1, 0]);
    const [batch, height, width] = x.shape;
    return {
      name: this.#reshape(apart, [-1, 1, 0, 0]),
      shape: [times(batch, frames), times(height, 1 / frames), width, 1],
    };
  }

  sliceFrames(x: OnnxValue, frames: number, begin: number, size: number): OnnxValue {
    const [batch, height, width, channels] = x.shape;
    if (channels === null) throw new Error('sliceFrames needs a fixed number of channels');
    // Channels first, the frames of a clip lie one after another as if they were its channels.
    const ints = (value: number) => this.#g.ints(value * channels);
    const clips = this.#reshape(this.use(x), [-1, frames * channels, 0, 0]);
    const part = this.#g.node('Slice', [clips, ints(begin), ints(begin + size), this.#g.ints(1)]);
    return {
      name: this.#reshape(part, [-1, channels, 0, 0]),
      shape: [times(batch, size / frames), height, width, channels],
    };
  }

  perImage(x: OnnxValue): OnnxValue {
    return { name: this.#g.node('Unsqueeze', [this.use(x), this.#g.ints(1, 2, 3)]), shape: [x.shape[0], 1, 1, 1] };
  }

  // ---- vectors and sequences ----

  dense(x: OnnxValue, w: OnnxValue, b: OnnxValue | null): OnnxValue {
    const product = this.#g.node('MatMul', [this.use(x), this.use(w)]);
    const name = b ? this.#g.node('Add', [product, this.use(b)]) : product;
    return { name, shape: [...x.shape.slice(0, -1), w.shape[1]] };
  }

  causalConv1d(x: OnnxValue, w: OnnxValue, b: OnnxValue, dilation: number): OnnxValue {
    const length = w.shape[0];
    if (length === null) throw new Error('causalConv1d needs a filter of fixed length');
    const swap = { perm: { ints: [0, 2, 1] } };
    const inputs = [this.#g.node('Transpose', [this.use(x)], swap), this.#filter(w, [2, 1, 0]), this.use(b)];
    const attributes = { dilations: { ints: [dilation] }, pads: { ints: [(length - 1) * dilation, 0] } };
    const name = this.#g.node('Transpose', [this.#g.node('Conv', inputs, attributes)], swap);
    return { name, shape: [x.shape[0], x.shape[1], w.shape[2]] };
  }

  toSteps(x: OnnxValue, frames: number): OnnxValue {
    const [batch, channels] = x.shape;
    if (channels === null) throw new Error('toSteps needs a fixed number of channels');
    return {
      name: this.#reshape(this.use(x), [-1, frames, channels]),
      shape: [times(batch, 1 / frames), frames, channels],
    };
  }

  meanSteps(x: OnnxValue): OnnxValue {
    const name = this.#g.node('ReduceMean', [this.use(x)], { axes: { ints: [1] }, keepdims: { int: 0 } });
    return { name, shape: [x.shape[0], x.shape[2]] };
  }

  repeatSteps(x: OnnxValue, like: OnnxValue): OnnxValue {
    const steps = this.#g.node('Shape', [this.use(like)], { start: { int: 1 }, end: { int: 2 } });
    const one = this.#g.ints(1);
    const shape = this.#g.node('Concat', [one, steps, one], { axis: { int: 0 } });
    const step = this.#g.node('Unsqueeze', [this.use(x), one]);
    return { name: this.#g.node('Expand', [step, shape]), shape: [x.shape[0], like.shape[1], x.shape[1]] };
  }

  concatLast(xs: readonly OnnxValue[]): OnnxValue {
    return { name: this.#g.node('Concat', this.#all(xs), { axis: { int: -1 } }), shape: joined(xs) };
  }

  sliceLast(x: OnnxValue, begin: number, size: number): OnnxValue {
    return this.#slice(x, x.shape.length - 1, begin, size);
  }

  column(x: OnnxValue, index: number): OnnxValue {
    const name = this.#g.node('Gather', [this.use(x), this.#g.int(index)], { axis: { int: 1 } });
    return { name, shape: [x.shape[0]] };
  }

  // ---- element by element ----

  add = this.#binary('Add');
  sub = this.#binary('Sub');
  mul = this.#binary('Mul');
  div = this.#binary('Div');
  min = this.#binary('Min');
  max = this.#binary('Max');
  abs = this.#unary('Abs');
  exp = this.#unary('Exp');
  sqrt = this.#unary('Sqrt');
  sin = this.#unary('Sin');
  cos = this.#unary('Cos');
  tanh = this.#unary('Tanh');
  sigmoid = this.#unary('Sigmoid');
  relu = this.#unary('Relu');

  affine(a: OnnxValue, scale: number, offset: number): OnnxValue {
    const scaled = scale === 1 ? this.use(a) : this.#g.node('Mul', [this.use(a), this.#g.scalar(scale)]);
    return { name: offset === 0 ? scaled : this.#g.node('Add', [scaled, this.#g.scalar(offset)]), shape: a.shape };
  }

  clip(x: OnnxValue, low: number, high: number): OnnxValue {
    const name = this.#g.node('Clip', [this.use(x), this.#g.scalar(low), this.#g.scalar(high)]);
    return { name, shape: x.shape };
  }

  leakyRelu(x: OnnxValue, slope: number): OnnxValue {
    return { name: this.#g.node('LeakyRelu', [this.use(x)], { alpha: { float: slope } }), shape: x.shape };
  }

  wrap(x: OnnxValue): OnnxValue {
    const nearest = this.#g.node('Floor', [this.#g.node('Add', [this.use(x), this.#g.scalar(0.5)])]);
    return { name: this.#g.node('Sub', [this.use(x), nearest]), shape: x.shape };
  }

  toBytes(x: OnnxValue): OnnxValue {
    const levels = this.#g.node('Round', [this.affine(this.clip(x, 0, 1), 255, 0).name]);
    return { name: this.#g.node('Cast', [levels], { to: { int: UINT8 } }), shape: x.shape, dtype: 'uint8' };
  }

  // ---- helpers ----

  #binary(type: string) {
    return (a: OnnxValue, b: OnnxValue): OnnxValue => ({
      name: this.#g.node(type, [this.use(a), this.use(b)]),
      shape: broadcast(a.shape, b.shape),
    });
  }

  #unary(type: string) {
    return (x: OnnxValue): OnnxValue => ({ name: this.#g.node(type, [this.use(x)]), shape: x.shape });
  }

  #all(values: readonly OnnxValue[]): string[] {
    return values.map((value) => this.use(value));
  }

  /** A filter in ONNX's order of axes. @param order where each ONNX axis is in the checkpoint's filter */
  #filter(value: OnnxValue, order: readonly number[]): string {
    if (value.weight) {
      const { name, data } = value.weight;
      return this.#g.weight(`${name}#filter`, () => permute(data, order));
    }
    const stored = channelsFirst(order.map((_, i) => i));
    return this.#g.node('Transpose', [value.name], { perm: { ints: order.map((axis) => stored.indexOf(axis)) } });
  }

  #reshape(name: string, shape: readonly number[]): string {
    return this.#g.node('Reshape', [name, this.#g.ints(...shape)]);
  }

  #slice(x: OnnxValue, axis: number, begin: number, size: number): OnnxValue {
    const ints = (value: number) => this.#g.ints(value);
    const name = this.#g.node('Slice', [this.use(x), ints(begin), ints(begin + size), ints(axis)]);
    return { name, shape: [...x.shape.slice(0, -1), size] };
  }

  #resize(x: OnnxValue, factor: number, attributes: Record<string, { string: string }>): OnnxValue {
    const scales = this.#g.floats([4], [1, 1, factor, factor]);
    const [batch, height, width, channels] = x.shape;
    return {
      name: this.#g.node('Resize', [this.use(x), '', scales], attributes),
      shape: [batch, times(height, factor), times(width, factor), channels],
    };
  }
}

function times(size: Size, factor: number): Size {
  return size === null ? null : size * factor;
}

function shrink(size: Size, stride: number): Size {
  return size === null ? null : Math.ceil(size / stride);
}

/** Shape of values joined along the last axis. */
function joined(xs: readonly OnnxValue[]): Size[] {
  const last = xs.map((x) => x.shape.at(-1) ?? null);
  const sum = last.includes(null) ? null : last.reduce<number>((total, size) => total + (size ?? 0), 0);
  return [...xs[0].shape.slice(0, -1), sum];
}
