import type * as core from '@tensorflow/tfjs-core';
import type { DataSource } from '../../data/types.ts';
import type { TensorData, Weights } from '../../engines/engine.ts';
import { weightNormalised } from '../../network/blocks/motion-tcn.ts';
import type { NetworkConfig } from '../../network/config.ts';
import { DEFAULT_STYLE, generatorPrograms } from '../../network/generator.ts';
import type { Ops } from '../../network/ops.ts';
import type { TrainerSettings } from '../../plan/types.ts';
import { Random, type RandomState } from '../../random.ts';
import { ADAM_DEFAULTS } from '../adam.ts';
import { hostCopy } from '../host-copy.ts';
import { Parameters } from '../parameters.ts';
import { Optimiser, readScalars } from '../step.ts';
import type { CompiledPlan } from './compiled-plan.ts';
import type { DiscriminatorPlayer, DiscriminatorStep } from './discriminator-player.ts';
import { type Features, GeneratorObjective } from './generator-objective.ts';
import { type PhaseName, phaseWeights } from './phases.ts';
import { type RunState, under, within } from './run-folder.ts';
import { disposeSample, generate, makeSample, type Sample } from './sequences.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** How fast the default style code follows the codes of the pages that training sees. */
const STYLE_DECAY = 0.99;

export interface GanStep {
  readonly phase: PhaseName;
  /** Unweighted losses of the generator, by name; and of the discriminator, when it played. */
  readonly losses: Readonly<Record<string, number>>;
  readonly scores?: { readonly real: number; readonly fake: number };
  /** Learning rates that the step was taken with. */
  readonly rates: { readonly generator: number; readonly discriminator?: number };
  /** How much generated clips differ from each other over how much real ones do; absent with micro-batches of one clip. */
  readonly diversity?: number;
}

/** Everything a trainer needs from outside. */
export interface GanParts {
  readonly tf: Tf;
  readonly ops: Ops<T>;
  readonly config: NetworkConfig;
  readonly plan: CompiledPlan;
  readonly settings: TrainerSettings;
  readonly data: DataSource;
  readonly features: Features;
  readonly discriminator: DiscriminatorPlayer | null;
  readonly start: Weights;
}

/**
 * The training step of the method: draw a batch of real sequences and noise, generate, let the discriminator judge both,
 * update discriminator and generator in turn. One call of {@link step} is one optimiser step of each, made of as many
 * micro-batches as the batch needs. State is exact: a restored trainer continues with the same numbers.
 */
export class GanTrainer {
  readonly #parts: GanParts;
  readonly #parameters: Parameters;
  readonly #optimiser: Optimiser;
  readonly #objective: GeneratorObjective;
  #random: Random;
  #dataRandom: RandomState;
  #styleCode: core.Variable;
  /** Multiplies both learning rates; lowered after a roll-back. */
  rateScale = 1;

  constructor(parts: GanParts) {
    const { tf, ops, config, plan, settings, features, start } = parts;
    this.#parts = parts;
    const tensors = new Map([...start.tensors].filter(([name]) => name !== DEFAULT_STYLE));
    this.#parameters = new Parameters(tf, { id: start.id, tensors }, weightNormalised);
    this.#optimiser = new Optimiser(tf, this.#parameters.variables, { ...ADAM_DEFAULTS, clipNorm: settings.clipNorm });
    this.#objective = new GeneratorObjective(tf, ops, config, plan, features);
    this.#random = new Random(settings.seed);
    this.#dataRandom = new Random(settings.seed ^ 0x1234567).state();
    const code = start.tensors.get(DEFAULT_STYLE);
    const value = code ? tf.tensor(code.data, [1, config.style], 'float32') : tf.zeros([1, config.style]);
    this.#styleCode = tf.variable(value, false);
    value.dispose();
  }

