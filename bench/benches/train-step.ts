/** One step of training phase A on TensorFlow: batch 8 of 128², forward, backward, Adam. */
import { loadTensorflow } from '../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { weightNormalised } from '../../lib/network/blocks/motion-tcn.ts';
import { DEFAULT_CONFIG } from '../../lib/network/config.ts';
import { generatorSpecs } from '../../lib/network/generator.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random } from '../../lib/random.ts';
import type { DrawnPhoto } from '../../lib/render/drawn-photo.ts';
import { DrawnSet } from '../../lib/training/drawn-set.ts';
import { Parameters } from '../../lib/training/parameters.ts';
import { DrawingPhase } from '../../lib/training/phase-drawing.ts';
import { type Bench, median, round, Skipped, summarise } from '../bench.ts';

const BATCH = 8;
const SIDE = 128;
const RATE = 1e-4;

/** A photo and a drawing of noise: how long a step takes does not depend on what it sees. */
function noisePhoto(random: Random, side: number): DrawnPhoto {
  const bytes = (length: number) => Uint8Array.from({ length }, () => random.int(256));
  const layer = () => bytes(side * side);
  const quarter = side / 4;
  return {
    file: 'noise',
    width: side,
    height: side,
    rgb: bytes(side * side * 3),
    drawings: [{ width: side, height: side, line: layer(), tone: layer() }],
    targets: {
      width: quarter,
      height: quarter,
      disparity: bytes(quarter * quarter),
      subject: bytes(quarter * quarter),
    },
  };
}

export const trainStep: Bench = async ({ quick, tell }) => {
  const { tf, description } = await loadTensorflow().catch((error) => {
    if (error instanceof MangaError && error.code === 'ENGINE_MISSING')
      throw new Skipped('TensorFlow is not set up: npm run setup:tensorflow first.');
    throw error;
  });
  const random = new Random(1);
  const weights = randomWeights(generatorSpecs(DEFAULT_CONFIG), random, 'random');
  const parameters = new Parameters(tf, weights, weightNormalised);
  const data = new DrawnSet([noisePhoto(random, 2 * SIDE)], 2 * SIDE);
  const phase = new DrawingPhase(tf, createTfjsOps(tf), parameters, DEFAULT_CONFIG, data);
  const wall: number[] = [];
  const processor: number[] = [];
  for (let run = -2; run < (quick ? 3 : 20); run++) {
    const before = process.cpuUsage();
    const start = performance.now();
    // Step 0 is one of the many with small crops; every fourth has few large ones.
    await phase.step(0, random, BATCH, SIDE, RATE);
    const milliseconds = performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    // The first steps make variables and find their buffers.
    if (run < 0) continue;
    wall.push(milliseconds);
    processor.push((user + system) / 1000);
  }
  phase.dispose();
  parameters.dispose();
  tell(`${Math.round(median(wall))} ms`);
  const details = { batch: BATCH, side: SIDE, processorMs: round(median(processor), 1), engine: description };
  return [{ name: 'train-step phase A', unit: 'ms', ...summarise(wall), details }];
};
