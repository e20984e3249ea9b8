import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSafetensors } from '../../checkpoint/safetensors.ts';
import { packageRoot } from '../../checkpoint/shipped.ts';
import type { Program } from '../../engines/engine.ts';
import { MangaError } from '../../errors/manga-error.ts';
import { writeOnnx } from '../../network/onnx/write-onnx.ts';
import { SMALL_FILE, SMALL_LAYERS, smallFeatures } from '../../perceptual/small.ts';
import { type FeatureExtractor, runFeatures } from './feature-extractor.ts';

const program: Program = {
  name: 'small-features',
  inputs: { images: [1, 'height', 'width', 3] },
  outputs: SMALL_LAYERS,
  build: (ops, weight, { images }) => Object.fromEntries(smallFeatures(ops, weight, images!)),
};

/** The small perceptual network that ships with this package (models/perceptual), on ONNX Runtime. @throws MangaError MODEL_MISSING */
export async function loadSmallFeatures(): Promise<FeatureExtractor> {
  const path = join(packageRoot(), 'models', 'perceptual', SMALL_FILE);
  const bytes = await readFile(path).catch((cause) => {
    throw new MangaError('MODEL_MISSING', `There is no perceptual network at ${path}.`, 'Install the package again.', {
      cause,
    });
  });
  const { tensors } = readSafetensors(bytes);
  const model = writeOnnx(program, { id: program.name, tensors });
  return runFeatures(model, 'the small perceptual network of this package', SMALL_LAYERS);
}
