import type { TensorData, Weights } from '../engines/engine.ts';
import { loadTensorflow, loadWebgpu } from '../engines/load-tfjs.ts';
import { MangaError } from '../errors/manga-error.ts';
import { weightNormalised } from '../network/blocks/motion-tcn.ts';
import type { NetworkConfig } from '../network/config.ts';
import { DEFAULT_STYLE, generatorPrograms, generatorSpecs } from '../network/generator.ts';
import { createTfjsOps } from '../network/tfjs/ops.ts';
import { randomWeights } from '../network/weights.ts';
import { Random } from '../random.ts';
import type { DrawnPhoto } from '../render/drawn-photo.ts';
import { DrawnSet, PAGE_SIDE } from './drawn-set.ts';
import { ensureGradients } from './gradients.ts';
import { Parameters } from './parameters.ts';
import { DrawingPhase, drawLayers, pairedLosses, toTensors } from './phase-drawing.ts';
import { MotionPhase } from './phase-motion.ts';
import { scheduleAt } from './schedule.ts';
import { readScalars } from './step.ts';

/** Learned trajectories a motion step: they cost a fiftieth of a drawing step. */
const PATH_STEPS = 3;
/** Every how many-th photo is held out to measure on. */
const HOLD_OUT = 10;
const VALIDATION_CROPS = 8;
const VALIDATION_SEED = 12345;
/** Pages whose mean style code becomes the default style. */
const DEFAULT_STYLE_PAGES = 64;
/** Longest memory of the weight average, in steps. */
const AVERAGE_DECAY = 0.999;

export interface TrainOptions {
  readonly engine: 'tensorflow' | 'webgpu';
  readonly config: NetworkConfig;
  /** Drawn by the teacher; the first of their styles becomes the default one. */
  readonly photos: readonly DrawnPhoto[];
  /** Weights to go on from; default: random from the seed. */
  readonly from?: Weights;
  readonly steps: number;
  readonly batch: number;
  /** Side of the crops, pixels, a multiple of 8. */
  readonly side: number;
  readonly seed: number;
  /** Steps between measurements on held-out photos. */
  readonly validateEvery: number;
  readonly signal?: AbortSignal;
  onStep?(report: StepReport): void;
  /** Called with the averaged weights so far: after every `saveEvery` steps and at the end. */
  readonly saveEvery: number;
  onSave(weights: ReadonlyMap<string, TensorData>, step: number): Promise<void>;
}

export interface StepReport {
  readonly step: number;
  readonly phase: 'drawing' | 'motion';
  readonly rate: number;
  readonly milliseconds: number;
  readonly losses: Readonly<Record<string, number>>;
  /** Paired losses on held-out photos, at validation steps. */
  readonly validation?: Readonly<Record<string, number>>;
}

export interface TrainResult {
  readonly steps: number;
  readonly seconds: number;
  readonly heldOut: readonly string[];
  readonly validation: Readonly<Record<string, number>>;
  readonly description: string;
}

/** Splits by position in the sorted list, so that the same folder gives the same split. */
export function holdOut(photos: readonly DrawnPhoto[]): { training: DrawnPhoto[]; heldOut: DrawnPhoto[] } {
  const heldOut = photos.filter((_, i) => i % HOLD_OUT === HOLD_OUT - 1);
  return { training: photos.filter((photo) => !heldOut.includes(photo)), heldOut };
}

/**
 * Trains encoder, decoder and TCN by phases A and B. Same options, same numbers.
 * @throws MangaError BAD_INPUT when no photo is large enough, ENGINE_MISSING, CANCELLED (after saving)
 */
