import { createRequire } from 'node:module';
import type { Tfjs } from '../engines/load-tfjs.ts';
import { MangaError } from '../errors/manga-error.ts';

/**
 * Makes TensorFlow.js able to differentiate: its core comes without gradients, which package @tensorflow/tfjs registers
 * for every copy in the process. tfjs-node has loaded it already; the WebGPU backend has not.
 * @throws MangaError ENGINE_MISSING
 */
export function ensureGradients(tf: Tfjs): void {
  if (tf.getGradient('AddN')) return;
  try {
    createRequire(import.meta.url)('@tensorflow/tfjs');
  } catch (cause) {
    throw new MangaError(
      'ENGINE_MISSING',
      'Training on WebGPU needs the package @tensorflow/tfjs.',
      `Run \`npm install @tensorflow/tfjs@${tf.version_core}\`.`,
      { cause },
    );
  }
}
