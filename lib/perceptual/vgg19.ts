import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import { permute } from '../network/onnx/value.ts';
import { checkLayers, type FeatureNetwork } from './feature-network.ts';
import { readStateDict } from './state-dict.ts';

/*
 * VGG-19 (Simonyan & Zisserman 2015, configuration E) up to its last convolution: 3x3 convolutions with ReLU in blocks
 * of 2, 2, 4, 4, 4, a 2x2 max pooling between blocks. Two layouts of weights are known:
 *   torchvision   features.N.weight; zero padding; input normalised by ImageNet's mean and deviation
 *   caffe-like    convB_I.weight, reflect padding, and a 1x1 `conv0` that does the normalising (the "normalised" VGG-19 of
 *                 style transfer and networks distilled from it); may end early and have fewer channels
 */

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

const BLOCKS = [2, 2, 4, 4, 4] as const;
/** Of torchvision's models: https://pytorch.org/vision/stable/models.html */
const MEAN = [0.485, 0.456, 0.406];
const DEVIATION = [0.229, 0.224, 0.225];

interface Place {
  /** '3_2' */
  readonly at: string;
  /** N of features.N in torchvision. */
  readonly index: number;
  /** A max pooling comes before it. */
  readonly pooled: boolean;
}

/** The 16 convolutions. In torchvision's list a convolution and its ReLU count one each, and so does a pooling. */
function places(): Place[] {
  const list: Place[] = [];
  let index = 0;
  for (const [block, convolutions] of BLOCKS.entries()) {
    for (let i = 0; i < convolutions; i++) {
      list.push({ at: `${block + 1}_${i + 1}`, index, pooled: block > 0 && i === 0 });
      index += 2;
    }
    index++;
  }
  return list;
}

const PLACES: readonly Place[] = places();

/** Layers of the whole VGG-19: relu1_1 … relu5_4. A file that ends early gives fewer. */
export const VGG19_LAYERS: readonly string[] = PLACES.map(({ at }) => `relu${at}`);

/** A convolution with its weights as the file has them. */
interface Stored {
  readonly layer: string;
  readonly pooled: boolean;
  readonly filter: TensorData;
  readonly bias: TensorData;
}

/** A filter in PyTorch's order [out,in,k,k] becomes [k,k,in,out]. */
function filterOf(tf: Tf, stored: TensorData): core.Tensor4D {
  const { data, shape } = permute(stored, [2, 3, 1, 0]);
  const filter: T = tf.tensor(data, [...shape], 'float32');
  return filter as core.Tensor4D;
}

const FIX = 'Give the state dict of torchvision.models.vgg19, as .pth or .safetensors.';

function incomplete(path: string, what: string): MangaError {
  return new MangaError('BAD_INPUT', `${path} is no VGG-19: ${what}.`, FIX);
}

/**
 * @param path .safetensors, or .pth as torch.save writes it, of a state dict with torchvision's names (features.N.weight)
 * or the caffe-like ones (conv0, conv1_1, …)
 * @param upTo the deepest layer that will be asked for: deeper ones are not kept. Default: all that the file has
 * @throws MangaError MODEL_MISSING, IO, BAD_INPUT when the file is damaged or no VGG-19; BAD_SETTING for an unknown layer
 */
