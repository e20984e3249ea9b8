/** What a user can set about training; the nodes, their forms and the command line validate with these schemas. */
import * as z from 'zod';
import { SMALL_LAYERS } from '../perceptual/small.ts';
import { VGG19_LAYERS } from '../perceptual/vgg19.ts';
import { flag } from '../settings/flag.ts';
import type { TrainerSettings } from './types.ts';

const weight = (value: number) => z.coerce.number().min(0).max(1000).default(value);

/** The small perceptual network that ships, or the path of a VGG19 file (.safetensors or .pth). */
const network = z.string().min(1).default('small');

const layers = (chosen: readonly string[]) =>
  z
    .array(z.string())
    .min(1, 'must name at least one layer')
    .default(() => [...chosen]);

interface Features {
  readonly network: string;
  readonly layers: readonly string[];
}

/** A file may end early, so of a VGG19 only the names are checked here. */
function checkLayers({ value, issues }: { value: Features; issues: z.core.$ZodRawIssue[] }): void {
  const known: readonly string[] = value.network === 'small' ? SMALL_LAYERS : VGG19_LAYERS;
  const unknown = value.layers.find((layer) => !known.includes(layer));
  if (unknown === undefined) return;
  const owner = value.network === 'small' ? 'the small network' : 'VGG19';
  const message = `${owner} has no layer ${unknown}: choose from ${known.join(', ')}`;
  issues.push({ code: 'custom', path: ['layers'], message, input: value.layers });
}

export const encoderSchema = z.object({});

export const decoderSchema = z.object({
  /** T, frames a generated sequence. */
  frames: z.coerce.number().int().min(2).max(64).default(6),
  /** S, side of the crops in pixels, a multiple of 8. */
  side: z.coerce.number().int().min(32).max(512).multipleOf(8).default(128),
});

export const discriminatorSchema = z.object({
  /** relativistic: each sequence is judged against the other's score (Jolicoeur-Martineau 2018). */
  pairing: z.enum(['independent', 'relativistic']).default('independent'),
  /** Of the first layer; later ones have up to four times as many. */
  channels: z.coerce.number().int().min(4).max(256).default(32),
  /** Halvings of a frame before a patch is judged: patches of 15 pixels at 3, 31 at 4, 63 at 5. */
  depth: z.coerce.number().int().min(2).max(6).default(3),
  /** What is judged: every patch of a frame and every step of the motion, or the clip by the mean of all. */
  logits: z.enum(['clip', 'patches']).default('clip'),
});

export const adversarialSchema = z.object({
  weight: weight(1),
  objective: z.enum(['non-saturating', 'minimax']).default('non-saturating'),
  /** What D is to say of real sequences: below 1 keeps it from being too sure (one-sided label smoothing). */
  realLabel: z.coerce.number().min(0.5).max(1).default(0.9),
});

export const contentSchema = z
  .object({
    weight: weight(1),
    network,
    layers: layers(['relu3_1', 'relu4_1']),
    /** Whose content is kept: the real sequence's, or the photo's. */
    against: z.enum(['real', 'photo']).default('real'),
  })
  .check(checkLayers);

export const styleSchema = z
  .object({
    weight: weight(5),
    /** S: Gram matrices of F, or the layers of the paired drawing. */
    transform: z.enum(['gram', 'layers']).default('gram'),
    network,
    layers: layers(['relu1_2', 'relu2_2', 'relu3_1', 'relu4_1']),
  })
  .check(checkLayers);

export const temporalSchema = z.object({
  weight: weight(10),
  /** Compare smoothed frames: forgives shimmer of single pixels. */
  lowPass: flag().default(false),
});

/** Settings of the trainer. Defaults are the method's: rate 2e-4 for both networks, batch 64 (betas: training/adam.ts). */
export const trainerSchema = z
  .object({
    out: z.string().min(1, 'must name a folder'),
    resume: z.string().min(1).optional(),
    anew: flag().default(false),
    from: z.string().min(1).optional(),
    schedule: z.enum(['phases', 'plain']).default('phases'),
    steps: z.coerce.number().int().min(1).max(10_000_000).default(4000),
    batch: z.coerce.number().int().min(1).max(4096).default(64),
    microBatch: z.coerce.number().int().min(1).max(64).default(8),
    generatorRate: z.coerce.number().min(1e-9).max(1).default(2e-4),
    discriminatorRate: z.coerce.number().min(1e-9).max(1).default(2e-4),
    /** Longest gradient, as Euclidean norm over all weights of a network. */
    clipNorm: z.coerce.number().min(1e-6).max(1e6).default(10),
    /** Of the moving average of the generator's weights, which is what the checkpoint holds. */
    averageDecay: z.coerce.number().min(0).max(0.99999).default(0.999),
    seed: z.coerce
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1),
    /** Steps between sample strips; 0: none. */
    sampleEvery: z.coerce.number().int().min(0).max(1_000_000).default(100),
    saveMinutes: z.coerce.number().min(0.05).max(1440).default(5),
    /** Newest checkpoints kept. */
    keep: z.coerce.number().int().min(1).max(1000).default(3),
    licence: z.string().max(1000).default(''),
    flow: z.string().max(200).optional(),
  })
  .check(({ value, issues }) => {
    if (value.batch % value.microBatch === 0) return;
    const message = `must be a multiple of the micro-batch (${value.microBatch})`;
    issues.push({ code: 'custom', path: ['batch'], message, input: value.batch });
  }) satisfies z.ZodType<TrainerSettings>;
