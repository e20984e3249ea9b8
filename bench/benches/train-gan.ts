/**
 * Training steps on TensorFlow, batch 8: the paired step of phase A (encoder, style encoder, canonical decoder; forward,
 * backward, Adam), beside the same in PyTorch where there is one; and the full step of GanTrainer, discriminator and generator.
 */
import { availableParallelism } from 'node:os';
import { loadTensorflow, type Tfjs } from '../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { weightNormalised } from '../../lib/network/blocks/motion-tcn.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { loadSmallNetwork } from '../../lib/perceptual/small.ts';
import { Random } from '../../lib/random.ts';
import { DiscriminatorPlayer } from '../../lib/training/gan/discriminator-player.ts';
import { GanTrainer } from '../../lib/training/gan/gan-trainer.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';
import { Parameters } from '../../lib/training/parameters.ts';
import { DRAWING_WEIGHTS, drawLayers, PAIRED_ADAM, pairedLosses, toTensors } from '../../lib/training/phase-drawing.ts';
import { Optimiser } from '../../lib/training/step.ts';
import { squareSource, squares, toySettings } from '../../tests/unit/gan-toy-square.ts';
import { type Bench, type BenchOptions, medians, type Result, round, Skipped, summarise } from '../bench.ts';
import { PytorchSteps, type StepTimes } from '../pytorch-steps.ts';

const BATCH = 8;
const FRAMES = 4;
const SIDES = [64, 128];
const RATE = 1e-4;
const WARM_UP = 2;

/** The paired step, and where its time goes. */
function pairedStep(tf: Tfjs, side: number) {
  const ops = createTfjsOps(tf);
  const random = new Random(1);
  const weights = randomWeights(generatorSpecs(DEFAULT_CONFIG), random, 'random');
  const parameters = new Parameters(tf, weights, weightNormalised);
  const optimiser = new Optimiser(tf, parameters.select(DRAWING_WEIGHTS), PAIRED_ADAM);
  const { photo, page, layers, fields, position } = squares(random, { batch: BATCH, side, frames: 1 }, DEFAULT_CONFIG);
  const paired = { size: BATCH, side, photo, page, position, layers: layers!, fields: fields! };
  const batch = toTensors(tf, paired);
  const losses = () => pairedLosses(tf, ops, drawLayers(ops, parameters, DEFAULT_CONFIG, batch), batch);
  return {
    async step(): Promise<StepTimes> {
      const began = performance.now();
      let built = 0;
      await optimiser.accumulate(() => {
        const parts = losses();
        // TensorFlow's ops run when they are called: what follows is the backward pass.
        built = performance.now();
        return parts;
      });
      const backward = performance.now();
      await optimiser.apply(RATE);
      const end = performance.now();
      return { forward: built - began, backward: backward - built, adam: end - backward, total: end - began };
    },
    dispose() {
      optimiser.dispose();
      parameters.dispose();
      tf.dispose(Object.values(batch));
    },
  };
}

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

/** As flows/train.json has it in phase C, with every loss. */
async function fullStep(tf: Tfjs, side: number, runs: number, { tell }: BenchOptions): Promise<Result> {
  const ops = createTfjsOps(tf);
  const features = await loadSmallNetwork(tf);
  const settings = { ...toySettings({ seed: 1, steps: 1000, batch: BATCH, side, frames: FRAMES }), from: 'start' };
  const adversarial = { weight: 1, objective: 'non-saturating', realLabel: 0.9 } as const;
  const channels = 32;
  const wanted = { weight: 1, network: 'small', layers: [] };
  const trainer = new GanTrainer({
    tf,
    ops,
    config: DEFAULT_CONFIG,
    plan: {
      dataset: {},
      frames: FRAMES,
      side,
      discriminator: { pairing: 'independent', channels },
      adversarial,
      content: { ...wanted, against: 'real' },
      style: { ...wanted, transform: 'gram' },
      temporal: { weight: 10, lowPass: false },
    },
    settings,
    data: squareSource({ batch: BATCH, side, frames: FRAMES }, DEFAULT_CONFIG),
    features: { content: features, style: features },
    discriminator: new DiscriminatorPlayer(
      tf,
      ops,
      channels,
      { pairing: 'independent', ...adversarial },
      settings.clipNorm,
      new Random(2),
    ),
    start: randomWeights(generatorSpecs(DEFAULT_CONFIG), new Random(1), 'random'),
  });
  const seconds: number[] = [];
  for (let run = -WARM_UP; run < runs; run++) {
    const began = performance.now();
    // The discriminator plays from the second step.
    await trainer.step(500, async () => {});
    if (run >= 0) seconds.push((performance.now() - began) / 1000);
  }
  trainer.dispose();
  features.dispose();
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
