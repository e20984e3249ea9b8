import * as z from 'zod';
import { MEDIA } from './media.ts';

/** Sizes of the generator. Part of every checkpoint: two checkpoints with the same config have the same weight names. */
export const networkConfigSchema = z.object({
  /** What the layers mean and are printed as. */
  medium: z.enum(MEDIA).default('screentone'),
  /** Channels at 1/2, 1/4 and 1/8 of the drawing size. */
  widths: z.tuple([z.number().int().positive(), z.number().int().positive(), z.number().int().positive()]),
  /** Residual blocks at 1/8 in the encoder, and style-modulated ones in the decoder. */
  encoderBlocks: z.number().int().min(0),
  decoderBlocks: z.number().int().min(0),
  /** Length of the style code. */
  style: z.number().int().positive(),
  /** Flow bases: smooth displacement fields that the TCN weights over time. */
  flowBases: z.number().int().min(0),
  /** Noise z per step: the first 8 are the named controls (see motion/controls.ts), the rest is free. */
  noise: z.number().int().min(9),
  tcn: z.object({
    channels: z.number().int().positive(),
    levels: z.number().int().min(1),
    kernel: z.number().int().min(2),
  }),
});

export type NetworkConfig = z.infer<typeof networkConfigSchema>;

export const DEFAULT_CONFIG: NetworkConfig = {
  medium: 'screentone',
  widths: [32, 64, 96],
  encoderBlocks: 2,
  decoderBlocks: 3,
  style: 16,
  flowBases: 4,
  noise: 16,
  tcn: { channels: 64, levels: 4, kernel: 3 },
};

/** Photos and pages are padded to a multiple of this: the encoder halves three times. */
export const STRIDE = 8;