export async function loadVgg19(tf: Tf, path: string, upTo?: string): Promise<FeatureNetwork> {
  if (upTo !== undefined) checkLayers('VGG-19', VGG19_LAYERS, [upTo]);
  const last = upTo === undefined ? PLACES.length : VGG19_LAYERS.indexOf(upTo) + 1;
  const names = PLACES.slice(0, last).flatMap(({ at, index }) => [`features.${index}`, `conv${at}`]);
  const wanted = new Set(['conv0', ...names].flatMap((name) => [`${name}.weight`, `${name}.bias`]));
  const tensors = await readStateDict(path, (name) => wanted.has(name));
  const caffe = tensors.has('conv1_1.weight');
  const stored = convolutions(path, tensors, caffe, last);
  if (stored.length === 0) throw incomplete(path, 'it has no tensor features.0.weight');
  const layers = stored.map(({ layer }) => layer);
  if (upTo !== undefined && !layers.includes(upTo)) {
    const what = `${path} ends at ${layers.at(-1)}, before ${upTo}.`;
    throw new MangaError('BAD_INPUT', what, `Choose layers up to ${layers.at(-1)}. Or: ${FIX}`);
  }
  const head = caffe ? conv0(tf, path, tensors) : null;
  const stages = stored.map(({ filter, bias, ...rest }) => ({
    ...rest,
    filter: filterOf(tf, filter),
    bias: tf.tensor1d(bias.data),
  }));

  return {
    name: caffe ? 'vgg19 (caffe-like)' : 'vgg19',
    layers,
    features(images, asked) {
      checkLayers('This VGG-19', layers, asked);
      const found = new Map<string, T>();
      let x = images.shape[3] === 1 ? tf.concat([images, images, images], 3) : images;
      x = head ? tf.add(tf.conv2d(x as core.Tensor4D, head.filter, 1, 'valid'), head.bias) : standardise(tf, x);
      for (const { layer, pooled, filter, bias } of stages) {
        if (pooled) x = tf.maxPool(x as core.Tensor4D, 2, 2, 'valid');
        const padded = (caffe ? reflect(tf, x) : x) as core.Tensor4D;
        x = tf.relu(tf.add(tf.conv2d(padded, filter, 1, caffe ? 'valid' : 'same'), bias));
        found.set(layer, x);
        if (asked.every((name) => found.has(name))) break;
      }
      return asked.map((name) => found.get(name)!);
    },
    dispose: () => tf.dispose([head, stages] as unknown as core.TensorContainer),
  };
}

/** Those that the file has, without a gap. @throws MangaError BAD_INPUT when one does not fit the one before it */
function convolutions(path: string, tensors: ReadonlyMap<string, TensorData>, caffe: boolean, count: number): Stored[] {
  const found: Stored[] = [];
  let channels = 3;
  for (const { at, index, pooled } of PLACES.slice(0, count)) {
    const name = caffe ? `conv${at}` : `features.${index}`;
    const filter = tensors.get(`${name}.weight`);
    const bias = tensors.get(`${name}.bias`);
    if (!filter || !bias) break;
    const [outC] = filter.shape;
    if (filter.shape.join() !== [outC, channels, 3, 3].join() || bias.shape.join() !== `${outC}`)
      throw incomplete(path, `${name}.weight has the shape [${filter.shape}] after ${channels} channels`);
    channels = outC!;
    found.push({ layer: `relu${at}`, pooled, filter, bias });
  }
  return found;
}

function conv0(tf: Tf, path: string, tensors: ReadonlyMap<string, TensorData>) {
  const filter = tensors.get('conv0.weight');
  const bias = tensors.get('conv0.bias');
  if (filter?.shape.join() !== '3,3,1,1' || bias?.shape.join() !== '3')
    throw incomplete(path, 'it has conv1_1, but no conv0 of shape [3,3,1,1]');
  return { filter: filterOf(tf, filter), bias: tf.tensor1d(bias.data) };
}

/** (x - mean) / deviation a channel. */
function standardise(tf: Tf, x: T): T {
  return tf.div(tf.sub(x, tf.tensor1d(MEAN)), tf.tensor1d(DEVIATION));
}

/** One pixel mirrored at each edge. Of slices: the gradient of the library's mirrorPad forgets what is mirrored. */
function reflect(tf: Tf, x: T): T {
  const mirrored = (y: T, axis: 1 | 2) => {
    const size = y.shape[axis]!;
    const line = (at: number) => tf.slice(y, axis === 1 ? [0, at] : [0, 0, at], axis === 1 ? [-1, 1] : [-1, -1, 1]);
    return tf.concat([line(Math.min(1, size - 1)), y, line(Math.max(0, size - 2))], axis);
  };
  return mirrored(mirrored(x, 1), 2);
}
