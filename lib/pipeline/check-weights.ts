import type { Weights } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import type { NetworkConfig } from '../network/config.ts';
import { DEFAULT_STYLE, generatorSpecs } from '../network/generator.ts';

/**
 * Makes sure that weights are those of the network that the config describes, before any picture depends on it.
 * @throws MangaError MODEL_MISSING naming the first weight that is missing or has another shape
 */
export function checkWeights(weights: Weights, config: NetworkConfig, model: string): void {
  for (const [name, { shape }] of Object.entries(generatorSpecs(config))) {
    const found = weights.tensors.get(name)?.shape;
    if (!found && name === DEFAULT_STYLE) continue; // zeros serve
    if (found?.join() === shape.join()) continue;
    throw new MangaError(
      'MODEL_MISSING',
      `The checkpoint '${model}' does not fit this network: ${name} is ${found ? `[${found}], not [${shape}]` : 'missing'}.`,
      'It was made by another version: train or download one for this version.',
    );
  }
}
