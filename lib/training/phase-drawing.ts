import type * as core from '@tensorflow/tfjs-core';
import { layerErrors } from '../losses/layers.ts';
import { LAYERS } from '../network/blocks/canonical-decoder.ts';
import type { NetworkConfig } from '../network/config.ts';
import { generatorPrograms } from '../network/generator.ts';
import type { Ops } from '../network/ops.ts';
import type { Random } from '../random.ts';
import { type DrawnSet, PAGE_SIDE, type PairedBatch } from './drawn-set.ts';
import type { Parameters } from './parameters.ts';
import { type LossParts, Optimiser } from './step.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;

/** Prefixes of the weights that draw: all but the TCN. */
export const DRAWING_WEIGHTS = ['encoder.', 'decoder.', 'style.conv', 'style.code'];
const LAYER_WEIGHT = 3;
const FIELD_WEIGHT = 1;
/** Every so many steps a few large crops are drawn instead of many small ones: depth and sway need the whole subject. */
const WIDE_EVERY = 4;
const WIDE_FACTOR = 2;

/** Paired learning has no opponent to chase: the usual momentum is faster than the GAN's. */
export const PAIRED_ADAM = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 };

export interface DrawnTensors {
  readonly photo: T;
  readonly layers: T;
  readonly fields: T;
  readonly position: T;
  readonly page: T;
}

export function toTensors(tf: Tf, batch: PairedBatch): DrawnTensors {
  const { size, side } = batch;
  const quarter = side / 4;
  const channels = batch.fields.length / (size * quarter * quarter);
  return {
    photo: tf.tensor(batch.photo, [size, side, side, 3]),
    layers: tf.tensor(batch.layers, [size, side, side, LAYERS]),
    fields: tf.tensor(batch.fields, [size, quarter, quarter, channels]),
    position: tf.tensor(batch.position, [size, quarter, quarter, 2]),
    page: tf.tensor(batch.page, [size, PAGE_SIDE, PAGE_SIDE, 1]),
  };
}

/** Photo and style page -> layers and fields. */
export function drawLayers(
  ops: Ops<T>,
  parameters: Parameters,
  config: NetworkConfig,
  batch: DrawnTensors,
): { layers: T; fields: T } {
  const programs = generatorPrograms(config);
  const weight = parameters.weight;
  const { style } = programs['style-encoder'].build(ops, weight, { page: batch.page });
  const { half, quarter, eighth } = programs.encoder.build(ops, weight, { photo: batch.photo });
  const inputs = { half: half!, quarter: quarter!, eighth: eighth!, style: style!, position: batch.position };
  return programs['canonical-decoder'].build(ops, weight, inputs) as { layers: T; fields: T };
}

/** Paired losses: how far the layers and the motion fields are from the teacher's. */
export function pairedLosses(tf: Tf, ops: Ops<T>, drawn: { layers: T; fields: T }, batch: DrawnTensors): LossParts {
  const perLayer = tf.mul(tf.mean(layerErrors(ops, drawn.layers, batch.layers)), LAYER_WEIGHT) as core.Scalar;
  const fields = tf.mul(tf.mean(tf.abs(tf.sub(drawn.fields, batch.fields))), FIELD_WEIGHT) as core.Scalar;
  return { layers: perLayer, fields };
}

/** Phase A (AnimeGANv2's initialisation): no discriminator, the teacher's drawing of the same photo is the target. */
export class DrawingPhase {
  readonly #tf: Tf;
  readonly #ops: Ops<T>;
  readonly #parameters: Parameters;
  readonly #config: NetworkConfig;
  readonly #data: DrawnSet;
  readonly #optimiser: Optimiser;

  constructor(tf: Tf, ops: Ops<T>, parameters: Parameters, config: NetworkConfig, data: DrawnSet) {
    this.#tf = tf;
    this.#ops = ops;
    this.#parameters = parameters;
    this.#config = config;
    this.#data = data;
    this.#optimiser = new Optimiser(tf, parameters.select(DRAWING_WEIGHTS), PAIRED_ADAM);
  }

  async step(
    index: number,
    random: Random,
    batchSize: number,
    side: number,
    rate: number,
  ): Promise<Record<string, number>> {
    const wide = index % WIDE_EVERY === WIDE_EVERY - 1;
    const size = wide ? Math.max(1, Math.round(batchSize / WIDE_FACTOR ** 2)) : batchSize;
    const batch = toTensors(this.#tf, this.#data.batch(random, size, wide ? side * WIDE_FACTOR : side));
    const losses = await this.#optimiser.step(
      () => pairedLosses(this.#tf, this.#ops, drawLayers(this.#ops, this.#parameters, this.#config, batch), batch),
      rate,
      { ...batch },
    );
    this.#tf.dispose(Object.values(batch));
    return losses;
  }

  dispose(): void {
    this.#optimiser.dispose();
  }
}
