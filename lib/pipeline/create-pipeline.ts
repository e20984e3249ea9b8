import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCheckpoint, WEIGHTS_FILE } from '../checkpoint/checkpoint.ts';
import { modelFolder } from '../checkpoint/shipped.ts';
import { createEngine } from '../engines/create-engine.ts';
import type { EngineMemory, EngineName, Weights } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import { type NetworkConfig, networkConfigSchema } from '../network/config.ts';
import { checkWeights } from './check-weights.ts';
import { Pipeline } from './pipeline.ts';
import type { Content, PictureToClip } from './types.ts';

export interface LoadedPipeline extends PictureToClip {
  readonly description: string;
  readonly engineName: EngineName;
  readonly modelName: string;
  memory(): EngineMemory;
  close(): Promise<void>;
}

/** A checkpoint, read and checked. */
interface Model {
  readonly weights: Weights;
  readonly config: NetworkConfig;
  readonly name: string;
  /** Time and size of the file that was read: when they change, there is a newer checkpoint. */
  readonly stamp: string;
}

interface Loaded extends Model {
  readonly pipeline: Pipeline;
}

async function stampOf(folder: string): Promise<string> {
  const found = await stat(join(folder, WEIGHTS_FILE)).catch(() => null);
  return found ? `${found.mtimeMs} ${found.size}` : '';
}

async function readModel(folder: string): Promise<Model> {
  const stamp = await stampOf(folder);
  const { weights, metadata } = await loadCheckpoint(folder);
  const config = networkConfigSchema.safeParse(metadata.config);
  if (!config.success) {
    throw new MangaError(
      'MODEL_MISSING',
      `The checkpoint '${metadata.name}' has an unknown network config.`,
      'It was made by another version: train or download one for this version.',
    );
  }
  checkWeights(weights, config.data, metadata.name);
  return { weights, config: config.data, name: metadata.name, stamp };
}

/**
 * Loads a checkpoint on an engine. When training writes a newer one to the same folder, the next picture is drawn by it;
 * pictures already encoded are finished by the one that began them.
 * @param options.model folder of a checkpoint, name of a shipped one, or '' for the default
 * @throws MangaError ENGINE_MISSING, MODEL_MISSING
 */
export async function createPipeline(options: { engine: EngineName | 'auto'; model: string }): Promise<LoadedPipeline> {
  const folder = modelFolder(options.model);
  // Before the engine: a missing model is the commoner mistake, and the cheaper one to find.
  const first = await readModel(folder);
  const engine = await createEngine(options.engine);
  const load = (model: Model): Loaded => ({ ...model, pipeline: new Pipeline(engine, model.weights, model.config) });
  const shelf = new Map<string, Loaded>([[folder, load(first)]]);
  const begunBy = new WeakMap<Content, Pipeline>();

  /** The checkpoint of a folder as it is now: a newer one is loaded. */
  async function newest(from: string): Promise<Loaded> {
    const known = shelf.get(from);
    if (known && (await stampOf(from)) === known.stamp) return known;
    try {
      const loaded = load(await readModel(from));
      shelf.set(from, loaded);
      return loaded;
    } catch (error) {
      // A folder that is being replaced may be empty for a moment: what is loaded serves on.
      if (known) return known;
      throw error;
    }
  }

  const current = () => shelf.get(folder)!;
  return {
    description: engine.description,
    engineName: engine.name,
    get modelName() {
      return current().name;
    },
    get medium() {
      return current().config.medium;
    },
    async encode(picture, settings) {
      const { pipeline } = await newest(settings.model === 'session' ? folder : modelFolder(settings.model));
      const content = await pipeline.encode(picture, settings);
      begunBy.set(content, pipeline);
      return content;
    },
    encodeStyle: async (...pages) => (await newest(folder)).pipeline.encodeStyle(...pages),
    decode: (content, ...rest) => (begunBy.get(content) ?? current().pipeline).decode(content, ...rest),
    inspect: (content, ...rest) => (begunBy.get(content) ?? current().pipeline).inspect(content, ...rest),
    drawLayers: (...rest) => current().pipeline.drawLayers(...rest),
    estimateBytes: (width, height, settings) => current().pipeline.estimateBytes(width, height, settings),
    memory: () => engine.memory(),
    close: () => engine.close(),
  };
}
