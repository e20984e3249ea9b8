/** Encoder and canonical decoder, once a clip: photo in memory to layers in memory. */
import { createOnnxEngine } from '../../lib/engines/onnx.ts';
import { generatorPrograms } from '../../lib/network/generator.ts';
import { Random } from '../../lib/random.ts';
import { type Bench, median, type Result, round, summarise } from '../bench.ts';
import { countMacs } from '../counting-ops.ts';
import { benchModel } from '../subjects.ts';

/** The drawn size is padded to a multiple of 8: a canvas of 1280x853 is drawn as 1280x856. */
const CANVASES = [
  { label: '512x512', width: 512, height: 512 },
  { label: '1280x853', width: 1280, height: 856 },
];

export const draw: Bench = async ({ quick, scratch, tell }) => {
  const { weights, config, name } = await benchModel(scratch);
  const engine = await createOnnxEngine();
  const programs = generatorPrograms(config);
  const random = new Random(1);
  const image = (height: number, width: number, channels: number) => {
    const data = Float32Array.from({ length: height * width * channels }, () => random.uniform(-1, 1));
    return engine.upload({ shape: [1, height, width, channels], dtype: 'float32', data });
  };
  const style = engine.upload({ shape: [1, config.style], dtype: 'float32', data: new Float32Array(config.style) });
  const results: Result[] = [];
  for (const { label, width, height } of CANVASES) {
    const sizes = Object.fromEntries([
      ['B', 1],
      ...[1, 2, 4, 8].flatMap((by) => [
        [by === 1 ? 'H' : `H${by}`, height / by],
        [by === 1 ? 'W' : `W${by}`, width / by],
      ]),
    ]);
    const gflop = {
      encoder: (2 * countMacs(programs.encoder, weights, sizes)) / 1e9,
      decoder: (2 * countMacs(programs['canonical-decoder'], weights, sizes)) / 1e9,
    };
    const photo = image(height, width, 3);
    const position = image(height / 4, width / 4, 2);
    const wall: number[] = [];
    const encoder: number[] = [];
    const processor: number[] = [];
    for (let run = 0; run <= (quick ? 2 : 15); run++) {
      const before = process.cpuUsage();
      const start = performance.now();
      const content = await engine.run(programs.encoder, weights, { photo });
      const encoded = performance.now() - start;
      const { half, quarter, eighth } = content as Record<'half' | 'quarter' | 'eighth', (typeof content)[string]>;
      const inputs = { half, quarter, eighth, style, position };
      const layers = await engine.run(programs['canonical-decoder'], weights, inputs);
      const milliseconds = performance.now() - start;
      const { user, system } = process.cpuUsage(before);
      for (const tensor of [...Object.values(content), ...Object.values(layers)]) engine.dispose(tensor);
      // The first run compiles the graphs.
      if (run === 0) continue;
      wall.push(milliseconds);
      encoder.push(encoded);
      processor.push((user + system) / 1000);
    }
    for (const tensor of [photo, position]) engine.dispose(tensor);
    const total = gflop.encoder + gflop.decoder;
    const details = {
      gflop: round(total, 2),
      gflopPerSecond: round(total / (median(wall) / 1000), 1),
      encoder: { gflop: round(gflop.encoder, 2), ms: round(median(encoder), 1) },
      decoder: { gflop: round(gflop.decoder, 2), ms: round(median(wall) - median(encoder), 1) },
      processorMs: round(median(processor), 1),
      model: name,
    };
    tell(`${label}: ${round(median(wall), 1)} ms, ${details.gflopPerSecond} GFLOP/s`);
    results.push({ name: `draw ${label}`, unit: 'ms', ...summarise(wall), details });
  }
  await engine.close();
  return results;
};
