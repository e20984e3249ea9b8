import type * as core from '@tensorflow/tfjs-core';
import type { TensorData, Weights } from '../../engines/engine.ts';
import { weightNormalised } from '../../network/blocks/motion-tcn.ts';
import type { NetworkConfig } from '../../network/config.ts';
import { DEFAULT_STYLE, generatorPrograms } from '../../network/generator.ts';
import type { Ops } from '../../network/ops.ts';
import { ADAM_DEFAULTS, type AdamStep } from '../adam.ts';
import { hostCopy } from '../host-copy.ts';
import { Parameters } from '../parameters.ts';
import { type Gradient, Optimiser } from '../step.ts';
import type { CompiledPlan } from './compiled-plan.ts';
import { type Critic, type Features, GeneratorObjective } from './generator-objective.ts';
import type { PhaseWeights } from './phases.ts';
import { under, within } from './run-folder.ts';
import { generate, type Sample } from './sequences.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** How fast the default style code follows the codes of the pages that training sees. */
const STYLE_DECAY = 0.99;

export interface GeneratorState {
  readonly tensors: ReadonlyMap<string, TensorData>;
  readonly step: number;
}

/** The generator's side of the game: draws sequences, learns by the weighted losses, and is averaged for export. */
export class GeneratorPlayer {
  readonly #tf: Tf;
  readonly #ops: Ops<T>;
  readonly #config: NetworkConfig;
  readonly #parameters: Parameters;
  readonly #optimiser: Optimiser;
  readonly #objective: GeneratorObjective;
  readonly #styleCode: core.Variable;

  constructor(
    tf: Tf,
    ops: Ops<T>,
    config: NetworkConfig,
    plan: CompiledPlan,
    features: Features,
    start: Weights,
    clipNorm: number,
  ) {
    this.#tf = tf;
    this.#ops = ops;
    this.#config = config;
    const tensors = new Map([...start.tensors].filter(([name]) => name !== DEFAULT_STYLE));
    this.#parameters = new Parameters(tf, { id: start.id, tensors }, weightNormalised);
    this.#optimiser = new Optimiser(tf, this.#parameters.variables, { ...ADAM_DEFAULTS, clipNorm });
    this.#objective = new GeneratorObjective(tf, ops, config, plan, features);
    const code = start.tensors.get(DEFAULT_STYLE);
    const value = code ? tf.tensor(code.data, [1, config.style], 'float32') : tf.zeros([1, config.style]);
    this.#styleCode = tf.variable(value, false);
    value.dispose();
  }

  /** See {@link GeneratorObjective.weights}. */
  weights(phase: PhaseWeights, isPaired: boolean, plays: boolean): Readonly<Record<string, number>> {
    return this.#objective.weights(phase, isPaired, plays);
  }

  /** G(z), [B*T,S,S,1]. Inside tf.tidy. */
  frames(sample: Sample): T {
    return generate(this.#tf, this.#ops, this.#parameters, this.#config, sample).frames;
  }

  /** @param weights of the losses that count @returns what one micro-batch teaches; notes the unweighted losses. Inside tf.tidy. */
  gradient(sample: Sample, weights: Readonly<Record<string, T>>, critic: Critic | null): Gradient {
    return this.#optimiser.gradient((note) => this.#objective.parts(this.#parameters, sample, weights, critic, note));
  }

  /** Adds up what micro-batches teach. Inside tf.tidy. */
  add(gradient: Gradient): void {
    this.#optimiser.add(gradient);
  }

  /** @returns the sum of what was added, times `share`. Inside tf.tidy. */
  take(share: core.Scalar): T {
    return this.#optimiser.take(share);
  }

  /** Begins a step. @param rate learning rate @returns what {@link learn} takes */
  next(rate: number): AdamStep<number> {
    return this.#optimiser.next(rate);
  }

  /**
   * One step; the average of the weights moves towards them by `share`, the default style towards the pages'. Inside tf.tidy.
   * @param page style pages of a micro-batch, [B,H,W,1]
   */
  learn(gradient: Pick<Gradient, 'vector' | 'present'>, step: AdamStep, share: core.Scalar, page: T): void {
    this.#optimiser.descend(gradient, step);
    this.#parameters.moveAverage(share);
    this.#followStyle(page);
  }

  /** The default style is the mean code of the pages seen: what is drawn when no page is given. */
  #followStyle(page: T): void {
    const tf = this.#tf;
    const { style } = generatorPrograms(this.#config)['style-encoder'].build(this.#ops, this.#parameters.weight, {
      page,
    });
    const step = tf.mul(tf.sub(tf.mean(style!, 0, true), this.#styleCode), 1 - STYLE_DECAY);
    this.#styleCode.assign(tf.add(this.#styleCode, step));
  }

  /** Forgets what was added. */
  discard(): void {
    this.#optimiser.discard();
  }

  /** Averaged weights, as blocks and checkpoints use them. */
  async export(): Promise<ReadonlyMap<string, TensorData>> {
    const { tensors } = await this.#parameters.export('current');
    return new Map([...tensors, [DEFAULT_STYLE, await hostCopy(this.#styleCode)]]);
  }

  async state(): Promise<GeneratorState> {
    const adam = await this.#optimiser.state();
    const tensors = new Map([
      ...under('generator/', await this.#parameters.state()),
      ...under('adam/', adam.tensors),
      ['style', await hostCopy(this.#styleCode)],
    ]);
    return { tensors, step: adam.step };
  }

  restore({ tensors, step }: GeneratorState): void {
    this.#parameters.restore(within(tensors, 'generator/'));
    this.#optimiser.restore({ tensors: within(tensors, 'adam/'), step });
    const code = tensors.get('style')!;
    const value = this.#tf.tensor(code.data, [...code.shape], 'float32');
    this.#styleCode.assign(value);
    value.dispose();
  }

  dispose(): void {
    this.#optimiser.dispose();
    this.#parameters.dispose();
    this.#styleCode.dispose();
  }
}
