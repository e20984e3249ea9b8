import type * as core from '@tensorflow/tfjs-core';
import { contentLoss } from '../../losses/content.ts';
import { layerErrors } from '../../losses/layers.ts';
import { gramStyleLoss, layerStyleLoss } from '../../losses/style.ts';
import { lowPass, temporalLoss } from '../../losses/temporal.ts';
import type { NetworkConfig } from '../../network/config.ts';
import type { Ops } from '../../network/ops.ts';
import type { FeatureNetwork } from '../../perceptual/feature-network.ts';
import type { Parameters } from '../parameters.ts';
import type { LossParts } from '../step.ts';
import type { CompiledPlan, ContentSettings, StyleSettings } from './compiled-plan.ts';
import type { PhaseWeights } from './phases.ts';
import { type Generated, generate, moved, type Sample } from './sequences.ts';
import { SharedFeatures } from './shared-features.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** Frames of each clip that the feature losses look at: neighbours say nearly the same, and features cost the most. */
const FEATURE_FRAMES = 2;

export interface Critic {
  /** The generator's adversarial loss. @param frames G(z), [B*T,S,S,1] */
  generatorLoss(sample: Sample, frames: T): core.Scalar;
}

export interface Features {
  readonly content: FeatureNetwork | null;
  readonly style: FeatureNetwork | null;
}

/** What the generator minimises in one micro-batch, and the same numbers unweighted, for people. */
export class GeneratorObjective {
  readonly #tf: Tf;
  readonly #ops: Ops<T>;
  readonly #config: NetworkConfig;
  readonly #plan: CompiledPlan;
  readonly #features: Features;

  constructor(tf: Tf, ops: Ops<T>, config: NetworkConfig, plan: CompiledPlan, features: Features) {
    this.#tf = tf;
    this.#ops = ops;
    this.#config = config;
    this.#plan = plan;
    this.#features = features;
  }

  /** Weights of the losses that count. @param plays whether there is a critic to please */
  weights(phase: PhaseWeights, isPaired: boolean, plays: boolean): Readonly<Record<string, number>> {
    const { adversarial, content, style, temporal } = this.#plan;
    const all = {
      ...(isPaired ? { layers: phase.layers, fields: phase.layers } : {}),
      trajectory: phase.trajectory,
      temporal: (temporal?.weight ?? 0) * phase.temporal,
      content: (content?.weight ?? 0) * phase.content,
      style: (style?.weight ?? 0) * phase.style,
      adversarial: plays ? (adversarial?.weight ?? 0) * phase.adversarial : 0,
    };
    return Object.fromEntries(Object.entries(all).filter(([, weight]) => weight !== 0));
  }

