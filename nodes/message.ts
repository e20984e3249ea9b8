import { MangaError, type MangaErrorCode } from '../lib/errors/manga-error.ts';
import { isSymbol } from '../lib/plan/symbols.ts';
import type { Plan } from '../lib/plan/types.ts';
import { type Handle, type HandleKind, isHandle } from '../lib/session/types.ts';
import type { Message } from './red.ts';

/** What a hot folder writes on its messages and wants to see again. */
export interface JobTicket {
  /** Id of the manga-hot-folder node. */
  readonly folder: string;
  readonly jobId: string;
  /** Tells this hand-out of the job from earlier ones. */
  readonly handOut?: string;
  /** Whoever writes a clip of this job holds its name under this id (see lib/hotfolder/output-path.ts). */
  readonly owner?: string;
  /** File name, relative to the watched folder. */
  readonly name: string;
}

/** Travels with every message from the picture to the clip. Plain JSON. */
export interface MangaContext {
  /** Id of the manga-session node. */
  session?: string;
  arena?: string;
  job?: JobTicket;
  /** File name of the picture, when it has one. */
  source?: string;
  /** Name for the clip, without extension. */
  outName?: string;
  /** How the clip is made, for its metadata: JSON text. */
  recipe?: string;
  /** Milliseconds of each stage. */
  timings?: Record<string, number>;
}

export interface MangaMessage extends Message {
  filename?: string;
  style?: unknown;
  camera?: unknown;
  /** On a training walk. */
  plan?: Plan;
  /** For the trainer and the hot folder: 'start', 'pause', … */
  action?: unknown;
  manga?: MangaContext;
  error?: {
    readonly message?: string;
    readonly code?: MangaErrorCode;
    readonly source?: { readonly id?: string };
    readonly cause?: unknown;
  };
}

/** Which node makes a handle of each kind: what to wire in front. */
const MAKER: Record<HandleKind, string> = {
  image: 'a manga-image node',
  content: 'a manga-encoder node (mode: content)',
  style: 'a manga-encoder node (mode: style)',
  frames: 'a manga-tcn-decoder or manga-stylize node',
  tensor: 'a node that makes tensors',
};

/** Describes a value for an error message, without its content. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (isHandle(value)) return `the output of ${MAKER[value.kind]}`;
  if (isSymbol(value)) return `a training symbol (${value.kind}), which stands for data and holds none`;
  if (Buffer.isBuffer(value)) return 'a Buffer';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * @param what where the value comes from, for the message: 'msg.payload'
 * @throws MangaError BAD_WIRING when the value is no handle of the wanted kind, FOREIGN_HANDLE when it is another session's
 */
export function expectHandle(value: unknown, kind: HandleKind, sessionId: string, what = 'msg.payload'): Handle {
  if (!isHandle(value) || value.kind !== kind) {
    throw new MangaError('BAD_WIRING', `${what} is ${describe(value)}.`, `Wire ${MAKER[kind]} in front of this node.`);
  }
  if (value.session !== sessionId) {
    throw new MangaError(
      'FOREIGN_HANDLE',
      `${what} lives in another session than this node's.`,
      'Choose the same manga-session in both nodes.',
    );
  }
  return value;
}

/** The message's context, made if missing. */
export function contextOf(message: MangaMessage): MangaContext {
  message.manga ??= {};
  return message.manga;
}

/** Runs a stage and notes its milliseconds in `msg.manga.timings`. */
export async function timed<R>(message: MangaMessage, stage: string, run: () => Promise<R>): Promise<R> {
  const began = performance.now();
  const result = await run();
  const context = contextOf(message);
  context.timings = { ...context.timings, [stage]: Math.round(performance.now() - began) };
  return result;
}
