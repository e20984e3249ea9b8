/**
 * Training steps on TensorFlow, batch 8: the paired step of phase A (encoder, style encoder, canonical decoder; forward,
 * backward, Adam), beside the same in PyTorch where there is one; and the full step of GanTrainer, discriminator and generator.
 */
import { availableParallelism } from 'node:os';
import { loadTensorflow, type Tfjs } from '../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';
import { viewOf } from '../../lib/training/view.ts';
import { type Bench, type BenchOptions, medians, type Result, round, Skipped, summarise } from '../bench.ts';
import { type PytorchScript, type PytorchSettings, PytorchSteps, type StepTimes } from '../pytorch-steps.ts';
import { BATCH, CHANNELS, FRAMES, type MeasuredStep, pairedStep, wholeTrainer } from '../training-steps.ts';

const SIDES = [64, 128];
const WARM_UP = 2;

async function baseline(
  script: PytorchScript,
  side: number,
  more: Partial<PytorchSettings>,
  { tell }: BenchOptions,
): Promise<PytorchSteps | string> {
  const settings = { config: DEFAULT_CONFIG, batch: BATCH, side, threads: availableParallelism(), ...more };
  try {
    return await PytorchSteps.start(script, settings);
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    tell(error.message);
    return error.message;
  }
}

interface Comparison {
  readonly name: string;
  readonly measured: MeasuredStep;
  /** Or why there is none. */
  readonly pytorch: PytorchSteps | string;
  readonly runs: number;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Steps of ours and of PyTorch in turn. */
async function compare({ name, measured, pytorch, runs, details }: Comparison): Promise<Result> {
  const ours: StepTimes[] = [];
  const theirs: StepTimes[] = [];
  const rival = typeof pytorch === 'string' ? null : pytorch;
  try {
    for (let run = -WARM_UP; run < runs; run++) {
      const mine = await measured.step();
      const other = await rival?.step();
      if (run < 0) continue;
      ours.push(mine);
      if (other) theirs.push(other);
    }
  } finally {
    rival?.close();
    measured.dispose();
  }
  const seconds = summarise(ours.map(({ total }) => total / 1000));
  const result = { name, unit: 's/step', target: 'PyTorch or less', ...seconds };
  const explained = { batch: BATCH, ...details, milliseconds: medians(ours) };
  if (!rival) return { ...result, details: { ...explained, baseline: `skipped: ${pytorch}` } };
  const peer = summarise(theirs.map(({ total }) => total / 1000));
  return {
    ...result,
    baseline: { name: `PyTorch ${rival.version}`, ...peer },
    ratio: round(peer.median / seconds.median, 2),
    details: { ...explained, baselineMilliseconds: medians(theirs), baselineParameters: rival.parameters },
  };
}

async function phaseA(tf: Tfjs, side: number, options: BenchOptions): Promise<Result> {
  return compare({
    name: `train-gan phase A ${side}²`,
    measured: pairedStep(tf, side),
    pytorch: await baseline('train_step', side, {}, options),
    runs: options.quick ? 3 : 15,
    details: { side },
  });
}

async function wholeStep(tf: Tfjs, side: number, options: BenchOptions): Promise<Result> {
  const sizes = { frames: FRAMES, frame: viewOf(side).inner, channels: CHANNELS };
  return compare({
    name: `train-gan D+G ${side}²`,
    measured: await wholeTrainer(tf, side),
    pytorch: await baseline('gan_step', side, sizes, options),
    runs: options.quick ? 2 : 7,
    details: { side, ...sizes, losses: 'adversarial, content, style, temporal, layers, fields, trajectory' },
  });
}

export const trainGan: Bench = async (options) => {
  const { tf, description } = await loadTensorflow().catch((error) => {
    if (error instanceof MangaError && error.code === 'ENGINE_MISSING')
      throw new Skipped('TensorFlow is not set up: npm run setup:tensorflow first.');
    throw error;
  });
  ensureGradients(tf);
  const results: Result[] = [];
  for (const step of [phaseA, wholeStep]) {
    for (const side of SIDES) {
      const result = await step(tf, side, options);
      options.tell(`${result.name}: ${result.median} s, ${result.ratio ?? 'no'} times as fast as PyTorch`);
      results.push(result);
    }
  }
  return results.map((result) => ({ ...result, details: { ...result.details, engine: description } }));
};
