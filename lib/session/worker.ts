/** The child process of SessionHost: the real engine, network, pictures and clips. */
import { decodePicture } from '../media/decode.ts';
import { writeClip } from '../media/write-clip.ts';
import { createPipeline } from '../pipeline/create-pipeline.ts';
import { serveSession } from './serve.ts';

await serveSession({
  openPipeline: createPipeline,
  decodePicture: (source, signal) => decodePicture(source, {}, signal),
  writeClip,
});
