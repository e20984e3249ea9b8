import type * as z from 'zod';
import { type DatasetSettings, datasetSchema } from '../data/settings.ts';
import { DEFAULT_CONFIG, STRIDE } from '../network/config.ts';
import {
  adversarialSchema,
  contentSchema,
  decoderSchema,
  discriminatorSchema,
  encoderSchema,
  styleSchema,
  temporalSchema,
} from './settings.ts';
import type { PlanSymbol, StepBlock, SymbolKind } from './types.ts';

/** Property of a training message that carries a symbol. */
export type SymbolProperty = 'payload' | 'photo' | 'real' | 'scores';

export type Shape = PlanSymbol['shape'];
export type Settings = Readonly<Record<string, unknown>>;
/** Symbols that feed a step, by input name. */
export type Inputs = Readonly<Record<string, PlanSymbol>>;

export interface BlockInput {
  readonly kind: SymbolKind;
  readonly from: SymbolProperty;
  /** Whether a step with these settings needs it. */
  required(settings: Settings): boolean;
}

export interface BlockOutput {
  readonly kind: SymbolKind;
  /** Where the message carries it on; null: nobody reads it from the message. */
  readonly to: readonly SymbolProperty[] | null;
  shape(settings: Settings, inputs: Inputs): Shape;
}

export interface Block {
  /** The Node-RED type. */
  readonly type: string;
  readonly schema: z.ZodType;
  readonly inputs: Readonly<Record<string, BlockInput>>;
  readonly outputs: Readonly<Record<string, BlockOutput>>;
  /** What sizes do not meet, for people; null: all fit. */
  mismatch?(settings: Settings, inputs: Inputs): string | null;
}

const always = (): boolean => true;
const GENERATED = { kind: 'generated', from: 'payload', required: always } as const;
const REAL = { kind: 'real', from: 'real', required: always } as const;
const LOSS = { kind: 'loss', to: null, shape: () => [] } as const;

/** x and G(z) are compared frame by frame: [B,T,S,S,1] both. */
function sameSequences(_settings: Settings, { generated, real }: Inputs): string | null {
  if (!generated || !real || generated.shape.join() === real.shape.join()) return null;
  return `The generated sequences are [${generated.shape}], the real ones [${real.shape}] (batch, frames, height, width, channels).`;
}

/**
 * Each kind of step, its settings, what it takes and gives, and the message property that each symbol travels in. A
 * training message that went through all has payload 'generated', photo, real and scores.
 */
export const BLOCKS: Readonly<Record<StepBlock, Block>> = {
  dataset: {
    type: 'manga-dataset',
    schema: datasetSchema,
    inputs: {},
    outputs: {
      photo: { kind: 'photo', to: ['payload', 'photo'], shape: (settings) => photoShape(settings as DatasetSettings) },
      real: { kind: 'real', to: ['real'], shape: (settings) => sequenceShape(settings) },
    },
  },
  encoder: {
    type: 'manga-encoder',
    schema: encoderSchema,
    inputs: { photo: { kind: 'photo', from: 'payload', required: always } },
    outputs: {
      content: { kind: 'content', to: ['payload'], shape: (_settings, { photo }) => contentShape(photo!) },
    },
  },
  'tcn-decoder': {
    type: 'manga-tcn-decoder',
    schema: decoderSchema,
    inputs: { content: { kind: 'content', from: 'payload', required: always } },
    outputs: { generated: { kind: 'generated', to: ['payload'], shape: (settings) => sequenceShape(settings) } },
    mismatch: ({ side }, { content }) => {
      const encoded = Number(content!.shape[1]) * STRIDE;
      return encoded === side
        ? null
        : `It makes frames of side ${side}, but the photos were encoded at side ${encoded}.`;
    },
  },
  discriminator: {
    type: 'manga-discriminator',
    schema: discriminatorSchema,
    inputs: { generated: GENERATED, real: REAL },
    outputs: { scores: { kind: 'scores', to: ['scores'], shape: () => [2, 'B'] } },
    mismatch: sameSequences,
  },
  'loss-adversarial': {
    type: 'manga-loss-adversarial',
    schema: adversarialSchema,
    inputs: { scores: { kind: 'scores', from: 'scores', required: always } },
    outputs: { loss: LOSS },
  },
  'loss-content': {
    type: 'manga-loss-content',
    schema: contentSchema,
    inputs: {
      generated: GENERATED,
      real: { ...REAL, required: ({ against }) => against === 'real' },
      photo: { kind: 'photo', from: 'photo', required: ({ against }) => against === 'photo' },
    },
    outputs: { loss: LOSS },
    mismatch: sameSequences,
  },
  'loss-style': {
    type: 'manga-loss-style',
    schema: styleSchema,
    inputs: { generated: GENERATED, real: REAL },
    outputs: { loss: LOSS },
    mismatch: sameSequences,
  },
  'loss-temporal': {
    type: 'manga-loss-temporal',
    schema: temporalSchema,
    inputs: { generated: GENERATED, real: REAL },
    outputs: { loss: LOSS },
    mismatch: sameSequences,
  },
};

const BY_TYPE: ReadonlyMap<string, StepBlock> = new Map(
  (Object.keys(BLOCKS) as StepBlock[]).map((block) => [BLOCKS[block].type, block]),
);

/** The block of a Node-RED type; undefined: the type takes no part in training. */
export function blockOfType(type: string): StepBlock | undefined {
  return BY_TYPE.get(type);
}

/** [B,T,S,S,1] */
function sequenceShape({ frames, side }: Settings): Shape {
  return ['B', Number(frames), Number(side), Number(side), 1];
}

/** [B,S,S,3] */
function photoShape({ side }: DatasetSettings): Shape {
  return ['B', side, side, 3];
}

/** The coarsest features [B,S/8,S/8,C]. */
function contentShape({ shape }: PlanSymbol): Shape {
  const side = Number(shape[1]) / STRIDE;
  return ['B', side, side, DEFAULT_CONFIG.widths[2]];
}