  /**
   * @param weights of {@link weights}, or the same as scalars
   * @param note receives the unweighted losses and the variety of the generated sequences
   * @returns weighted parts; inside the optimiser's tape
   */
  parts(
    parameters: Parameters,
    sample: Sample,
    weights: Readonly<Record<string, number | core.Tensor>>,
    critic: Critic | null,
    note: (name: string, value: T) => void,
  ): LossParts {
    const tf = this.#tf;
    const made = generate(tf, this.#ops, parameters, this.#config, sample);
    const parts: Record<string, core.Scalar> = {};
    const add = (name: string, loss: () => core.Scalar) => {
      const weight = weights[name];
      if (weight === undefined) return;
      const value = loss();
      note(name, tf.clone(value));
      parts[name] = tf.mul(value, weight) as core.Scalar;
    };
    const { content, style, temporal } = this.#plan;
    const { layers, fields } = sample;
    add('layers', () => tf.mean(layerErrors(this.#ops, made.layers, layers!)) as core.Scalar);
    add('fields', () => tf.mean(tf.abs(tf.sub(made.fields, fields!))) as core.Scalar);
    add('trajectory', () => tf.mean(tf.abs(tf.sub(made.motion, sample.path))) as core.Scalar);
    add('temporal', () => this.#temporal(sample, made, temporal!.lowPass));
    const seen = new SharedFeatures();
    if (this.#features.content)
      seen.want(this.#features.content, weights.content === undefined ? [] : this.#contentLayers(content!));
    if (this.#features.style)
      seen.want(this.#features.style, weights.style === undefined ? [] : this.#styleLayers(style!, sample));
    add('content', () => this.#content(sample, made, content!, seen));
    add('style', () => this.#style(sample, made, style!, seen));
    add('adversarial', () => critic!.generatorLoss(sample, made.frames));
    // One clip alone differs from nothing: its variety says nothing.
    if (sample.size > 1)
      note('diversity', tf.div(variety(tf, made.frames, sample), tf.add(variety(tf, sample.real, sample), 1e-6)));
    if (Object.keys(parts).length === 0) parts.none = tf.mul(tf.mean(made.frames), 0) as core.Scalar;
    return parts;
  }

  /**
   * x moves as z asks where the teacher drew it. Pages and films move otherwise: there x is what G itself has drawn, moved
   * exactly as asked.
   */
  #temporal(sample: Sample, made: Generated, smoothed: boolean): core.Scalar {
    const tf = this.#tf;
    const blur = (x: T) => (smoothed ? lowPass(tf, x) : x);
    const own = () => moved(this.#ops, this.#config, sample, held(tf, made.layers), held(tf, made.fields));
    return temporalLoss(tf, blur(sample.drawn ?? own()), blur(made.frames), sample.frames);
  }

  #contentLayers({ layers }: ContentSettings): readonly string[] {
    return layers.length > 0 ? layers : this.#features.content!.layers.slice(-1);
  }

  #content(sample: Sample, made: Generated, settings: ContentSettings, seen: SharedFeatures): core.Scalar {
    const network = this.#features.content!;
    const names = this.#contentLayers(settings);
    if (settings.against === 'real') {
      return contentLoss(
        this.#tf,
        seen.of(network, sample.drawn ?? sample.real, names, (frames) => this.#few(sample, frames)),
        seen.of(network, made.frames, names, (frames) => this.#few(sample, frames)),
      );
    }
    // Against the photo the canonical drawing is compared, which no camera has moved.
    const { line, tone } = drawnPage(this.#tf, this.#ops, made.layers);
    const photo = this.#tf.mean(this.#tf.add(this.#tf.mul(sample.photo, 0.5), 0.5), 3, true);
    return contentLoss(this.#tf, network.features(photo, names), network.features(this.#tf.minimum(line, tone), names));
  }

  /** None where the layers of the drawing are compared themselves. */
  #styleLayers({ layers, transform }: StyleSettings, sample: Sample): readonly string[] {
    if (transform === 'layers' && sample.layers) return [];
    return layers.length > 0 ? layers : this.#features.style!.layers;
  }

  #style(sample: Sample, made: Generated, settings: StyleSettings, seen: SharedFeatures): core.Scalar {
    if (settings.transform === 'layers' && sample.layers)
      return layerStyleLoss(this.#tf, this.#ops, sample.layers, made.layers);
    const network = this.#features.style!;
    const names = this.#styleLayers(settings, sample);
    return gramStyleLoss(
      this.#tf,
      seen.of(network, sample.real, names, (frames) => this.#few(sample, frames)),
      seen.of(network, made.frames, names, (frames) => this.#few(sample, frames)),
    );
  }

  /** First and last frames of each clip: [B*2,S,S,1]. */
  #few(sample: Sample, frames: T): T {
    const tf = this.#tf;
    const { size, frames: count, side } = sample;
    if (count <= FEATURE_FRAMES) return frames;
    const clips = tf.reshape(frames, [size, count, side, side]);
    const ends = tf.concat(
      [tf.slice(clips, [0, 0, 0, 0], [-1, 1, -1, -1]), tf.slice(clips, [0, count - 1, 0, 0], [-1, 1, -1, -1])],
      1,
    );
    return tf.reshape(ends, [size * FEATURE_FRAMES, side, side, 1]);
  }
}

/** The same values, and no gradient: or blank paper, which cannot move wrongly, would be the way out. */
function held(tf: Tf, x: T): T {
  const stop = tf.customGrad((value) => ({
    value: (value as T).clone(),
    gradFunc: (dy: T) => tf.zerosLike(dy),
  }));
  return stop(x);
}

/** Paper (1) minus ink of the layers, unscreened: tones as greys. */
function drawnPage(tf: Tf, ops: Ops<T>, layers: T): { line: T; tone: T } {
  const clipped = ops.clip(layers, 0, 1);
  const line = tf.sub(1, ops.channels(clipped, 0, 1));
  const ink = tf.mean(ops.channels(clipped, 1, 3), 3, true);
  return { line, tone: tf.sub(1, ink) };
}

/** Mean deviation over the clips of a batch: how different they are. */
function variety(tf: Tf, frames: T, { size, frames: count, side }: Sample): core.Scalar {
  return tf.tidy(() => {
    const clips = tf.reshape(frames, [size, count * side * side]);
    return tf.mean(tf.sqrt(tf.moments(clips, 0).variance)) as core.Scalar;
  });
}
