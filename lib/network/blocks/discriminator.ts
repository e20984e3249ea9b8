import * as z from 'zod';
import type { Program } from '../../engines/engine.ts';
import { MangaError } from '../../errors/manga-error.ts';
import type { Ops } from '../ops.ts';
import { conv1dSpecs, convSpecs, denseSpecs, type WeightSpecs } from '../weights.ts';
import { conv, dense, SLOPE, type WeightOf } from './layers.ts';

/*
 * Discriminator: a sequence -> logits, how real it looks. The same weights see x and G(z). No normalisation layers;
 * spectral normalisation of the weights (network/spectral-norm.ts) keeps it smooth. Two branches:
 *   frames: PatchGAN (Isola 2017) on every frame: strided convolutions, a logit a patch
 *   motion: on half-resolution triples [f_t, f_t+1, f_t+1 - f_t] (as TecoGAN, Chu 2020): strided convolutions, mean over
 *           positions, causal residual TCN blocks (Bai 2018) over t, a logit a step
 * The logit of the clip is the mean of both branches' means.
 */

const widths = z.array(z.number().int().positive()).min(1);

export const discriminatorConfigSchema = z.object({
  /** Channels of the frame branch after each halving. */
  frames: widths,
  /** Channels of the motion branch after each halving of the half-resolution triples. */
  motion: widths,
  tcn: z.object({ levels: z.number().int().min(0), kernel: z.number().int().min(2) }),
});

export type DiscriminatorConfig = z.infer<typeof discriminatorConfigSchema>;

/** Times the first layer's channels. */
const WIDEST = 4;
const MOTION_DEPTH = 3;

/**
 * @param channels of the frame branch's first layer; halvings double them up to four times as many. 32: 92,000 + 73,000
 * weights
 * @param depth halvings of the frame branch: a logit sees a patch of 2^(depth+1) - 1 pixels, 15 at 3, 63 at 5
 */
export function discriminatorConfig(channels = 32, depth = 3): DiscriminatorConfig {
  const doubling = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => first * Math.min(WIDEST, 2 ** i));
  return {
    frames: doubling(channels, depth),
    motion: doubling(Math.ceil(channels / 2), MOTION_DEPTH),
    tcn: { levels: 2, kernel: 3 },
  };
}

/** Prefix of every weight's name. */
export const DISCRIMINATOR_WEIGHTS = 'discriminator.';
const FRAMES = `${DISCRIMINATOR_WEIGHTS}frames`;
const MOTION = `${DISCRIMINATOR_WEIGHTS}motion`;

/** Names 'discriminator.…'; those that end in '.weight' are to be normalised spectrally. */
export function discriminatorSpecs(config: DiscriminatorConfig): WeightSpecs {
  const { levels, kernel } = config.tcn;
  const specs: Record<string, WeightSpecs[string]> = {};
  const strided = (name: string, inC: number, outC: readonly number[]) => {
    for (const [i, out] of outC.entries())
      Object.assign(specs, convSpecs(`${name}.conv${i}`, 3, i === 0 ? inC : outC[i - 1]!, out));
    return outC.at(-1)!;
  };
  Object.assign(specs, convSpecs(`${FRAMES}.logits`, 1, strided(FRAMES, 1, config.frames), 1));
  const channels = strided(MOTION, 3, config.motion);
  for (let level = 0; level < levels; level++) {
    Object.assign(specs, conv1dSpecs(`${MOTION}.block${level}.a`, kernel, channels, channels));
    Object.assign(specs, conv1dSpecs(`${MOTION}.block${level}.b`, kernel, channels, channels, 0.3));
  }
  return { ...specs, ...denseSpecs(`${MOTION}.logits`, channels, 1) };
}

function strided<T extends object>(ops: Ops<T>, weight: WeightOf<T>, name: string, x: T, count: number): T {
  let y = x;
  for (let i = 0; i < count; i++) y = ops.leakyRelu(conv(ops, weight, `${name}.conv${i}`, y, 2), SLOPE);
  return y;
}

/** Mean over 2x2 pixels: [N,H,W,1] -> [N,H/2,W/2,1]. */
function halve<T extends object>(ops: Ops<T>, x: T): T {
  const corners = ops.spaceToDepth2(x);
  const sum = [1, 2, 3].reduce((total, i) => ops.add(total, ops.channels(corners, i, 1)), ops.channels(corners, 0, 1));
  return ops.affine(sum, 0.25, 0);
}

/** x + conv(act(conv(act(x)))), causal, dilated. @param x [B,T,C] */
function temporalBlock<T extends object>(ops: Ops<T>, weight: WeightOf<T>, name: string, x: T, dilation: number): T {
  const convolve = (part: string, input: T) =>
    ops.causalConv1d(
      ops.leakyRelu(input, SLOPE),
      weight(`${name}.${part}.weight`),
      weight(`${name}.${part}.bias`),
      dilation,
    );
  return ops.add(x, convolve('b', convolve('a', x)));
}

/**
 * Input `sequence` [B*T,S,S,1], frames of one clip after another, 0..1 (1 = paper); S even.
 * Outputs `patches` [B*T,h,w,1] and `steps` [B,T-1,1], logits of the two branches, and `logits` [B,1]: sigmoid of it is D,
 * the probability that the sequence is real.
 * @param frames T
 * @throws MangaError BAD_SETTING when T is less than 2: one frame does not move
 */
export function discriminatorProgram(config: DiscriminatorConfig, frames: number): Program {
  if (!Number.isInteger(frames) || frames < 2)
    throw new MangaError(
      'BAD_SETTING',
      `A sequence of ${frames} frames has no motion to judge.`,
      'Train on 2 frames or more.',
    );
  return {
    name: `discriminator-${frames}-${JSON.stringify(config)}`,
    inputs: { sequence: ['BT', 'S', 'S', 1] },
    outputs: ['logits', 'patches', 'steps'],
    build(ops, weight, inputs) {
      const x = ops.affine(inputs.sequence!, 2, -1);
      const patches = conv(ops, weight, `${FRAMES}.logits`, strided(ops, weight, FRAMES, x, config.frames.length));
      const drawn = ops.globalMean(ops.stackFrames(patches, frames));

      const half = halve(ops, x);
      const now = ops.sliceFrames(half, frames, 0, frames - 1);
      const next = ops.sliceFrames(half, frames, 1, frames - 1);
      const triples = ops.concat([now, next, ops.sub(next, now)]);
      const features = strided(ops, weight, MOTION, triples, config.motion.length);
      let steps = ops.toSteps(ops.globalMean(features), frames - 1);
      for (let level = 0; level < config.tcn.levels; level++)
        steps = temporalBlock(ops, weight, `${MOTION}.block${level}`, steps, 2 ** level);
      const moves = dense(ops, weight, `${MOTION}.logits`, ops.leakyRelu(steps, SLOPE));
      return { logits: ops.affine(ops.add(drawn, ops.meanSteps(moves)), 0.5, 0), patches, steps: moves };
    },
  };
}