export async function trainGenerator(options: TrainOptions): Promise<TrainResult> {
  const { config, side, batch, steps } = options;
  const { tf, description } = await (options.engine === 'tensorflow' ? loadTensorflow() : loadWebgpu());
  ensureGradients(tf);
  const ops = createTfjsOps(tf);
  const { training, heldOut } = holdOut(options.photos);
  // The drawing phase takes crops of twice the side, too.
  const data = new DrawnSet(training, 2 * side);
  if (data.size === 0) {
    const needed = Math.max(2 * side, PAGE_SIDE);
    throw new MangaError(
      'BAD_INPUT',
      `No photo is at least ${needed} pixels high and wide as drawn.`,
      'Give larger photos or a smaller crop side.',
    );
  }
  const validationSet = new DrawnSet(heldOut, side);
  const random = new Random(options.seed);
  const start = options.from ?? randomWeights(generatorSpecs(config), random, 'start');
  const parameters = new Parameters(tf, start, weightNormalised);
  const drawing = new DrawingPhase(tf, ops, parameters, config, data);
  const motion = new MotionPhase(tf, ops, parameters, config, data);
  const began = performance.now();

  const validate = async (): Promise<Record<string, number>> => {
    if (validationSet.size === 0) return {};
    const crops = toTensors(tf, validationSet.batch(new Random(VALIDATION_SEED), VALIDATION_CROPS, side));
    const losses = tf.tidy(() => ({ ...pairedLosses(tf, ops, drawLayers(ops, parameters, config, crops), crops) }));
    tf.dispose(Object.values(crops));
    return readScalars(losses);
  };

  const save = async (step: number) => {
    const { tensors } = await parameters.export('current');
    const style = await defaultStyle();
    await options.onSave(new Map([...tensors, [DEFAULT_STYLE, style]]), step);
  };

  const defaultStyle = async (): Promise<TensorData> => {
    const pages = new Random(VALIDATION_SEED);
    const bytes = Array.from({ length: DEFAULT_STYLE_PAGES }, () => data.page(pages, 0));
    const code = tf.tidy(() => {
      const page = tf.tensor(concat(bytes), [bytes.length, PAGE_SIDE, PAGE_SIDE, 1]);
      const { style } = generatorPrograms(config)['style-encoder'].build(ops, parameters.weight, { page });
      return tf.mean(style!, 0);
    });
    const values = Float32Array.from(await code.data());
    code.dispose();
    return { shape: [1, config.style], dtype: 'float32', data: values };
  };

  let step = 0;
  let validation: Record<string, number> = {};
  try {
    for (; step < steps && !options.signal?.aborted; step++) {
      const t0 = performance.now();
      const { phase, rate, pathRate } = scheduleAt(step / steps);
      let losses: Record<string, number>;
      if (phase === 'drawing') losses = await drawing.step(step, random, batch, side, rate);
      else {
        losses = await motion.sequenceStep(random, batch, side, rate);
        for (let i = 0; i < PATH_STEPS; i++) {
          losses.trajectory = (await motion.trajectoryStep(random, pathRate)).trajectory!;
        }
      }
      // A young average forgets faster, or it would remember the random start.
      parameters.updateAverage(Math.min(AVERAGE_DECAY, (1 + step) / (10 + step)));
      const due = (step + 1) % options.validateEvery === 0 || step + 1 === steps;
      if (due) validation = await validate();
      options.onStep?.({
        step,
        phase,
        rate,
        milliseconds: performance.now() - t0,
        losses,
        ...(due ? { validation } : {}),
      });
      if (!Number.isFinite(losses.total))
        throw new MangaError(
          'INTERNAL',
          `The loss became ${losses.total} at step ${step}.`,
          'Lower the learning rate or check the photos.',
        );
      if ((step + 1) % options.saveEvery === 0) await save(step + 1);
      // Let aborts, timers and signals through: the steps themselves block.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await save(step);
  } finally {
    drawing.dispose();
    motion.dispose();
    parameters.dispose();
  }
  if (options.signal?.aborted)
    throw new MangaError('CANCELLED', `Training was stopped at step ${step}; what was learned is saved.`);
  const seconds = (performance.now() - began) / 1000;
  return { steps: step, seconds, heldOut: heldOut.map((photo) => photo.file), validation, description };
}

function concat(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
