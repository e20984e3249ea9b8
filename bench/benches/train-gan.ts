/**
 * Training steps on TensorFlow, batch 8: the paired step of phase A (encoder, style encoder, canonical decoder; forward,
 * backward, Adam), beside the same in PyTorch where there is one; and the full step of GanTrainer, discriminator and generator.
 */
import { availableParallelism } from 'node:os';
import { loadTensorflow, type Tfjs } from '../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';
import { type Bench, type BenchOptions, medians, type Result, round, Skipped, summarise } from '../bench.ts';
import { PytorchSteps, type StepTimes } from '../pytorch-steps.ts';
import { BATCH, FRAMES, fullTrainer, pairedStep } from '../training-steps.ts';

const SIDES = [64, 128];
const WARM_UP = 2;

async function baseline(side: number, { tell }: BenchOptions): Promise<PytorchSteps | string> {
  try {
    return await PytorchSteps.start({ config: DEFAULT_CONFIG, batch: BATCH, side, threads: availableParallelism() });
  } catch (error) {
    if (!(error instanceof Skipped)) throw error;
    tell(error.message);
    return error.message;
  }
}

async function phaseA(tf: Tfjs, side: number, runs: number, options: BenchOptions): Promise<Result> {
  const ours: StepTimes[] = [];
  const theirs: StepTimes[] = [];
  const paired = pairedStep(tf, side);
  const pytorch = await baseline(side, options);
  const rival = typeof pytorch === 'string' ? null : pytorch;
  try {
    for (let run = -WARM_UP; run < runs; run++) {
      const mine = await paired.step();
      const other = await rival?.step();
      if (run < 0) continue;
      ours.push(mine);
      if (other) theirs.push(other);
    }
  } finally {
    rival?.close();
    paired.dispose();
  }
  const seconds = summarise(ours.map(({ total }) => total / 1000));
  const result = { name: `train-gan phase A ${side}²`, unit: 's/step', target: 'PyTorch or less', ...seconds };
  const details = { batch: BATCH, side, milliseconds: medians(ours) };
  options.tell(`phase A ${side}²: ${seconds.median} s`);
  if (!rival) return { ...result, details: { ...details, baseline: `skipped: ${pytorch}` } };
  const peer = summarise(theirs.map(({ total }) => total / 1000));
  return {
    ...result,
    baseline: { name: `PyTorch ${rival.version}`, ...peer },
    ratio: round(peer.median / seconds.median, 2),
    details: { ...details, baselineMilliseconds: medians(theirs), baselineParameters: rival.parameters },
  };
}

async function fullStep(tf: Tfjs, side: number, runs: number, { tell }: BenchOptions): Promise<Result> {
  const full = await fullTrainer(tf, side);
  const seconds: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    const began = performance.now();
    await full.step();
    if (run >= 0) seconds.push((performance.now() - began) / 1000);
  }
  full.dispose();
  const result = summarise(seconds);
  tell(`D and G ${side}²: ${result.median} s`);
  const details = {
    batch: BATCH,
    side,
    frames: FRAMES,
    losses: 'adversarial, content, style, temporal, layers, trajectory',
  };
  return { name: `train-gan D+G ${side}²`, unit: 's/step', ...result, details };
}

export const trainGan: Bench = async (options) => {
  const { tf, description } = await loadTensorflow().catch((error) => {
    if (error instanceof MangaError && error.code === 'ENGINE_MISSING')
      throw new Skipped('TensorFlow is not set up: npm run setup:tensorflow first.');
    throw error;
  });
  ensureGradients(tf);
  const results: Result[] = [];
  for (const side of SIDES) results.push(await phaseA(tf, side, options.quick ? 3 : 15, options));
  for (const side of SIDES) results.push(await fullStep(tf, side, options.quick ? 2 : 5, options));
  return results.map((result) => ({ ...result, details: { ...result.details, engine: description } }));
};
