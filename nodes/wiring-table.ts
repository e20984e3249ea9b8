/**
 * What each node takes from its wire and gives to the next: the editor checks wires by this table while they are drawn
 * (common/wiring-check.html). The training half is read off the blocks that build the plan; the other half is held to
 * what the nodes do with real messages by tests/runtime/wiring-pairs.test.ts.
 */
import { BLOCKS, blockOfType } from '../lib/plan/blocks.ts';
import type { SymbolKind } from '../lib/plan/types.ts';

/**
 * msg.payload of a picture's message: a file, its bytes or an image object; handles; what a clip writer reports; anything
 * else that this package sends.
 */
export type Payload = 'picture' | 'image' | 'content' | 'frames' | 'clip' | 'other';

interface Training {
  readonly takes: readonly { readonly kind: SymbolKind; readonly from: string }[];
  readonly gives: readonly { readonly kind: SymbolKind; readonly to: readonly string[] }[];
}

export interface Wiring {
  /** Payloads that it works with, or 'anything'. Without: it works with training messages alone. */
  readonly takes?: readonly Payload[] | 'anything';
  /** msg.payload is read only if the form's source says so; with another source any message will do. */
  readonly chooses?: boolean;
  /** msg.payload of each output; 'same': as it came. */
  readonly gives: readonly (Payload | 'same')[];
  /** Its form has a session, and what it takes must live there. */
  readonly session?: boolean;
  /** Its form has a style page, which may come by wire in msg.style. */
  readonly style?: boolean;
  /** Its messages begin a picture's way: nothing that came before goes along. */
  readonly fresh?: boolean;
  readonly training?: Training;
}

const LOSS: Wiring = { gives: ['same'] };

const PICTURES: Readonly<Record<string, Wiring>> = {
  'manga-image': { takes: ['picture'], chooses: true, gives: ['image'], session: true },
  'manga-encoder': { takes: ['image'], gives: ['content'], session: true },
  'manga-tcn-decoder': { takes: ['content'], gives: ['frames'], session: true, style: true },
  'manga-clip': { takes: ['frames'], gives: ['clip'], session: true },
  'manga-stylize': { takes: ['picture'], chooses: true, gives: ['frames'], session: true, style: true },
  'manga-hot-folder': { takes: 'anything', gives: ['picture', 'other', 'other'], fresh: true },
  'manga-video': { takes: ['picture'], chooses: true, gives: ['clip'], session: true, style: true },
  'manga-scene': { takes: ['frames', 'picture'], gives: ['frames'], session: true, style: true },
  'manga-preview': { takes: ['image', 'content', 'frames'], gives: ['same'] },
  'manga-metrics': { takes: ['frames'], gives: ['same'] },
  'manga-dataset': { takes: 'anything', gives: [], session: true },
  'manga-discriminator': LOSS,
  'manga-loss-adversarial': LOSS,
  'manga-loss-content': LOSS,
  'manga-loss-style': LOSS,
  'manga-loss-temporal': LOSS,
  'manga-trainer': { gives: ['other', 'other', 'other'], fresh: true },
};

/** What of a training message it reads and writes, for types that take part. */
function trainingOf(type: string): Training | undefined {
  const block = blockOfType(type);
  if (!block) return undefined;
  const { inputs, outputs } = BLOCKS[block];
  return {
    takes: Object.values(inputs).map(({ kind, from }) => ({ kind, from })),
    gives: Object.values(outputs).map(({ kind, to }) => ({ kind, to: to ?? [] })),
  };
}

/** By node type. Plain JSON: the editor gets it among Node-RED's settings. */
export const WIRING: Readonly<Record<string, Wiring>> = Object.fromEntries(
  Object.entries(PICTURES).map(([type, wiring]) => [type, { ...wiring, training: trainingOf(type) }]),
);
