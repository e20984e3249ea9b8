import type * as core from '@tensorflow/tfjs-core';
import type { NetworkConfig } from '../../network/config.ts';
import type { Ops } from '../../network/ops.ts';
import type { Programs } from '../../network/tfjs/compiled/programs.ts';
import type { AdamStep } from '../adam.ts';
import { type Gradient, readScalars } from '../step.ts';
import type { DiscriminatorPlayer } from './discriminator-player.ts';
import type { GeneratorPlayer } from './generator-player.ts';
import { type Sample, sampleOf, type Upload } from './sequences.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;
type Tensors = Readonly<Record<string, T>>;
type Numbers = Readonly<Record<string, number>>;
type Scalars = Readonly<Record<string, core.Scalar>>;

/** What a step is taken with, beside its data. */
export interface StepSettings {
  /** Null while the discriminator does not play. */
  readonly opponent: DiscriminatorPlayer | null;
  /** Of the generator's losses that count. */
  readonly weights: Numbers;
  /** Learning rates. */
  readonly rates: { readonly generator: number; readonly discriminator: number };
  /** How far the average of the generator's weights moves towards them. */
  readonly averageShare: number;
}

export interface StepValues {
  /** The generator's unweighted losses and `diversity`, means over the micro-batches. */
  readonly generator: Numbers;
  /** `loss`, and `real` and `fake`: means of D(x) and D(G(z)). Empty when the discriminator did not play. */
  readonly discriminator: Numbers;
}

/** What is the discriminator's begins so, in names of inputs and outputs. */
const JUDGED = 'discriminator.';
/** Inputs that are numbers, apart from those of a sample. */
const NUMBER = 'number.';

/**
 * The tensors' part of a step as programs. A batch of one micro-batch is one program: G(z) is then made once for both players,
 * since a graph does not compute the same twice. Else there are four, and micro-batches add up.
 */
export class StepPrograms {
  readonly #tf: Tf;
  readonly #ops: Ops<T>;
  readonly #config: NetworkConfig;
  readonly #programs: Programs;
  readonly #generator: GeneratorPlayer;
  /** Names of the generator's variables that have a gradient, by the losses that count. */
  readonly #present = new Map<string, ReadonlySet<string>>();

  constructor(tf: Tf, ops: Ops<T>, config: NetworkConfig, programs: Programs, generator: GeneratorPlayer) {
    this.#tf = tf;
    this.#ops = ops;
    this.#config = config;
    this.#programs = programs;
    this.#generator = generator;
  }

  /** @param between called between programs; may throw to stop, and nothing is left of the step then */
  async take(uploads: readonly Upload[], settings: StepSettings, between: () => Promise<void>): Promise<StepValues> {
    if (uploads.length === 1) return this.#whole(uploads[0]!, settings);
    try {
      return await this.#added(uploads, settings, between);
    } catch (error) {
      this.#generator.discard();
      settings.opponent?.discard();
      throw error;
    }
  }

