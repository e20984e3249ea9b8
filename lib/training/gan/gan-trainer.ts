import type * as core from '@tensorflow/tfjs-core';
import type { DataSource } from '../../data/types.ts';
import type { TensorData, Weights } from '../../engines/engine.ts';
import type { NetworkConfig } from '../../network/config.ts';
import type { Ops } from '../../network/ops.ts';
import { openPrograms, type Programs } from '../../network/tfjs/compiled/programs.ts';
import type { TrainerSettings } from '../../plan/types.ts';
import { Random, type RandomState } from '../../random.ts';
import type { CompiledPlan } from './compiled-plan.ts';
import type { DiscriminatorPlayer } from './discriminator-player.ts';
import type { Features } from './generator-objective.ts';
import { GeneratorPlayer } from './generator-player.ts';
import { type PhaseName, phaseWeights } from './phases.ts';
import { type RunState, under, within } from './run-folder.ts';
import { framesAt, mostInk } from './sample-strip.ts';
import { sampleOf, type Upload, upload } from './sequences.ts';
import { StepPrograms } from './step-programs.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

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
  /** What runs the steps; default: compiled where it can be. The trainer disposes it. */
  readonly programs?: Programs;
}

/**
 * The training step of the method: draw a batch of real sequences and noise, generate, let the discriminator judge both,
 * update discriminator and generator in turn. One call of {@link step} is one optimiser step of each, made of as many
 * micro-batches as the batch needs. State is exact: a restored trainer continues with the same numbers.
 */
export class GanTrainer {
  readonly #parts: GanParts;
  readonly #generator: GeneratorPlayer;
  readonly #programs: Programs;
  readonly #moves: StepPrograms;
  #random: Random;
  #dataRandom: RandomState;
  /** The next batch, if it was looked at already. */
  #ahead: ReturnType<DataSource['next']> | null = null;
  #waited = 0;
  /** Multiplies both learning rates; lowered after a roll-back. */
  rateScale = 1;
  /** Multiplies the discriminator's alone; lowered when it has won. */
  discriminatorScale = 1;

  constructor(parts: GanParts) {
    const { tf, ops, config, plan, settings, features, start } = parts;
    this.#parts = parts;
    this.#generator = new GeneratorPlayer(tf, ops, config, plan, features, start, settings.clipNorm);
    this.#programs = parts.programs ?? openPrograms(tf);
    this.#moves = new StepPrograms(tf, ops, config, this.#programs, this.#generator);
    this.#random = new Random(settings.seed);
    this.#dataRandom = new Random(settings.seed ^ 0x1234567).state();
  }

  /** @param index of the step, from 0 @param between called between micro-batches: lets other work through, may throw to stop */
  async step(index: number, between: () => Promise<void>): Promise<GanStep> {
    const { tf, config, settings, plan, discriminator } = this.#parts;
    const phase = phaseWeights(index, settings, Boolean(settings.from) && settings.schedule === 'phases');
    const uploads: Upload[] = [];
    try {
      for (let done = 0; done < settings.batch; done += settings.microBatch) {
        const began = performance.now();
        const { batch, random } = await this.#nextBatch();
        this.#waited += (performance.now() - began) / 1000;
        this.#ahead = null;
        this.#dataRandom = random;
        uploads.push(upload(tf, config, batch, this.#random));
        await between();
      }
      const opponent = discriminator && plan.adversarial && phase.adversarial > 0 ? discriminator : null;
      const rates = {
        generator: settings.generatorRate * phase.rate * this.rateScale,
        discriminator: settings.discriminatorRate * this.rateScale * this.discriminatorScale,
      };
      const weights = this.#generator.weights(phase, 'layers' in uploads[0]!.tensors, opponent !== null);
      // A young average forgets faster, or it would remember the random start.
      const averageShare = 1 - Math.min(settings.averageDecay, (1 + index) / (10 + index));
      const seen = await this.#moves.take(uploads, { opponent, weights, rates, averageShare }, between);
      const { diversity, ...losses } = seen.generator;
      if (!opponent) return { phase: phase.phase, losses, rates: { generator: rates.generator }, diversity };
      const { loss, real, fake } = seen.discriminator;
      const scores = { real: real!, fake: fake! };
      return { phase: phase.phase, losses: { ...losses, discriminator: loss! }, rates, scores, diversity };
    } finally {
      for (const { tensors } of uploads) tf.dispose(Object.values(tensors));
    }
  }

  /** The batch that the next micro-batch is made of. Looked at twice it is made once: what the source made ahead stays of use. */
  #nextBatch(): ReturnType<DataSource['next']> {
    if (this.#ahead) return this.#ahead;
    const asked = this.#parts.data.next(this.#dataRandom);
    this.#ahead = asked;
    // One that failed is asked for again.
    asked.catch(() => {
      if (this.#ahead === asked) this.#ahead = null;
    });
    return asked;
  }

  /** Seconds that steps waited for data so far. */
  get waitedSeconds(): number {
    return this.#waited;
  }

  /**
   * Real frames above, generated ones below, of one sequence of the next batch: [rows][frames] of side x side bytes. The one
   * with the most ink: a crop of bare sky is white paper, drawn well or not.
   */
  async strip(): Promise<{ rows: Uint8Array[][]; side: number }> {
    const { tf, ops, config } = this.#parts;
    const { batch } = await this.#nextBatch();
    const uploaded = upload(tf, config, batch, new Random(this.#random.state()));
    const both = tf.tidy(() => {
      const sample = sampleOf(tf, ops, config, uploaded);
      return [tf.clone(sample.real), this.#generator.frames(sample)];
    });
    try {
      const { frames, side } = uploaded;
      const values = await Promise.all(both.map((each) => each.data() as Promise<Float32Array>));
      const shown = mostInk(values[0]!, frames * side * side);
      return { rows: values.map((each) => framesAt(each, shown, frames, side)), side };
    } finally {
      tf.dispose([...both, ...Object.values(uploaded.tensors)]);
    }
  }

  /** Averaged weights, as blocks and checkpoints use them. */
  export(): Promise<ReadonlyMap<string, TensorData>> {
    return this.#generator.export();
  }

  async state(): Promise<RunState> {
    const own = await this.#generator.state();
    const opponent = await this.#parts.discriminator?.state();
    return {
      tensors: new Map([...own.tensors, ...(opponent ? under('discriminator/', opponent.tensors) : [])]),
      progress: {
        adamStep: own.step,
        discriminatorStep: opponent?.step ?? 0,
        random: this.#random.state(),
        dataRandom: this.#dataRandom,
        rateScale: this.rateScale,
        discriminatorScale: this.discriminatorScale,
      },
    };
  }

  restore({ tensors, progress }: RunState): void {
    this.#generator.restore({ tensors, step: Number(progress.adamStep) });
    const opponent = within(tensors, 'discriminator/');
    if (opponent.size > 0)
      this.#parts.discriminator?.restore({ tensors: opponent, step: Number(progress.discriminatorStep) });
    this.#random = new Random(progress.random as RandomState);
    this.#dataRandom = progress.dataRandom as RandomState;
    this.#ahead = null;
    this.rateScale = Number(progress.rateScale);
    this.discriminatorScale = Number(progress.discriminatorScale ?? 1);
  }

  dispose(): void {
    this.#programs.dispose();
    this.#generator.dispose();
    this.#parts.discriminator?.dispose();
  }
}
