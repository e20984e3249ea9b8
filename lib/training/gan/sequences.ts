import type * as core from '@tensorflow/tfjs-core';
import type { TrainingBatch } from '../../data/types.ts';
import { type FrameMotion, frameMotion, frameScalars, type Geometry } from '../../motion/frame-scalars.ts';
import { phaseFeatures } from '../../motion/phases.ts';
import { trajectory } from '../../motion/trajectory.ts';
import { LAYERS } from '../../network/blocks/canonical-decoder.ts';
import { motionSize, motionTcnProgram, PHASE_FEATURES, receptiveField } from '../../network/blocks/motion-tcn.ts';
import { inked, type PrintAs, renderPlates, SCALARS } from '../../network/blocks/render-frames.ts';
import type { NetworkConfig } from '../../network/config.ts';
import { generatorPrograms } from '../../network/generator.ts';
import type { Ops } from '../../network/ops.ts';
import type { Random } from '../../random.ts';
import { PAGE_SIDE } from '../drawn-set.ts';
import type { Parameters } from '../parameters.ts';
import { randomPath } from '../random-path.ts';
import { gridTensors, LOOK, viewOf } from '../view.ts';
import { motionScalars } from './motion-scalars.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** Edges this soft while training: gradients need ramps, and real and generated must not differ in sharpness. */
const SOFTNESS = 2;

/** One micro-batch on the engine. */
export interface Sample {
  readonly size: number;
  readonly frames: number;
  /** Side of the frames. */
  readonly side: number;
  readonly photo: T;
  readonly page: T;
  readonly position: T;
  /** z [B,R+T,noise] and phase [B,R+T,9], R steps of run-up. */
  readonly z: T;
  readonly phase: T;
  /** What the controls ask for, [B,T,7+K] in units of MOTION_RANGE; the same as the camera's scalars and flow weights. */
  readonly path: T;
  readonly asked: { readonly scalars: T; readonly weights: T };
  /** Real sequences x, [B*T,side,side,1], 1 = paper. */
  readonly real: T;
  /** The teacher's drawing as G should show it: x itself, unless x comes from elsewhere. Null without a teacher. */
  readonly drawn: T | null;
  /** Beside pages, which are seen at a size where dots run together, screentone is printed flat. */
  readonly print: PrintAs;
  /** The teacher's layers and fields, if the data have them. */
  readonly layers: T | null;
  readonly fields: T | null;
  readonly grid: { readonly px: T; readonly py: T; readonly coarseX: T; readonly coarseY: T };
  readonly geometry: Geometry;
}

export interface Generated {
  /** G(z), [B*T,side,side,1], 1 = paper. */
  readonly frames: T;
  readonly layers: T;
  readonly fields: T;
  /** [B,T,7+K] */
  readonly motion: T;
}

/** A micro-batch as it goes to the engine; the rest of a {@link Sample} is made of it there. */
export interface Upload {
  /** By name; dispose them. */
  readonly tensors: Readonly<Record<string, T>>;
  readonly size: number;
  readonly frames: number;
  readonly side: number;
  readonly print: PrintAs;
  readonly geometry: Geometry;
}

/** Uploads a batch and draws its noise. */
export function upload(tf: Tf, config: NetworkConfig, batch: TrainingBatch, random: Random): Upload {
  const { size, side, frames } = batch;
  const { inner, geometry } = viewOf(side);
  const { z, phase, path } = drawNoise(random, config, size, frames);
  const steps = receptiveField(config) + frames;
  const outputs = motionSize(config);
  const quarter = side / 4;
  const motions: FrameMotion[] = Array.from({ length: size * frames }, (_, n) =>
    frameMotion(path.subarray(n * outputs, (n + 1) * outputs), geometry),
  );
  const { scalars, weights } = frameScalars(motions, geometry, LOOK, SOFTNESS);
  const drawn: Record<string, T> = {};
  if (batch.layers && batch.fields) {
    drawn.layers = tf.tensor(batch.layers, [size, side, side, LAYERS]);
    drawn.fields = tf.tensor(batch.fields, [size, quarter, quarter, 1 + 2 * config.flowBases]);
  } else if (!batch.real) throw new Error('A batch needs real sequences, or the drawing to make them from.');
  const tensors = {
    scalars: tf.tensor(scalars, [size * frames, SCALARS.length]),
    weights: tf.tensor(weights, [size * frames, 2 * config.flowBases]),
    ...drawn,
    ...gridTensors(tf, inner),
    photo: tf.tensor(batch.photo, [size, side, side, 3]),
    page: tf.tensor(batch.page, [size, PAGE_SIDE, PAGE_SIDE, 1]),
    position: tf.tensor(batch.position, [size, quarter, quarter, 2]),
    z: tf.tensor(z, [size, steps, config.noise]),
    phase: tf.tensor(phase, [size, steps, PHASE_FEATURES]),
    path: tf.tensor(path, [size, frames, outputs]),
    ...(batch.real ? { sequences: tf.tensor(batch.real, [size * frames, side, side, 1]) } : {}),
  };
  const print = batch.real && config.medium === 'screentone' ? 'flat' : config.medium;
  return { tensors, size, frames, side: inner, print, geometry };
}

