import { after } from 'node:test';
import { createOnnxEngine } from '../../lib/engines/onnx.ts';
import { LAYERS } from '../../lib/network/blocks/canonical-decoder.ts';
import { DEFAULT_CONFIG, type NetworkConfig } from '../../lib/network/config.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Pipeline } from '../../lib/pipeline/pipeline.ts';
import type { FrameSequence, Pixels, Style } from '../../lib/pipeline/types.ts';
import { Random } from '../../lib/random.ts';
import { type CameraMove, type ClipSettings, clipSchema } from '../../lib/settings/settings.ts';

export const CONFIG: NetworkConfig = { ...DEFAULT_CONFIG, widths: [8, 12, 16], style: 4, decoderBlocks: 1 };
export const WEIGHTS = randomWeights(generatorSpecs(CONFIG), new Random(4), 'pipeline-tests');
// Untrained layers hover about 0 and differ from pixel to pixel: lifted, so that there are lines and all three tones to
// see, and smoothed, each layer alike in the four pixels that a feature is shuffled into.
WEIGHTS.tensors.get('decoder.layers.bias')!.data.fill(0.5);
const shuffled = WEIGHTS.tensors.get('decoder.layers.weight')!.data;
for (let i = 0; i < shuffled.length; i += 4 * LAYERS) {
  for (let o = 0; o < 4 * LAYERS; o++) shuffled[i + o] = 4 * shuffled[i + (o % LAYERS)]!;
}

// An untrained TCN gives motions many times larger than a trained one.
WEIGHTS.tensors.get('tcn.motion.weight')!.data.forEach((v, i, all) => {
  all[i] = v / 8;
});

export const engine = await createOnnxEngine({ threads: 2 });
export const pipeline = new Pipeline(engine, WEIGHTS, CONFIG);
after(() => engine.close());

/** A photo with soft blobs and an edge, in colour. */
export function photoOf(width: number, height: number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const blob = Math.sin((9 * x) / width) * Math.cos((7 * y) / height);
      data[i++] = 128 + 100 * blob;
      data[i++] = x > y ? 200 : 60;
      data[i++] = (255 * (x + y)) / (width + height);
    }
  }
  return { width, height, data };
}

export const settingsOf = (settings: Partial<ClipSettings>): ClipSettings =>
  clipSchema.parse({ size: '64', ...settings });

/** Photo to sequence; the content is freed, the sequence is the caller's. */
export async function sequenceOf(
  photo: Pixels,
  settings: Partial<ClipSettings>,
  style?: Style,
  camera?: readonly CameraMove[],
): Promise<FrameSequence> {
  const all = settingsOf(settings);
  const content = await pipeline.encode(photo, all);
  try {
    return await pipeline.decode(content, all, style, camera);
  } finally {
    content.dispose();
  }
}

/** All frames of a clip, which is freed. */
export async function clipOf(
  ...args: Parameters<typeof sequenceOf>
): Promise<{ shape: readonly number[]; frames: Uint8Array[] }> {
  const sequence = await sequenceOf(...args);
  try {
    const [count, height, width, channels] = sequence.shape;
    const bytes = await sequence.render(0, count);
    const size = height * width * channels;
    const frames = Array.from({ length: count }, (_, t) => bytes.subarray(t * size, (t + 1) * size));
    return { shape: sequence.shape, frames };
  } finally {
    sequence.dispose();
  }
}

/** Mean absolute difference in levels. */
export function differenceOf(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / a.length;
}
