/** The training steps that are measured: batch 8, in this process. */
import type { Tfjs } from '../lib/engines/load-tfjs.ts';
import { weightNormalised } from '../lib/network/blocks/motion-tcn.ts';
import { DEFAULT_CONFIG } from '../lib/network/config.ts';
import { generatorSpecs } from '../lib/network/generator.ts';
import { createTfjsOps } from '../lib/network/tfjs/ops.ts';
import { randomWeights } from '../lib/network/weights.ts';
import { loadSmallNetwork } from '../lib/perceptual/small.ts';
import { Random } from '../lib/random.ts';
import { DiscriminatorPlayer } from '../lib/training/gan/discriminator-player.ts';
import { GanTrainer } from '../lib/training/gan/gan-trainer.ts';
import { Parameters } from '../lib/training/parameters.ts';
import { DRAWING_WEIGHTS, drawLayers, PAIRED_ADAM, pairedLosses, toTensors } from '../lib/training/phase-drawing.ts';
import { Optimiser } from '../lib/training/step.ts';
import { squareSource, squares, toySettings } from '../tests/unit/gan-toy-square.ts';
import type { StepTimes } from './pytorch-steps.ts';

export const BATCH = 8;
export const FRAMES = 4;
/** Of the discriminator's first layer. */
export const CHANNELS = 32;
const RATE = 1e-4;

export interface MeasuredStep {
  step(): Promise<StepTimes>;
  dispose(): void;
}

/** The paired step of phase A. */
export function pairedStep(tf: Tfjs, side: number): MeasuredStep {
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
    async step() {
      const began = performance.now();
      await optimiser.step(losses, RATE, { ...batch });
      return { total: performance.now() - began };
    },
    dispose() {
      optimiser.dispose();
      parameters.dispose();
      tf.dispose(Object.values(batch));
    },
  };
}

/** The whole step of phase C as flows/train.json has it, with every loss. */
export async function wholeTrainer(tf: Tfjs, side: number): Promise<MeasuredStep> {
  const ops = createTfjsOps(tf);
  const features = await loadSmallNetwork(tf);
  const settings = { ...toySettings({ seed: 1, steps: 1000, batch: BATCH, side, frames: FRAMES }), from: 'start' };
  const adversarial = { weight: 1, objective: 'non-saturating', realLabel: 0.9 } as const;
  const judge = { pairing: 'independent', channels: CHANNELS, depth: 3, logits: 'clip' } as const;
  const wanted = { weight: 1, network: 'small', layers: [] };
  const trainer = new GanTrainer({
    tf,
    ops,
    config: DEFAULT_CONFIG,
    plan: {
      dataset: {},
      frames: FRAMES,
      side,
      discriminator: judge,
      adversarial,
      content: { ...wanted, against: 'real' },
      style: { ...wanted, transform: 'gram' },
      temporal: { weight: 10, lowPass: false },
    },
    settings,
    data: squareSource({ batch: BATCH, side, frames: FRAMES }, DEFAULT_CONFIG),
    features: { content: features, style: features },
    discriminator: new DiscriminatorPlayer(tf, ops, { ...judge, ...adversarial }, settings.clipNorm, new Random(2)),
    start: randomWeights(generatorSpecs(DEFAULT_CONFIG), new Random(1), 'random'),
  });
  return {
    async step() {
      const began = performance.now();
      // The discriminator plays from the second step.
      await trainer.step(500, async () => {});
      return { total: performance.now() - began };
    },
    dispose() {
      trainer.dispose();
      features.dispose();
    },
  };
}
