/** From drawn layers to finished pixels, per frame, on the ONNX engine in this process, without encoding. */
import { decodePicture } from '../../lib/media/decode.ts';
import { createPipeline } from '../../lib/pipeline/create-pipeline.ts';
import { clipSchema } from '../../lib/settings/settings.ts';
import { type Bench, median, round, summarise } from '../bench.ts';
import { benchModel, PHOTOS } from '../subjects.ts';

const FRAMES = 24;
/** Rendered at once, as the clip writer asks for them. */
const PIECE = 4;

function frameBench(side: number, target: string): Bench {
  return async ({ quick, scratch, tell }) => {
    const model = await benchModel(scratch);
    const pipeline = await createPipeline({ engine: 'onnx', model: model.folder });
    const settings = clipSchema.parse({ size: `${side}x${side}`, frames: FRAMES });
    const content = await pipeline.encode(await decodePicture({ path: PHOTOS[0]! }), settings);
    const sequence = await pipeline.decode(content, settings);
    const wall: number[] = [];
    const processor: number[] = [];
    const clips = quick ? 3 : 20;
    // The first clip is for the engine to load the graph and find its buffers.
    for (let clip = 0; clip <= clips; clip++) {
      const before = process.cpuUsage();
      const start = performance.now();
      for (let first = 0; first < FRAMES; first += PIECE) await sequence.render(first, PIECE);
      const milliseconds = (performance.now() - start) / FRAMES;
      const { user, system } = process.cpuUsage(before);
      if (clip === 0) continue;
      wall.push(milliseconds);
      processor.push((user + system) / 1000 / FRAMES);
    }
    sequence.dispose();
    content.dispose();
    await pipeline.close();
    tell(`${round(median(wall), 2)} ms, ${round(median(processor), 2)} ms of processor time`);
    const details = { processorMs: summarise(processor), engine: pipeline.description, model: model.name };
    return [{ name: `frame-${side}`, unit: 'ms/frame', target, ...summarise(wall), details }];
  };
}

export const frame256 = frameBench(256, '4');
export const frame512 = frameBench(512, '12');
