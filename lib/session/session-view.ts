import type { Method } from './methods.ts';
import { SessionProxy } from './session-proxy.ts';
import type { Session, SessionStats } from './types.ts';

/** A session whose calls go through `call`, and whose life is that of `host`. */
export class SessionView extends SessionProxy {
  readonly #host: Session;
  readonly #call: (method: Method, args: readonly unknown[], subject?: unknown) => Promise<unknown>;

  constructor(host: Session, call: (method: Method, args: readonly unknown[], subject?: unknown) => Promise<unknown>) {
    super();
    this.#host = host;
    this.#call = call;
  }

  protected override call(method: Method, args: readonly unknown[], subject?: unknown): Promise<unknown> {
    return this.#call(method, args, subject);
  }

  override closeArena(arena: string): Promise<void> {
    return this.#host.closeArena(arena);
  }

  override stats(): Promise<SessionStats> {
    return this.#host.stats();
  }

  override close(): Promise<void> {
    return this.#host.close();
  }
}