  /** @param index of the step, from 0 @param between called between micro-batches: lets other work through, may throw to stop */
  async step(index: number, between: () => Promise<void>): Promise<GanStep> {
    const { tf, ops, config, settings, plan, discriminator } = this.#parts;
    const phase = phaseWeights(index, settings, Boolean(settings.from) && settings.schedule === 'phases');
    const samples: Sample[] = [];
    try {
      for (let done = 0; done < settings.batch; done += settings.microBatch) {
        const { batch, random } = await this.#parts.data.next(this.#dataRandom);
        this.#dataRandom = random;
        samples.push(makeSample(tf, ops, config, batch, this.#random));
        await between();
      }
      const rates = {
        generator: settings.generatorRate * phase.rate * this.rateScale,
        discriminator: settings.discriminatorRate * this.rateScale,
      };
      let judged: DiscriminatorStep | null = null;
      const plays = discriminator && plan.adversarial && phase.adversarial > 0 ? discriminator : null;
      if (plays) {
        for (const sample of samples) {
          const fake = tf.tidy(() => generate(tf, ops, this.#parameters, config, sample).frames);
          await plays.judge(sample, fake);
          fake.dispose();
          await between();
        }
        judged = await plays.update(rates.discriminator);
      }
      const sums: Record<string, number> = {};
      for (const sample of samples) {
        const raw: Record<string, core.Scalar> = {};
        await this.#optimiser.accumulate(() => this.#objective.parts(this.#parameters, sample, phase, plays, raw));
        for (const [name, value] of Object.entries(await readScalars(raw)))
          sums[name] = (sums[name] ?? 0) + value / samples.length;
        await between();
      }
      await this.#optimiser.apply(rates.generator);
      this.#parameters.updateAverage(Math.min(settings.averageDecay, (1 + index) / (10 + index)));
      this.#followStyle(samples[0]!);
      const { diversity, ...losses } = sums;
      if (!judged) return { phase: phase.phase, losses, rates: { generator: rates.generator }, diversity };
      losses.discriminator = judged.loss;
      return { phase: phase.phase, losses, rates, scores: judged.scores, diversity };
    } finally {
      this.#optimiser.discard();
      discriminator?.discard();
      for (const sample of samples) disposeSample(tf, sample);
    }
  }

  /** The default style is the mean code of the pages seen: what is drawn when no page is given. */
  #followStyle(sample: Sample): void {
    const { tf, ops, config } = this.#parts;
    tf.tidy(() => {
      const { style } = generatorPrograms(config)['style-encoder'].build(ops, this.#parameters.weight, {
        page: sample.page,
      });
      const step = tf.mul(tf.sub(tf.mean(style!, 0, true), this.#styleCode), 1 - STYLE_DECAY);
      this.#styleCode.assign(tf.add(this.#styleCode, step));
    });
  }

  /** Real frames above, generated ones below, of the last batch seen: [rows][frames] of side x side bytes. */
  async strip(): Promise<{ rows: Uint8Array[][]; side: number }> {
    const { tf, ops, config } = this.#parts;
    const { batch } = await this.#parts.data.next(this.#dataRandom);
    const sample = makeSample(tf, ops, config, batch, new Random(this.#random.state()));
    try {
      const fake = tf.tidy(() => generate(tf, ops, this.#parameters, config, sample).frames);
      const rows = await Promise.all([sample.real, fake].map((frames) => this.#pictures(frames, sample)));
      fake.dispose();
      return { rows, side: sample.side };
    } finally {
      disposeSample(tf, sample);
    }
  }

  async #pictures(frames: T, { frames: count, side }: Sample): Promise<Uint8Array[]> {
    const values = await frames.data();
    const size = side * side;
    return Array.from({ length: count }, (_, t) =>
      Uint8Array.from(
        values.subarray(t * size, (t + 1) * size) as Float32Array,
        (v) => 255 * Math.min(Math.max(v, 0), 1),
      ),
    );
  }

  /** Averaged weights, as blocks and checkpoints use them. */
  async export(): Promise<ReadonlyMap<string, TensorData>> {
    const { tensors } = await this.#parameters.export('current');
    return new Map([...tensors, [DEFAULT_STYLE, await hostCopy(this.#styleCode)]]);
  }

  async state(): Promise<RunState> {
    const adam = await this.#optimiser.state();
    const opponent = await this.#parts.discriminator?.state();
    return {
      tensors: new Map([
        ...under('generator/', await this.#parameters.state()),
        ...under('adam/', adam.tensors),
        ...(opponent ? under('discriminator/', opponent.tensors) : []),
        ['style', await hostCopy(this.#styleCode)],
      ]),
      progress: {
        adamStep: adam.step,
        discriminatorStep: opponent?.step ?? 0,
        random: this.#random.state(),
        dataRandom: this.#dataRandom,
        rateScale: this.rateScale,
      },
    };
  }

  restore({ tensors, progress }: RunState): void {
    const { tf } = this.#parts;
    this.#parameters.restore(within(tensors, 'generator/'));
    this.#optimiser.restore({ tensors: within(tensors, 'adam/'), step: Number(progress.adamStep) });
    const opponent = within(tensors, 'discriminator/');
    if (opponent.size > 0)
      this.#parts.discriminator?.restore({ tensors: opponent, step: Number(progress.discriminatorStep) });
    const code = tensors.get('style')!;
    const value = tf.tensor(code.data, [...code.shape], 'float32');
    this.#styleCode.assign(value);
    value.dispose();
    this.#random = new Random(progress.random as RandomState);
    this.#dataRandom = progress.dataRandom as RandomState;
    this.rateScale = Number(progress.rateScale);
  }

  dispose(): void {
    this.#optimiser.dispose();
    this.#parameters.dispose();
    this.#styleCode.dispose();
    this.#parts.discriminator?.dispose();
  }
}
