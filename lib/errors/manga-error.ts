/**
 * The one error class that reaches users. `code` is stable and machine-readable, `message` says what is wrong,
 * `hint` says what to do about it. Both cross the session's process boundary (see {@link toWire}).
 */
export type MangaErrorCode =
  | 'BAD_INPUT' // the value itself is unusable (not a picture, wrong shape, wrong setting)
  | 'BAD_SETTING'
  | 'BAD_WIRING' // a node got the output of the wrong kind of node
  | 'STALE_HANDLE' // the handle's arena is closed or the session restarted
  | 'FOREIGN_HANDLE' // the handle belongs to another session
  | 'OUT_OF_MEMORY' // the session's memory budget would be passed
  | 'SESSION_CRASHED'
  | 'SESSION_CLOSED'
  | 'CANCELLED'
  | 'TIMEOUT'
  | 'BUSY' // too many calls are waiting: try again later
  | 'ENGINE_MISSING'
  | 'MODEL_MISSING'
  | 'IO' // reading or writing a file failed (disk full, no permission, folder gone)
  | 'INTERNAL';

export interface WireError {
  code: MangaErrorCode;
  message: string;
  hint?: string;
  node?: string;
}

export class MangaError extends Error {
  readonly code: MangaErrorCode;
  readonly hint?: string;
  /** Id of the node that is wrong, where another one found it. */
  readonly node?: string;

  constructor(code: MangaErrorCode, message: string, hint?: string, options?: ErrorOptions) {
    super(hint ? `${message} ${hint}` : message, options);
    this.name = 'MangaError';
    this.code = code;
    this.hint = hint;
  }

  /** The same, about a node. @param id of the node @param name for people */
  at(id: string, name: string): MangaError {
    const error = new MangaError(this.code, `${name}: ${this.message}`, undefined, { cause: this });
    return Object.defineProperties(error, { hint: { value: this.hint }, node: { value: id } });
  }
}

/** Plain-JSON form of any thrown value, for the process boundary. */
export function toWire(error: unknown): WireError {
  if (error instanceof MangaError) {
    const { code, message, hint, node } = error;
    return { code, message, hint, ...(node !== undefined && { node }) };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
}

/** Rebuilds a {@link MangaError} from {@link toWire}'s output (the hint is already part of the message). */
export function fromWire(wire: WireError): MangaError {
  const error = new MangaError(wire.code, wire.message);
  if (wire.hint) Object.defineProperty(error, 'hint', { value: wire.hint });
  if (wire.node) Object.defineProperty(error, 'node', { value: wire.node });
  return error;
}

/** Any thrown value as a {@link MangaError}; what is not one becomes INTERNAL, with the original as its cause. */
export function toMangaError(error: unknown): MangaError {
  return error instanceof MangaError
    ? error
    : new MangaError('INTERNAL', toWire(error).message, undefined, { cause: error });
}
