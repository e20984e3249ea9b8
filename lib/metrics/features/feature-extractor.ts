import type { InferenceSession } from 'onnxruntime-node';
import { MangaError } from '../../errors/manga-error.ts';
import { createGram } from '../gram.ts';
import type { Picture } from '../picture.ts';

/** One layer's activations of one picture, channels first: row c holds channel c of every position. */
export interface FeatureMap {
  readonly layer: string;
  readonly channels: number;
  /** height * width of the layer */
  readonly positions: number;
  /** [channels, positions] */
  readonly data: Float32Array;
}

/** What remains of a picture when places are forgotten. */
export interface Texture {
  /** Gram matrix of each layer, in their order; see {@link createGram}. */
  readonly grams: readonly Float32Array[];
  /** Mean over all positions of each channel of the deepest layer. */
  readonly pooled: Float32Array;
}

/** A fixed network by whose layers pictures are compared. Not safe for use after `close`. */
export interface FeatureExtractor {
  /** For people and reports: which network. */
  readonly name: string;
  /** From the picture inwards; the last one is what content is compared by. */
  readonly layers: readonly string[];
  /** @returns one map for each of `layers`, in their order. @throws MangaError INTERNAL when the network cannot run on this size */
  extract(picture: Picture): Promise<FeatureMap[]>;
  texture(picture: Picture): Promise<Texture>;
  close(): Promise<void>;
}

/** Global average pooling. @returns [channels] */
export function channelMeans({ channels, positions, data }: FeatureMap): Float32Array {
  return Float32Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = c * positions; i < (c + 1) * positions; i++) sum += data[i]!;
    return sum / positions;
  });
}

const SESSION_OPTIONS = {
  executionProviders: ['cpu'],
  logSeverityLevel: 4,
  // Threads that wait by spinning take the cores from the session's process.
  extra: { session: { intra_op: { allow_spinning: '0' } } },
} satisfies InferenceSession.SessionOptions;

/** [1,3,H,W] in 0..1; grey is repeated. */
function planes({ width, height, channels, data }: Picture): Float32Array {
  const size = width * height;
  const out = new Float32Array(3 * size);
  for (let c = 0; c < 3; c++) {
    const from = channels === 3 ? c : 0;
    for (let i = 0; i < size; i++) out[c * size + i] = data[i * channels + from]! / 255;
  }
  return out;
}

/**
 * Runs an ONNX network whose input is RGB in 0..1, [1,3,H,W], and whose outputs `layers` are [1,C,h,w].
 * @param model bytes of the file
 * @throws MangaError ENGINE_MISSING without ONNX Runtime, BAD_INPUT when the network does not load or has no such layer
 */
export async function runFeatures(
  model: Uint8Array,
  name: string,
  layers: readonly string[],
): Promise<FeatureExtractor> {
  const ort = await import('onnxruntime-node').catch((cause) => {
    throw new MangaError('ENGINE_MISSING', 'ONNX Runtime does not load.', 'Run: npx motion-manga doctor', { cause });
  });
  let session: InferenceSession;
  try {
    session = await ort.InferenceSession.create(model, SESSION_OPTIONS);
  } catch (cause) {
    const detail = (cause as Error).message.split('\n')[0]!;
    const hint = `It must be an ONNX network with the layers ${layers.join(', ')}.`;
    throw new MangaError('BAD_INPUT', `${name} cannot be used as a feature network (${detail}).`, hint, { cause });
  }
  const input = session.inputNames[0]!;
  const { gram, close } = await createGram();
  const extract = async (picture: Picture): Promise<FeatureMap[]> => {
    const feed = new ort.Tensor('float32', planes(picture), [1, 3, picture.height, picture.width]);
    const results = await session.run({ [input]: feed }, [...layers]).catch((cause) => {
      const size = `${picture.width}x${picture.height}`;
      const message = `${name} did not run on a picture of ${size}: ${(cause as Error).message}`;
      throw new MangaError('INTERNAL', message, undefined, { cause });
    });
    return layers.map((layer) => {
      const { dims, data } = results[layer]!;
      const [, channels, height, width] = dims as [number, number, number, number];
      return { layer, channels, positions: height * width, data: data as Float32Array };
    });
  };
  return {
    name,
    layers,
    extract,
    async texture(picture) {
      const maps = await extract(picture);
      const grams: Float32Array[] = [];
      for (const map of maps) grams.push(await gram(map));
      return { grams, pooled: channelMeans(maps.at(-1)!) };
    },
    async close() {
      await close();
      await session.release();
    },
  };
}
