import type * as core from '@tensorflow/tfjs-core';
import { MangaError } from '../errors/manga-error.ts';

/** A fixed, trained network whose inner layers say what a picture shows (F of the content and style losses). */
export interface FeatureNetwork {
  readonly name: string;
  /** Layers it can give, from the picture inwards: 'relu1_1', … */
  readonly layers: readonly string[];
  /**
   * Differentiable in the images. Call inside tf.tidy.
   * @param images [N,H,W,1] grey or [N,H,W,3] RGB, 0..1 (1 = white paper)
   * @param layers names out of `layers`, in any order
   * @returns one [N,h,w,C] for each name, in the order asked for
   * @throws MangaError BAD_SETTING naming a layer that the network does not have
   */
  features(images: core.Tensor, layers: readonly string[]): core.Tensor[];
  dispose(): void;
}

/** @throws MangaError BAD_SETTING when `network` lacks one of the layers, or none is asked for */
export function checkLayers(network: string, known: readonly string[], layers: readonly string[]): void {
  const choice = `Choose from ${known.join(', ')}.`;
  if (layers.length === 0) throw new MangaError('BAD_SETTING', `No layer of ${network} is chosen.`, choice);
  const missing = layers.find((layer) => !known.includes(layer));
  if (missing !== undefined)
    throw new MangaError('BAD_SETTING', `${network} has no layer "${missing.slice(0, 40)}".`, choice);
}
