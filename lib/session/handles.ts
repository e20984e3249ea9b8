import { MangaError } from '../errors/manga-error.ts';
import { type Handle, type HandleKind, isHandle } from './types.ts';

const AN: Record<HandleKind, string> = {
  image: 'an image',
  content: 'a content',
  style: 'a style',
  frames: 'a frames',
  tensor: 'a tensor',
};

const IN_FRONT: Record<HandleKind, string> = {
  image: 'Wire an image node (or a hot folder) in front.',
  content: 'Wire an encoder node in front.',
  style: 'Give the style page as a picture, so that it is encoded as a style.',
  frames: 'Wire a tcn-decoder node in front.',
  tensor: 'Wire a node that makes tensors in front.',
};

/**
 * Checks what can be told from a handle without what it refers to.
 * @param wanted the kinds that `doing` (e.g. 'The encoder') can use
 * @param generation the session's; undefined when it is not running
 * @throws MangaError BAD_WIRING, FOREIGN_HANDLE or STALE_HANDLE
 */
export function checkHandle(
  handle: unknown,
  doing: string,
  wanted: readonly HandleKind[],
  session: string,
  generation: number | undefined,
): asserts handle is Handle {
  const needs = `${doing} needs ${wanted.map((kind) => AN[kind]).join(' or ')} handle`;
  if (!isHandle(handle))
    throw new MangaError('BAD_WIRING', `${needs}, but got ${describe(handle)}.`, IN_FRONT[wanted[0]!]);
  if (handle.session !== session)
    throw new MangaError(
      'FOREIGN_HANDLE',
      `This ${handle.kind} belongs to the session '${handle.session}', not to '${session}'.`,
      'Choose the same manga-session in all nodes that one picture goes through.',
    );
  if (!wanted.includes(handle.kind))
    throw new MangaError(
      'BAD_WIRING',
      `${needs}, but got ${AN[handle.kind] ?? 'another'} handle.`,
      IN_FRONT[wanted[0]!],
    );
  if (handle.generation !== generation) throw staleGeneration();
}

export function staleGeneration(): MangaError {
  const message = "The picture's job was lost when the session closed or its engine process ended.";
  return new MangaError('STALE_HANDLE', message, 'Send the picture again.');
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Buffer.isBuffer(value)) return 'a Buffer';
  return Array.isArray(value) ? 'an array' : `a value of type ${typeof value}`;
}

/** Ids of arenas are unique over all generations of a session. */
export function arenaId(generation: number, number: number): string {
  return `${generation}.${number}`;
}

export function arenaGeneration(arena: string): number {
  return Number.parseInt(arena, 10);
}

/** Why an arena is no more. */
export type ArenaEnd = 'closed' | 'idle' | 'evicted';

/** @returns the STALE_HANDLE error for something in an arena that ended */
export function staleArena(end: ArenaEnd, idleSeconds: number): MangaError {
  const [message, hint] = {
    closed: [
      "The picture's job was closed.",
      'Send the picture again, and use what is made of it before its job ends.',
    ],
    idle: [
      `The picture's job was closed because nothing used it for ${idleSeconds} s.`,
      'Send the picture again, or raise the idle time (idleSeconds) in the session node.',
    ],
    evicted: [
      "The picture's job waited unused, and was closed to make room for another.",
      'Send the picture again, or raise the memory budget (memoryMb) in the session node.',
    ],
  }[end] as [string, string];
  return new MangaError('STALE_HANDLE', message, hint);
}
