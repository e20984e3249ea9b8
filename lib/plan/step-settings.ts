/** From a training node's fields to its step's settings: the same for the nodes and for the command line. */
import { existsSync } from 'node:fs';
import { MangaError } from '../errors/manga-error.ts';
import { samplePhotos } from '../samples.ts';
import { parseSettings } from '../settings/settings.ts';
import { type ConfigReader, type NodeRecord, plain, typed, typedPaths } from './config-reader.ts';
import { trainerSchema } from './settings.ts';
import type { StepBlock, TrainerSettings } from './types.ts';
import { WiringError } from './wiring-error.ts';

type Mapping = (config: NodeRecord, reader: ConfigReader) => Promise<Record<string, unknown>>;

const MAPPINGS: Readonly<Record<StepBlock, Mapping>> = {
  dataset: datasetSettings,
  async encoder(config) {
    if (config.mode !== 'style') return {};
    const what = `${config.name || config.type}: it encodes style, which has no part in training.`;
    throw new WiringError(config.id, what, "Set its mode to 'content'.");
  },
  // The form's frames and size are those of clips.
  'tcn-decoder': async (config) => {
    const { trainFrames: frames, trainSide: side } = plain(config, 'trainFrames', 'trainSide');
    return { frames, side };
  },
  discriminator: async (config) => plain(config, 'pairing', 'channels', 'depth', 'logits'),
  'loss-adversarial': async (config, reader) => ({
    ...plain(config, 'objective', 'realLabel'),
    weight: await typed(reader, config, 'weight'),
  }),
  'loss-content': async (config, reader) => ({
    ...plain(config, 'against'),
    ...(await featureSettings(config, reader)),
  }),
  'loss-style': async (config, reader) => ({
    ...plain(config, 'transform'),
    ...(await featureSettings(config, reader)),
  }),
  'loss-temporal': async (config, reader) => ({
    ...plain(config, 'lowPass'),
    weight: await typed(reader, config, 'weight'),
  }),
};

/**
 * What a node of this block gives to its schema.
 * @throws MangaError BAD_SETTING for what cannot be read
 */
export function stepSettings(
  block: StepBlock,
  config: NodeRecord,
  reader: ConfigReader,
): Promise<Record<string, unknown>> {
  return MAPPINGS[block](config, reader);
}

/** @throws MangaError BAD_SETTING */
export async function trainerSettings(config: NodeRecord, reader: ConfigReader): Promise<TrainerSettings> {
  const [out] = (await typedPaths(reader, config, 'out')) ?? [];
  const [resume] = (await typedPaths(reader, config, 'resume')) ?? [];
  const from = await typed(reader, config, 'from');
  return parseSettings(trainerSchema, {
    ...plain(config, 'schedule', 'batch', 'microBatch', 'generatorRate', 'discriminatorRate', 'clipNorm'),
    ...plain(config, 'averageDecay', 'sampleEvery', 'saveMinutes', 'keep', 'anew', 'licence'),
    out: out ?? '',
    ...(resume === undefined ? {} : { resume }),
    ...(from === undefined ? {} : { from: checkpoint(String(from), reader) }),
    steps: await typed(reader, config, 'steps'),
    seed: await typed(reader, config, 'seed'),
  });
}

/** A name that is no folder may be a checkpoint that comes with the package. */
function checkpoint(name: string, reader: ConfigReader): string {
  const folder = reader.path(name);
  return existsSync(folder) ? folder : name;
}

async function datasetSettings(config: NodeRecord, reader: ConfigReader): Promise<Record<string, unknown>> {
  const { kind } = config;
  const common = plain(config, 'kind', 'side', 'frames', 'longSide');
  if (kind === 'video') {
    const videos = (await typedPaths(reader, config, 'videos')) ?? [];
    return { ...common, ...plain(config, 'fps', 'draw'), videos };
  }
  const photos = (await typedPaths(reader, config, 'photos')) ?? [samplePhotos()];
  if (kind === 'pages') {
    return { ...common, ...plain(config, 'paired'), photos, pages: (await typedPaths(reader, config, 'pages')) ?? [] };
  }
  if (kind === 'manga109') {
    const [root] = (await typedPaths(reader, config, 'root')) ?? [];
    const fields = plain(config, 'paired', 'annotations', 'split', 'validationShare', 'avoidText');
    if (root) return { ...common, ...fields, photos, root };
    const what = `${config.name || config.type}: no folder of Manga109 is set.`;
    throw new MangaError('BAD_SETTING', what, 'Name the folder that holds books.txt, images and annotations.');
  }
  return { ...common, photos };
}

/** What the forms of the content and the style loss share. */
async function featureSettings(config: NodeRecord, reader: ConfigReader): Promise<Record<string, unknown>> {
  const [file] = config.networkType === 'small' ? [] : ((await typedPaths(reader, config, 'network')) ?? []);
  const layers = String(config.layers ?? '')
    .split(/[\s,]+/)
    .filter(Boolean);
  return {
    weight: await typed(reader, config, 'weight'),
    network: file,
    layers: layers.length > 0 ? layers : undefined,
  };
}
