import type * as core from '@tensorflow/tfjs-core';
import { temporalLoss } from '../losses/temporal.ts';
import { frameMotion, frameScalars } from '../motion/frame-scalars.ts';
import { phaseFeatures } from '../motion/phases.ts';
import { trajectory } from '../motion/trajectory.ts';
import { motionSize, motionTcnProgram, PHASE_FEATURES, receptiveField } from '../network/blocks/motion-tcn.ts';
import { inked, renderPlates, SCALARS } from '../network/blocks/render-frames.ts';
import type { NetworkConfig } from '../network/config.ts';
import type { Ops } from '../network/ops.ts';
import type { Random } from '../random.ts';
import type { DrawnSet } from './drawn-set.ts';
import type { Parameters } from './parameters.ts';
import { DRAWING_WEIGHTS, drawLayers, PAIRED_ADAM, pairedLosses, toTensors } from './phase-drawing.ts';
import { randomPath } from './random-path.ts';
import { Optimiser } from './step.ts';
import { gridTensors, LOOK, viewOf } from './view.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

const TEMPORAL_WEIGHT = 10;
/** Clips a TCN step learns from, frames of a rendered sequence, and how soft its edges are. */
const PATHS = 32;
const FRAMES = 5;
const SOFTNESS = 2.5;

/**
 * Phase B. The TCN learns to carry out its controls, which is labelled exactly (trajectory.ts); layers and fields learn
 * to move without flicker: sequences rendered from them must change as the teacher's do under the same camera.
 */
export class MotionPhase {
  readonly #tf: Tf;
  readonly #ops: Ops<T>;
  readonly #parameters: Parameters;
  readonly #config: NetworkConfig;
  readonly #data: DrawnSet;
  readonly #tcn: Optimiser;
  readonly #drawing: Optimiser;

  constructor(tf: Tf, ops: Ops<T>, parameters: Parameters, config: NetworkConfig, data: DrawnSet) {
    this.#tf = tf;
    this.#ops = ops;
    this.#parameters = parameters;
    this.#config = config;
    this.#data = data;
    const options = PAIRED_ADAM;
    this.#tcn = new Optimiser(tf, parameters.select(['tcn.']), options);
    this.#drawing = new Optimiser(tf, parameters.select(DRAWING_WEIGHTS), options);
  }

  /** One step of the TCN. @returns { trajectory } the mean absolute error in units of MOTION_RANGE */
  async trajectoryStep(random: Random, rate: number): Promise<Record<string, number>> {
    const tf = this.#tf;
    const { noise, flowBases, widths } = this.#config;
    const runUp = receptiveField(this.#config);
    const length = 12 + random.int(28);
    const steps = runUp + length;
    const size = motionSize(this.#config);
    const z = new Float32Array(PATHS * steps * noise);
    const phase = new Float32Array(PATHS * steps * PHASE_FEATURES);
    const target = new Float32Array(PATHS * steps * size);
    for (let b = 0; b < PATHS; b++) {
      const path = randomPath(random, steps, noise);
      const features = phaseFeatures(-runUp, steps, length, random.pick([8, 12, 24]), random.uniform() < 0.4);
      z.set(path, b * steps * noise);
      phase.set(features, b * steps * PHASE_FEATURES);
      target.set(trajectory(path, noise, features, flowBases), b * steps * size);
    }
    const inputs = {
      z: tf.tensor(z, [PATHS, steps, noise]),
      phase: tf.tensor(phase, [PATHS, steps, PHASE_FEATURES]),
      // What a photo shows must not disturb what a slider says: any code will do.
      code: tf.randomNormal([PATHS, widths[2]], 0, 0.3, 'float32', random.int(2 ** 31)),
    };
    const labels = tf.tensor(target, [PATHS, steps, size]);
    // Lengths differ from step to step, and a graph is of one length: not compiled.
    const losses = await this.#tcn.step(() => {
      const { motion } = motionTcnProgram(this.#config).build(this.#ops, this.#parameters.weight, inputs);
      const after = (x: T) => tf.slice(x, [0, runUp, 0], [-1, length, -1]);
      return { trajectory: tf.mean(tf.abs(tf.sub(after(motion!), after(labels)))) as core.Scalar };
    }, rate);
    tf.dispose([...Object.values(inputs), labels]);
    return losses;
  }

  /** One step of layers and fields on short rendered sequences. @returns { layers, fields, temporal } */
  async sequenceStep(random: Random, batchSize: number, side: number, rate: number): Promise<Record<string, number>> {
    const tf = this.#tf;
    const size = Math.max(1, Math.round(batchSize / 2));
    const batch = toTensors(tf, this.#data.batch(random, size, side));
    const view = this.#views(random, size, side);
    const render = (layers: T, fields: T) => {
      const { scalars, weights, grid } = view;
      const { flowBases, medium } = this.#config;
      const plates = renderPlates(this.#ops, layers, fields, scalars, weights, grid, FRAMES, flowBases, medium);
      return inked(this.#ops, plates, medium);
    };
    const inputs = { ...batch, ...view.grid, scalars: view.scalars, weights: view.weights };
    const losses = await this.#drawing.step(
      () => {
        const drawn = drawLayers(this.#ops, this.#parameters, this.#config, batch);
        const real = render(batch.layers, batch.fields);
        const generated = render(drawn.layers, drawn.fields);
        const temporal = tf.mul(temporalLoss(tf, real, generated, FRAMES), TEMPORAL_WEIGHT) as core.Scalar;
        return { ...pairedLosses(tf, this.#ops, drawn, batch), temporal };
      },
      rate,
      inputs,
    );
    tf.dispose(Object.values(inputs));
    return losses;
  }

  /** A random camera a picture, seen through a frame that leaves room on the crop. */
  #views(random: Random, size: number, side: number) {
    const tf = this.#tf;
    const { noise, flowBases } = this.#config;
    const { inner, geometry } = viewOf(side);
    const outputs = motionSize(this.#config);
    const motions = Array.from({ length: size }, () => {
      const length = 16;
      const phase = phaseFeatures(random.int(length - FRAMES), FRAMES, length, 12, false);
      const path = trajectory(randomPath(random, FRAMES, noise), noise, phase, flowBases);
      return Array.from({ length: FRAMES }, (_, t) =>
        frameMotion(path.subarray(t * outputs, (t + 1) * outputs), geometry),
      );
    });
    const { scalars, weights } = frameScalars(motions.flat(), geometry, LOOK, SOFTNESS);
    return {
      scalars: tf.tensor(scalars, [size * FRAMES, SCALARS.length]),
      weights: tf.tensor(weights, [size * FRAMES, 2 * flowBases]),
      grid: gridTensors(tf, inner),
    };
  }

  dispose(): void {
    this.#tcn.dispose();
    this.#drawing.dispose();
  }
}
