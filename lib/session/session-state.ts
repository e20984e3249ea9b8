export interface SessionState {
  /** 'crashed' also when the process runs but its engine or model could not be loaded. */
  readonly phase: 'stopped' | 'starting' | 'ready' | 'crashed';
  /** For people: engine and model, or what went wrong. */
  readonly description: string;
}

/** The state of a session, and who wants to know of it. */
export class StateBoard {
  readonly #listeners = new Set<(state: SessionState) => void>();
  #state: SessionState = { phase: 'stopped', description: '' };

  get state(): SessionState {
    return this.#state;
  }

  set(phase: SessionState['phase'], description: string): void {
    this.#state = { phase, description };
    for (const listener of this.#listeners) {
      try {
        listener(this.#state);
      } catch (error) {
        // A listener's mistake must not end the host process, nor keep the others from being told.
        process.emitWarning(error as Error);
      }
    }
  }

  /** Calls the listener now and at each change. @returns a function that ends that */
  listen(listener: (state: SessionState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }
}
