import type * as core from '@tensorflow/tfjs-core';
import type { FeatureNetwork } from '../../perceptual/feature-network.ts';

type T = core.Tensor;

/** Features that several losses look at, computed once a picture: they cost more than anything else in a step. */
export class SharedFeatures {
  readonly #wanted = new Map<FeatureNetwork, Set<string>>();
  readonly #found = new Map<FeatureNetwork, Map<T, Map<string, T>>>();

  /** Announces layers, before the first picture: all are computed in one pass. */
  want(network: FeatureNetwork, layers: readonly string[]): void {
    this.#wanted.set(network, new Set([...(this.#wanted.get(network) ?? []), ...layers]));
  }

  /**
   * @param frames what is looked at @param names layers announced before @param few picks the frames that the network sees
   * @returns as {@link FeatureNetwork.features}; inside the tape of the losses
   */
  of(network: FeatureNetwork, frames: T, names: readonly string[], few: (frames: T) => T): T[] {
    const pictures = this.#found.get(network) ?? new Map<T, Map<string, T>>();
    this.#found.set(network, pictures);
    let found = pictures.get(frames);
    if (!found) {
      const wanted = [...this.#wanted.get(network)!];
      const features = network.features(few(frames), wanted);
      found = new Map(wanted.map((name, i) => [name, features[i]!]));
      pictures.set(frames, found);
    }
    return names.map((name) => found.get(name)!);
  }
}
