import { MangaError } from '../errors/manga-error.ts';

/** A mistake in the wires of a training flow. */
export class WiringError extends MangaError {
  /** Id of the node that is wrong; undefined: the one that found it. */
  override readonly node: string | undefined;

  constructor(node: string | undefined, message: string, hint: string) {
    super('BAD_WIRING', message, hint);
    this.node = node;
  }
}