/** Renders x under the camera that z asks for if the data bring no sequence of their own. Inside tf.tidy. */
export function sampleOf(tf: Tf, ops: Ops<T>, config: NetworkConfig, uploaded: Upload): Sample {
  const { tensors, size, frames, side, print, geometry } = uploaded;
  const { layers, fields, scalars, weights, sequences, photo, page, position, z, phase, path } = tensors;
  const { px, py, coarseX, coarseY } = tensors;
  const grid = { px: px!, py: py!, coarseX: coarseX!, coarseY: coarseY! };
  const asked = { scalars: scalars!, weights: weights! };
  const drawn = layers && fields ? moved(ops, config, { frames, grid, print, asked }, layers, fields) : null;
  return {
    ...{ size, frames, side, print, geometry, grid, drawn, asked },
    ...{ photo: photo!, page: page!, position: position!, z: z!, phase: phase!, path: path! },
    real: sequences ? centre(tf, sequences, side) : drawn!,
    layers: layers ?? null,
    fields: fields ?? null,
  };
}

/** A drawing under the camera that z asks for, [B*T,side,side,1], 1 = paper. */
export function moved(
  ops: Ops<T>,
  config: NetworkConfig,
  { frames, grid, print, asked }: Pick<Sample, 'frames' | 'grid' | 'print' | 'asked'>,
  layers: T,
  fields: T,
): T {
  const { scalars, weights } = asked;
  const plates = renderPlates(ops, layers, fields, scalars, weights, grid, frames, config.flowBases, print);
  return ops.affine(inked(ops, plates, print), -1, 1);
}

/** G(z), differentiable in every weight of the generator. Inside tf.tidy. */
export function generate(
  tf: Tf,
  ops: Ops<T>,
  parameters: Parameters,
  config: NetworkConfig,
  sample: Sample,
): Generated {
  const programs = generatorPrograms(config);
  const weight = parameters.weight;
  const { style } = programs['style-encoder'].build(ops, weight, { page: sample.page });
  const { half, quarter, eighth, code } = programs.encoder.build(ops, weight, { photo: sample.photo });
  const content = { half: half!, quarter: quarter!, eighth: eighth!, style: style!, position: sample.position };
  const { layers, fields } = programs['canonical-decoder'].build(ops, weight, content) as { layers: T; fields: T };
  const all = motionTcnProgram(config).build(ops, weight, { z: sample.z, phase: sample.phase, code: code! }).motion!;
  const motion = tf.slice(all, [0, receptiveField(config), 0], [-1, sample.frames, -1]);
  const rows = tf.reshape(motion, [sample.size * sample.frames, motionSize(config)]);
  const { scalars, weights } = motionScalars(tf, rows, sample.geometry, LOOK, SOFTNESS);
  const { grid, print } = sample;
  const { frames } = sample;
  const plates = renderPlates(ops, layers, fields, scalars, weights, grid, frames, config.flowBases, print);
  return { frames: ops.affine(inked(ops, plates, print), -1, 1), layers, fields, motion };
}

function drawNoise(random: Random, config: NetworkConfig, size: number, frames: number) {
  const runUp = receptiveField(config);
  const steps = runUp + frames;
  const outputs = motionSize(config);
  const z = new Float32Array(size * steps * config.noise);
  const phase = new Float32Array(size * steps * PHASE_FEATURES);
  const path = new Float32Array(size * frames * outputs);
  for (let b = 0; b < size; b++) {
    // A short window of a longer clip, so that T frames are the steps that users see.
    const length = frames + random.int(3 * frames);
    const from = random.int(length - frames + 1);
    const noise = randomPath(random, steps, config.noise);
    const features = phaseFeatures(from - runUp, steps, length, 12, false);
    const labels = trajectory(noise, config.noise, features, config.flowBases);
    z.set(noise, b * noise.length);
    phase.set(features, b * features.length);
    path.set(labels.subarray(runUp * outputs), b * frames * outputs);
  }
  return { z, phase, path };
}

function centre(tf: Tf, images: T, side: number): T {
  const margin = Math.floor((images.shape[1]! - side) / 2);
  return tf.slice(images, [0, margin, margin, 0], [-1, side, side, -1]);
}
