import { toMangaError } from '../errors/manga-error.ts';
import type { SessionPipeline } from './parts.ts';

/** A pipeline that is opened when it is first needed, and again after it was closed or could not be opened. */
export class LazyPipeline {
  readonly #openNew: () => Promise<SessionPipeline>;
  #opening: Promise<SessionPipeline> | undefined;
  #current: SessionPipeline | undefined;

  constructor(openNew: () => Promise<SessionPipeline>) {
    this.#openNew = openNew;
  }

  /** undefined while it is not open */
  get current(): SessionPipeline | undefined {
    return this.#current;
  }

  /** @throws MangaError */
  open(): Promise<SessionPipeline> {
    this.#opening ??= this.#openNew().then(
      (pipeline) => {
        this.#current = pipeline;
        return pipeline;
      },
      (error) => {
        this.#opening = undefined;
        throw toMangaError(error);
      },
    );
    return this.#opening;
  }

  /** @returns what remains to be closed, if it was open */
  async take(): Promise<SessionPipeline | undefined> {
    const pipeline = await this.#opening?.catch(() => undefined);
    this.#opening = undefined;
    this.#current = undefined;
    return pipeline;
  }
}
