import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as core from '@tensorflow/tfjs-core';
import { readSafetensors } from '../checkpoint/safetensors.ts';
import { packageRoot } from '../checkpoint/shipped.ts';
import { MangaError } from '../errors/manga-error.ts';
import { conv, type WeightOf } from '../network/blocks/layers.ts';
import type { Ops } from '../network/ops.ts';
import { createTfjsOps } from '../network/tfjs/ops.ts';
import { convSpecs, type WeightSpecs } from '../network/weights.ts';
import { checkLayers, type FeatureNetwork } from './feature-network.ts';

/*
 * The small perceptual network: seven 3x3 convolutions with ReLU, strided where VGG-19 pools, distilled from it (see
 * models/perceptual/README.md). Its layers bear the names of the VGG-19 layers that they imitate, at the same scale
 * (full, 1/2, 1/4, 1/8), so that a choice of layers means the same on both; their mean activation over pictures is 1.
 */

type Tf = Omit<typeof core, 'default'>;

const CONVOLUTIONS = [
  { name: 'conv1_1', inC: 3, outC: 16, stride: 1, layer: null },
  { name: 'conv1_2', inC: 16, outC: 16, stride: 1, layer: 'relu1_2' },
  { name: 'conv2_1', inC: 16, outC: 32, stride: 2, layer: null },
  { name: 'conv2_2', inC: 32, outC: 32, stride: 1, layer: 'relu2_2' },
  { name: 'conv3_1', inC: 32, outC: 64, stride: 2, layer: null },
  { name: 'conv3_2', inC: 64, outC: 64, stride: 1, layer: 'relu3_1' },
  { name: 'conv4_1', inC: 64, outC: 96, stride: 2, layer: 'relu4_1' },
] as const;

export type SmallLayer = NonNullable<(typeof CONVOLUTIONS)[number]['layer']>;

export const SMALL_LAYERS: readonly SmallLayer[] = CONVOLUTIONS.flatMap(({ layer }) => layer ?? []);

/** File in the network's folder. */
export const SMALL_FILE = 'perceptual.safetensors';

/** Channels of a layer. */
export function smallChannels(layer: SmallLayer): number {
  return CONVOLUTIONS.find((row) => row.layer === layer)!.outC;
}

/** The convolution that makes a layer, and the one that reads it (null for the last). */
export function smallNeighbours(layer: SmallLayer): { from: string; to: string | null } {
  const at = CONVOLUTIONS.findIndex((row) => row.layer === layer);
  return { from: CONVOLUTIONS[at]!.name, to: CONVOLUTIONS[at + 1]?.name ?? null };
}

export function smallSpecs(): WeightSpecs {
  const specs: Record<string, WeightSpecs[string]> = {};
  for (const { name, inC, outC } of CONVOLUTIONS) Object.assign(specs, convSpecs(name, 3, inC, outC));
  return specs;
}

/**
 * @param images [N,H,W,3] RGB, 0..1
 * @param upTo the deepest layer that is wanted
 * @returns [N,H/s,W/s,C] a layer, s = 1, 2, 4, 8
 */
export function smallFeatures<T extends object>(
  ops: Ops<T>,
  weight: WeightOf<T>,
  images: T,
  upTo: SmallLayer = 'relu4_1',
): Map<string, T> {
  const found = new Map<string, T>();
  let x = ops.affine(images, 2, -1);
  for (const { name, stride, layer } of CONVOLUTIONS) {
    x = ops.relu(conv(ops, weight, name, x, stride));
    if (layer) found.set(layer, x);
    if (layer === upTo) break;
  }
  return found;
}

/**
 * The perceptual network that ships with this package.
 * @param directory holds perceptual.safetensors
 * @throws MangaError MODEL_MISSING, or BAD_INPUT when the file is damaged or of another network
 */
export async function loadSmallNetwork(
  tf: Tf,
  directory: string = join(packageRoot(), 'models', 'perceptual'),
): Promise<FeatureNetwork> {
  const path = join(directory, SMALL_FILE);
  const bytes = await readFile(path).catch((cause) => {
    throw new MangaError('MODEL_MISSING', `There is no perceptual network at ${path}.`, 'Install the package again.', {
      cause,
    });
  });
  const { tensors } = readSafetensors(bytes);
  for (const [name, { shape }] of Object.entries(smallSpecs())) {
    if (tensors.get(name)?.shape.join() !== shape.join())
      throw new MangaError('BAD_INPUT', `${path} has no tensor ${name} of shape [${shape}].`);
  }
  const weights = new Map(
    [...tensors].map(([name, { data, shape }]) => [name, tf.tensor(data, [...shape], 'float32')] as const),
  );
  const ops = createTfjsOps(tf);
  return {
    name: 'small',
    layers: SMALL_LAYERS,
    features(images, layers) {
      checkLayers('The small perceptual network', SMALL_LAYERS, layers);
      const deepest = SMALL_LAYERS.findLast((layer) => layers.includes(layer));
      const rgb = images.shape[3] === 1 ? ops.concat([images, images, images]) : images;
      const found = smallFeatures(ops, (name) => weights.get(name)!, rgb, deepest);
      return layers.map((layer) => found.get(layer)!);
    },
    dispose: () => tf.dispose([...weights.values()]),
  };
}
