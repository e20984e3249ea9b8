import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../../engines/engine.ts';
import { type AdversarialOptions, discriminatorLoss, generatorLoss, meanScore } from '../../losses/adversarial.ts';
import {
  type DiscriminatorConfig,
  discriminatorConfig,
  discriminatorProgram,
  discriminatorSpecs,
} from '../../network/blocks/discriminator.ts';
import type { Ops } from '../../network/ops.ts';
import { randomWeights } from '../../network/weights.ts';
import type { Random } from '../../random.ts';
import { ADAM_DEFAULTS, type AdamStep } from '../adam.ts';
import { Parameters } from '../parameters.ts';
import { SpectralNorm } from '../spectral-norm.ts';
import { type Gradient, Optimiser } from '../step.ts';
import type { Critic } from './generator-objective.ts';
import { under, within } from './run-folder.ts';
import type { Sample } from './sequences.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

export interface DiscriminatorState {
  readonly tensors: ReadonlyMap<string, TensorData>;
  readonly step: number;
}

/** Logits of some clips: of each clip, [B,1], and those that the losses are taken on, [B,N] each. */
interface Verdict {
  readonly clip: T;
  readonly taught: readonly T[];
}

export interface DiscriminatorOptions extends AdversarialOptions {
  /** Channels of the first layer; the others keep their proportions to it. */
  readonly channels: number;
  /** Halvings of the frame branch. */
  readonly depth: number;
  /** What is right or wrong: every patch and step, or the clip as a whole. */
  readonly logits: 'patches' | 'clip';
}

/** The discriminator's side of the game: judges sequences, learns from its mistakes, tells the generator how it is seen. */
export class DiscriminatorPlayer implements Critic {
  readonly #tf: Tf;
  readonly #ops: Ops<T>;
  readonly #config: DiscriminatorConfig;
  readonly #options: AdversarialOptions;
  readonly #logits: 'patches' | 'clip';
  readonly #parameters: Parameters;
  readonly #norm: SpectralNorm;
  readonly #optimiser: Optimiser;

  constructor(tf: Tf, ops: Ops<T>, options: DiscriminatorOptions, clipNorm: number, random: Random) {
    this.#tf = tf;
    this.#ops = ops;
    this.#options = options;
    this.#logits = options.logits;
    this.#config = discriminatorConfig(options.channels, options.depth);
    const specs = discriminatorSpecs(this.#config);
    this.#parameters = new Parameters(tf, randomWeights(specs, random, 'discriminator'), () => false);
    this.#norm = new SpectralNorm(tf, this.#parameters.weight, specs, random);
    this.#optimiser = new Optimiser(tf, this.#parameters.variables, { ...ADAM_DEFAULTS, clipNorm });
  }

  /** @param frames [B*T,S,S,1] */
  #judge(frames: T, count: number): Verdict {
    const program = discriminatorProgram(this.#config, count);
    const made = program.build(this.#ops, this.#norm.weight, { sequence: frames });
    const { logits, patches, steps } = made as Record<'logits' | 'patches' | 'steps', T>;
    if (this.#logits === 'clip') return { clip: logits, taught: [logits] };
    const clips = logits.shape[0]!;
    return { clip: logits, taught: [patches, steps].map((part) => this.#tf.reshape(part, [clips, -1])) };
  }

  /** Of x and of G(z), in one pass: nothing in D mixes clips. */
  #both(sample: Sample, fake: T): { real: Verdict; fake: Verdict } {
    const tf = this.#tf;
    const { clip, taught } = this.#judge(tf.concat([sample.real, fake], 0), sample.frames);
    const halves = [clip, ...taught].map((logits) => tf.split(logits, 2, 0));
    const [real, generated] = [0, 1].map((half) => {
      const [whole, ...parts] = halves.map((pieces) => pieces[half]!);
      return { clip: whole!, taught: parts };
    });
    return { real: real!, fake: generated! };
  }

  /** The mean of a loss over what it is taught on. */
  #mean(real: Verdict, fake: Verdict, loss: typeof generatorLoss): core.Scalar {
    const tf = this.#tf;
    const losses = fake.taught.map((logits, i) => loss(tf, real.taught[i]!, logits, this.#options));
    return losses.length === 1 ? losses[0]! : (tf.div(tf.addN(losses), losses.length) as core.Scalar);
  }

  generatorLoss(sample: Sample, frames: T): core.Scalar {
    if (this.#options.pairing === 'relativistic') {
      const { real, fake } = this.#both(sample, frames);
      return this.#mean(real, fake, generatorLoss);
    }
    const fake = this.#judge(frames, sample.frames);
    return this.#mean(fake, fake, generatorLoss);
  }

  /**
   * Judges one micro-batch. Inside tf.tidy.
   * @param fake G(z), no gradient flows into it
   * @returns what it should learn; loss `loss`, notes `real` and `fake`: means of D(x) and D(G(z)), 0..1
   */
  judge(sample: Sample, fake: T): Gradient {
    const tf = this.#tf;
    return this.#optimiser.gradient((note) => {
      const { real: onReal, fake: onFake } = this.#both(sample, fake);
      note('real', meanScore(tf, onReal.clip));
      note('fake', meanScore(tf, onFake.clip));
      return { loss: this.#mean(onReal, onFake, discriminatorLoss) };
    });
  }

  /** Adds up what micro-batches teach. Inside tf.tidy. */
  add(gradient: Gradient): void {
    this.#optimiser.add(gradient);
  }

  /** @returns the sum of what was added, times `share`. Inside tf.tidy. */
  take(share: core.Scalar): Pick<Gradient, 'vector' | 'present'> {
    return { vector: this.#optimiser.take(share), present: new Set(this.#parameters.variables.keys()) };
  }

  /** Begins a step. @returns what {@link learn} takes */
  next(rate: number): AdamStep<number> {
    return this.#optimiser.next(rate);
  }

  /** One step, and one power iteration. Inside tf.tidy. */
  learn(gradient: Pick<Gradient, 'vector' | 'present'>, step: AdamStep): void {
    this.#optimiser.descend(gradient, step);
    this.#norm.advance();
  }

  /** Forgets what was added. */
  discard(): void {
    this.#optimiser.discard();
  }

  async state(): Promise<DiscriminatorState> {
    const adam = await this.#optimiser.state();
    const tensors = new Map([
      ...under('weights/', await this.#parameters.state()),
      ...under('norm/', await this.#norm.state()),
      ...under('adam/', adam.tensors),
    ]);
    return { tensors, step: adam.step };
  }

  restore({ tensors, step }: DiscriminatorState): void {
    this.#parameters.restore(within(tensors, 'weights/'));
    this.#norm.restore(within(tensors, 'norm/'));
    this.#optimiser.restore({ tensors: within(tensors, 'adam/'), step });
  }

  dispose(): void {
    this.#optimiser.dispose();
    this.#norm.dispose();
    this.#parameters.dispose();
  }
}
