/** The child process of SessionHost: the real engine, network, pictures and clips. */
import { decodePicture } from '../media/decode.ts';
import { writeClip } from '../media/write-clip.ts';
import { createPipeline } from '../pipeline/create-pipeline.ts';
import { createSessionTrainer } from '../training/gan/session-trainer.ts';
import { openVideo } from '../video/open-video.ts';
import { serveSession } from './serve.ts';
import type { WorkerArguments } from './worker-contract.ts';

const { options } = JSON.parse(process.argv[2]!) as WorkerArguments;

await serveSession({
  openPipeline: createPipeline,
  decodePicture: (source, signal) => decodePicture(source, {}, signal),
  writeClip,
  openVideo,
  // One TensorFlow.js backend a process: a session that draws on one of them trains on it, too.
  training: createSessionTrainer(
    options.engine === 'tensorflow' || options.engine === 'webgpu' ? [options.engine] : ['tensorflow', 'webgpu'],
  ),
});
