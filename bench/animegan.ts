/**
 * The generator of AnimeGANv2 (Chen, Liu, Chen 2019; github.com/TachibanaYoshino/AnimeGANv2, net/generator.py) as an
 * ONNX graph with random weights: the layer list, and so the time of a frame, of the best-known small network that draws
 * photos as anime frame by frame. 2,141,760 parameters, 26.3 GMAC at 256x256.
 *
 * Every convolution but the last is followed by layer normalisation over the whole picture with a scale and a shift a
 * channel, and by leaky ReLU (0.2), except where a block's last convolution meets the skip; the two enlargements are
 * bilinear. One thing differs, in its favour: borders are padded with zeros, not mirrored.
 */
import type { TensorData } from '../lib/engines/engine.ts';
import { GraphRecorder } from '../lib/network/onnx/graph-recorder.ts';
import { encodeModel } from '../lib/network/onnx/model.ts';
import type { OnnxValue } from '../lib/network/onnx/value.ts';
import { Random } from '../lib/random.ts';
import { CountingOps, weightValue } from './counting-ops.ts';

const SLOPE = 0.2;
const VARIANCE_FLOOR = 1e-5;

export interface PeerGraph {
  /** Bytes of a .onnx file: `photo` [1,3,side,side] in -1..1 to `anime` of the same shape. */
  readonly model: Uint8Array;
  readonly parameters: number;
  readonly macs: number;
}

class Recorder {
  readonly graph = new GraphRecorder();
  readonly ops = new CountingOps(this.graph);
  readonly #random = new Random(1);
  #count = 0;
  parameters = 0;

  #weight(shape: readonly number[], fill: (fanIn: number) => number): OnnxValue {
    const size = shape.reduce((a, b) => a * b, 1);
    const fanIn = size / shape.at(-1)!;
    const data: TensorData = { shape, dtype: 'float32', data: Float32Array.from({ length: size }, () => fill(fanIn)) };
    this.parameters += size;
    return weightValue(`weight${this.#count++}`, data);
  }

  #normal = (fanIn: number): number => this.#random.normal() * Math.sqrt(2 / fanIn);

  convolve(x: OnnxValue, kernel: number, channels: number, stride: 1 | 2 = 1): OnnxValue {
    const filter = this.#weight([kernel, kernel, x.shape[3]!, channels], this.#normal);
    return this.ops.conv2d(x, filter, null, stride);
  }

  /** One filter a channel; Ops has no such convolution. */
  depthwise(x: OnnxValue, kernel: number): OnnxValue {
    const [, height, width, channels] = x.shape as number[];
    const weights = this.#weight([kernel * kernel, channels!], this.#normal).weight!;
    const data = { ...weights.data, shape: [channels!, 1, kernel, kernel] };
    const filter = this.graph.weight(weights.name, () => data);
    const attributes = { auto_pad: { string: 'SAME_UPPER' }, group: { int: channels! } };
    this.ops.macs += height! * width! * channels! * kernel * kernel;
    return { name: this.graph.node('Conv', [x.name, filter], attributes), shape: x.shape };
  }

  /**
   * (x - mean) / deviation over height, width and channels, then scale and shift. Folded into one product and one sum,
   * the moments by pooling: of the forms that ONNX Runtime can run, the one that keeps all threads busy.
   */
  normalise(x: OnnxValue): OnnxValue {
    const g = this.graph;
    const channels = x.shape[3]!;
    const perChannel = (value: number): string => {
      const { name, data } = this.#weight([channels], () => value).weight!;
      return g.weight(name, () => ({ ...data, shape: [1, channels, 1, 1] }));
    };
    const scale = perChannel(1);
    const shift = perChannel(0);
    const meanOf = (name: string): string =>
      g.node('ReduceMean', [g.node('GlobalAveragePool', [name])], { axes: { ints: [1] } });
    const mean = meanOf(x.name);
    const variance = g.node('Sub', [meanOf(g.node('Mul', [x.name, x.name])), g.node('Mul', [mean, mean])]);
    const deviation = g.node('Sqrt', [g.node('Add', [variance, g.scalar(VARIANCE_FLOOR)])]);
    const factor = g.node('Div', [scale, deviation]);
    const offset = g.node('Sub', [shift, g.node('Mul', [mean, factor])]);
    return { name: g.node('Add', [g.node('Mul', [x.name, factor]), offset]), shape: x.shape };
  }

  layer(x: OnnxValue, kernel: number, channels: number, stride: 1 | 2 = 1): OnnxValue {
    return this.activate(this.normalise(this.convolve(x, kernel, channels, stride)));
  }

  activate(x: OnnxValue): OnnxValue {
    return this.ops.leakyRelu(x, SLOPE);
  }

  /** Inverted residual block (Sandler 2018), twice as wide inside. */
  block(x: OnnxValue, channels: number): OnnxValue {
    const inside = this.layer(x, 1, 2 * x.shape[3]!);
    const filtered = this.activate(this.normalise(this.depthwise(inside, 3)));
    const out = this.normalise(this.convolve(filtered, 1, channels));
    return x.shape[3] === channels ? this.ops.add(x, out) : out;
  }
}

/** @param side of the picture, a multiple of 4 */
export function animeganGraph(side: number): PeerGraph {
  const r = new Recorder();
  let x: OnnxValue = { name: 'photo', shape: [1, side, side, 3] };
  x = r.layer(x, 7, 32);
  x = r.layer(x, 3, 64, 2);
  x = r.layer(x, 3, 64);
  x = r.layer(x, 3, 128, 2);
  x = r.layer(x, 3, 128);
  x = r.layer(x, 3, 128);
  for (let i = 0; i < 4; i++) x = r.block(x, 256);
  x = r.layer(x, 3, 128);
  x = r.layer(r.ops.enlarge(x, 2), 3, 128);
  x = r.layer(x, 3, 128);
  x = r.layer(r.ops.enlarge(x, 2), 3, 64);
  x = r.layer(x, 3, 64);
  x = r.layer(x, 7, 32);
  x = r.ops.tanh(r.convolve(x, 1, 3));
  const shape = [1, 3, side, side];
  const port = (name: string) => ({ name, dtype: 'float32' as const, shape });
  const graph = r.graph.finish('animegan-v2', [port('photo')], [{ port: port('anime'), value: x.name }]);
  return { model: encodeModel(graph), parameters: r.parameters, macs: r.ops.macs };
}
