import { createRequire } from 'node:module';
import type { Tfjs } from '../engines/load-tfjs.ts';
import { MangaError } from '../errors/manga-error.ts';
import { registerLeanGradients } from './lean-gradients.ts';

/**
 * Makes TensorFlow.js able to differentiate: its core comes without gradients, which package @tensorflow/tfjs registers
 * for every copy in the process. tfjs-node has loaded it already; the WebGPU backend has not. Some gradients are then our own
 * (lean-gradients.ts).
 * @throws MangaError ENGINE_MISSING
 */
export function ensureGradients(tf: Tfjs): void {
  try {
    if (!tf.getGradient('AddN')) createRequire(import.meta.url)('@tensorflow/tfjs');
    registerLeanGradients(tf);
  } catch (cause) {
    throw new MangaError(
      'ENGINE_MISSING',
      'Training on WebGPU needs the package @tensorflow/tfjs.',
      `Run \`npm install @tensorflow/tfjs@${tf.version_core}\`.`,
      { cause },
    );
  }
}