  async #whole(uploaded: Upload, settings: StepSettings): Promise<StepValues> {
    const { opponent } = settings;
    const { page } = uploaded.tensors;
    const numbers = { ...this.#ofDiscriminator(settings), ...this.#ofGenerator(settings), ...settings.weights };
    const values = await this.#run('step', settings, uploaded.tensors, numbers, (scalars) => {
      const sample = sampleOf(this.#tf, this.#ops, this.#config, uploaded);
      const judged = opponent
        ? this.#judge(opponent, sample, (gradient) => opponent.learn(gradient, opponents(scalars)))
        : {};
      const seen = this.#study(sample, settings, scalars, (gradient) => this.#learn(gradient, scalars, page!));
      return { ...judged, ...seen };
    });
    return sorted(values);
  }

  async #added(uploads: readonly Upload[], settings: StepSettings, between: () => Promise<void>): Promise<StepValues> {
    const { opponent } = settings;
    const all: Record<string, number> = {};
    const each = async (name: string, numbers: Numbers, body: (sample: Sample, scalars: Scalars) => Tensors) => {
      for (const uploaded of uploads) {
        const values = await this.#run(name, settings, uploaded.tensors, numbers, (scalars) =>
          body(sampleOf(this.#tf, this.#ops, this.#config, uploaded), scalars),
        );
        for (const [key, value] of Object.entries(values)) all[key] = (all[key] ?? 0) + value / uploads.length;
        await between();
      }
    };
    const share = 1 / uploads.length;
    if (opponent) {
      await each('judge', {}, (sample) => this.#judge(opponent, sample, (gradient) => opponent.add(gradient)));
      await this.#run('learn to judge', settings, {}, { share, ...this.#ofDiscriminator(settings) }, (scalars) => {
        opponent.learn(opponent.take(scalars.share!), opponents(scalars));
        return {};
      });
    }
    const losses = signature(settings);
    await each('study', settings.weights, (sample, scalars) =>
      this.#study(sample, settings, scalars, (gradient) => {
        this.#present.set(losses, gradient.present);
        this.#generator.add(gradient);
      }),
    );
    const { page } = uploads[0]!.tensors;
    await this.#run('learn', settings, { page: page! }, { share, ...this.#ofGenerator(settings) }, (scalars) => {
      const gradient = { vector: this.#generator.take(scalars.share!), present: this.#present.get(losses)! };
      this.#learn(gradient, scalars, page!);
      return {};
    });
    return sorted(all);
  }

  /** The discriminator looks at x and G(z). */
  #judge(opponent: DiscriminatorPlayer, sample: Sample, use: (gradient: Gradient) => void): Tensors {
    return this.#tf.tidy(() => {
      const gradient = opponent.judge(sample, this.#generator.frames(sample));
      use(gradient);
      return { [`${JUDGED}loss`]: gradient.losses.loss!, ...prefixed(JUDGED, gradient.notes) };
    });
  }

  /** The generator hears what its losses say. */
  #study(
    sample: Sample,
    { weights, opponent }: StepSettings,
    scalars: Scalars,
    use: (gradient: Gradient) => void,
  ): Tensors {
    return this.#tf.tidy(() => {
      const weighted = Object.fromEntries(Object.keys(weights).map((name) => [name, scalars[name]!]));
      const gradient = this.#generator.gradient(sample, weighted, opponent);
      use(gradient);
      return { ...gradient.notes };
    });
  }

  #learn(gradient: Pick<Gradient, 'vector' | 'present'>, scalars: Scalars, page: T): void {
    const { rate, epsilon, averageShare } = scalars;
    this.#tf.tidy(() => this.#generator.learn(gradient, { rate: rate!, epsilon: epsilon! }, averageShare!, page));
  }

  #ofGenerator({ rates, averageShare }: StepSettings): Numbers {
    return { ...this.#generator.next(rates.generator), averageShare };
  }

  #ofDiscriminator({ opponent, rates }: StepSettings): Numbers {
    return opponent ? prefixed(JUDGED, { ...opponent.next(rates.discriminator) }) : {};
  }

  /** @returns the scalars that the program gave */
  async #run(
    name: string,
    settings: StepSettings,
    tensors: Tensors,
    numbers: Numbers,
    body: (scalars: Scalars) => Tensors,
  ): Promise<Record<string, number>> {
    const entries = Object.entries(numbers).map(([key, value]) => [key, this.#tf.scalar(value)] as const);
    const scalars = Object.fromEntries(entries);
    try {
      const key = `${name}: ${signature(settings)}`;
      const made = this.#programs.run(key, { ...tensors, ...prefixed(NUMBER, scalars) }, () => body(scalars));
      return await readScalars(made);
    } finally {
      this.#tf.dispose(scalars);
    }
  }
}

/** Which operations a step runs, beside the shapes of its data. */
function signature({ weights, opponent }: StepSettings): string {
  return [...Object.keys(weights), ...(opponent ? ['discriminator'] : [])].join(', ');
}

function opponents(scalars: Scalars): AdamStep {
  return { rate: scalars[`${JUDGED}rate`]!, epsilon: scalars[`${JUDGED}epsilon`]! };
}

function prefixed<V>(prefix: string, values: Readonly<Record<string, V>>): Record<string, V> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}

/** Takes the discriminator's values apart from the generator's. */
function sorted(values: Numbers): StepValues {
  const generator: Record<string, number> = {};
  const discriminator: Record<string, number> = {};
  for (const [name, value] of Object.entries(values)) {
    if (name.startsWith(JUDGED)) discriminator[name.slice(JUDGED.length)] = value;
    else generator[name] = value;
  }
  return { generator, discriminator };
}
