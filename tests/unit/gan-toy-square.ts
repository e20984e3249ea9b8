/** The toy problem: a black square on white paper, drawn from a photo of a grey square, seen by a moving camera. */
import type { DataSource, TrainingBatch } from '../../lib/data/types.ts';
import type { Tfjs } from '../../lib/engines/load-tfjs.ts';
import { positionMap } from '../../lib/motion/position-map.ts';
import { LAYERS } from '../../lib/network/blocks/canonical-decoder.ts';
import type { NetworkConfig } from '../../lib/network/config.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import type { Programs } from '../../lib/network/tfjs/compiled/programs.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import type { TrainerSettings } from '../../lib/plan/types.ts';
import { Random, type RandomState } from '../../lib/random.ts';
import { PAGE_SIDE } from '../../lib/training/drawn-set.ts';
import type { AdversarialSettings, CompiledPlan } from '../../lib/training/gan/compiled-plan.ts';
import { DiscriminatorPlayer } from '../../lib/training/gan/discriminator-player.ts';
import { GanTrainer } from '../../lib/training/gan/gan-trainer.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';

export const TOY_NETWORK: NetworkConfig = {
  medium: 'screentone',
  widths: [8, 8, 12],
  encoderBlocks: 0,
  decoderBlocks: 1,
  style: 4,
  flowBases: 2,
  noise: 13,
  tcn: { channels: 32, levels: 1, kernel: 3 },
};

export interface ToySizes {
  readonly batch: number;
  readonly side: number;
  readonly frames: number;
}

interface Square {
  readonly x: number;
  readonly y: number;
  readonly half: number;
  readonly near: number;
}

/** How far inside the square a pixel lies, negative outside. */
function depth({ x, y, half }: Square, px: number, py: number): number {
  return half - Math.max(Math.abs(px - x), Math.abs(py - y));
}

/** Squares at random places, nearer than their background: they move more than it under parallax. */
export function squares(random: Random, { batch, side, frames }: ToySizes, config: NetworkConfig): TrainingBatch {
  const quarter = side / 4;
  const channels = 1 + 2 * config.flowBases;
  const photo = new Float32Array(batch * side * side * 3);
  const page = new Float32Array(batch * PAGE_SIDE * PAGE_SIDE).fill(1);
  const layers = new Float32Array(batch * side * side * LAYERS);
  const fields = new Float32Array(batch * quarter * quarter * channels);
  const position = new Float32Array(batch * quarter * quarter * 2);
  const place = positionMap({ width: side, height: side }, { width: side, height: side }).data as Float32Array;
  for (let b = 0; b < batch; b++) {
    const at = () => random.uniform(0.35, 0.65) * side;
    const square = { x: at(), y: at(), half: random.uniform(0.14, 0.22) * side, near: random.uniform(0.6, 1) };
    for (let i = 0; i < side * side; i++) {
      const inside = depth(square, (i % side) + 0.5, Math.floor(i / side) + 0.5);
      const share = Math.min(Math.max(0.5 + inside / 2, 0), 1);
      photo.fill(0.7 - 1.2 * share, 3 * (b * side * side + i), 3 * (b * side * side + i + 1));
      // Black is at least dark and at least light too; no lines.
      layers.fill(share, LAYERS * (b * side * side + i) + 1, LAYERS * (b * side * side + i + 1));
    }
    for (let i = 0; i < quarter * quarter; i++) {
      const inside = depth(square, 4 * (i % quarter) + 2, 4 * Math.floor(i / quarter) + 2);
      fields[(b * quarter * quarter + i) * channels] = inside > 0 ? square.near : 0.2;
    }
    for (let y = 40; y < 88; y++)
      page.fill(-1, (b * PAGE_SIDE + y) * PAGE_SIDE + 40, (b * PAGE_SIDE + y) * PAGE_SIDE + 88);
    position.set(place, b * place.length);
  }
  return { size: batch, frames, side, photo, page, position, layers, fields, real: null };
}

export function squareSource(sizes: ToySizes, config: NetworkConfig): DataSource {
  return {
    summary: 'Moving squares.',
    waitedSeconds: 0,
    async next(state: RandomState) {
      const random = new Random(state);
      const batch = squares(random, sizes, config);
      return { batch, random: random.state() };
    },
    async close() {},
  };
}

export interface ToyOptions {
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  readonly side: number;
  readonly frames: number;
  readonly settings?: Partial<TrainerSettings>;
  readonly plan?: Partial<CompiledPlan>;
  /** Channels of the discriminator's first layer. */
  readonly channels?: number;
  /** What runs the steps, if not the trainer's own choice. */
  readonly programs?: Programs;
  /** Where batches come from, if not {@link squareSource}. */
  readonly data?: DataSource;
}

const ADVERSARIAL: AdversarialSettings = { weight: 1, objective: 'non-saturating', realLabel: 0.9 };

export function toySettings({ seed, steps, batch, settings }: ToyOptions): TrainerSettings {
  return {
    out: '',
    schedule: 'phases',
    steps,
    batch,
    microBatch: batch,
    generatorRate: 2e-4,
    discriminatorRate: 2e-4,
    clipNorm: 1,
    averageDecay: 0.99,
    seed,
    sampleEvery: 0,
    saveMinutes: 1000,
    keep: 1,
    ...settings,
  };
}

/** A trainer of the toy problem with real parts throughout: players, losses, schedule. Dispose it. */
export function toyTrainer(tf: Tfjs, options: ToyOptions): GanTrainer {
  ensureGradients(tf);
  const { seed, side, frames, plan, channels = 8 } = options;
  const settings = toySettings(options);
  const ops = createTfjsOps(tf);
  const start = randomWeights(generatorSpecs(TOY_NETWORK), new Random(seed), 'toy');
  const compiled: CompiledPlan = {
    dataset: {},
    frames,
    side,
    discriminator: { pairing: 'independent', channels, depth: 3, logits: 'clip' },
    adversarial: ADVERSARIAL,
    content: null,
    style: null,
    temporal: { weight: 10, lowPass: false },
    ...plan,
  };
  const { adversarial, discriminator } = compiled;
  return new GanTrainer({
    tf,
    ops,
    config: TOY_NETWORK,
    plan: compiled,
    settings,
    data: options.data ?? squareSource({ batch: settings.microBatch, side, frames }, TOY_NETWORK),
    features: { content: null, style: null },
    discriminator:
      adversarial && discriminator
        ? new DiscriminatorPlayer(
            tf,
            ops,
            { ...discriminator, objective: adversarial.objective, realLabel: adversarial.realLabel },
            settings.clipNorm,
            new Random(seed ^ 0x7f4a7c15),
          )
        : null,
    start,
    programs: options.programs,
  });
}
