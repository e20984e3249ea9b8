import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { MangaError } from '../../errors/manga-error.ts';
import { ProtoWriter } from '../../network/onnx/protobuf.ts';
import { type FeatureExtractor, runFeatures } from './feature-extractor.ts';

/** The layers of Tiny Darknet (Redmon, pjreddie.com/darknet/tiny-darknet) at 1/1, 1/2, 1/4, 1/8, 1/16 of the picture. */
export const TINY_DARKNET_LAYERS = [
  'leaky_re_lu_1',
  'leaky_re_lu_2',
  'leaky_re_lu_6',
  'leaky_re_lu_10',
  'leaky_re_lu_14',
] as const;

/** Field numbers of onnx.proto3: ModelProto.graph, GraphProto.output, ValueInfoProto.name. */
const GRAPH = 7;
const OUTPUT = 12;
const NAME = 1;

/**
 * Declares inner activations as outputs, since ONNX Runtime gives nothing else. A second `graph` message is appended:
 * readers of Protocol Buffers merge it into the first (protobuf.dev, Encoding, "Last One Wins").
 */
export function exposeLayers(model: Uint8Array, layers: readonly string[]): Uint8Array {
  const graph = new ProtoWriter();
  for (const layer of layers) graph.message(OUTPUT, new ProtoWriter().string(NAME, layer));
  return Buffer.concat([model, new ProtoWriter().message(GRAPH, graph).finish()]);
}

/**
 * A feature network from a file of the user's, with the layers of Tiny Darknet.
 * @param path an ONNX file; input RGB in 0..1, [1,3,H,W]
 * @throws MangaError IO when it cannot be read; as {@link runFeatures}
 */
export async function loadFeatureFile(path: string): Promise<FeatureExtractor> {
  const model = await readFile(path).catch((cause) => {
    const message = `Cannot read the feature network ${path}: ${(cause as Error).message}.`;
    throw new MangaError('IO', message, 'Check the path.', { cause });
  });
  return runFeatures(exposeLayers(model, TINY_DARKNET_LAYERS), basename(path), TINY_DARKNET_LAYERS);
}
