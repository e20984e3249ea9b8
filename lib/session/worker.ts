/** The child process of SessionHost: the real engine, network, pictures and clips. */
import { decodePicture } from '../media/decode.ts';
import { writeClip } from '../media/write-clip.ts';
import { createPipeline } from '../pipeline/pipeline.ts';
import { serveSession } from './serve.ts';
import { shippedModel } from './shipped-model.ts';

await serveSession({
  openPipeline: ({ engine, model }) => createPipeline({ engine, model: model === '' ? shippedModel() : model }),
  decodePicture: (source, signal) => decodePicture(source, {}, signal),
  writeClip,
});
