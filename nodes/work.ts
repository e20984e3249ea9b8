import { MangaError } from '../lib/errors/manga-error.ts';
import type { Session } from '../lib/session/types.ts';
import { errorStatus, localized } from './localized-error.ts';
import type { MangaMessage } from './message.ts';
import type { Node, NodeStatus, Red } from './red.ts';
import { sessionOf } from './session-of.ts';
import { atMostTwiceASecond } from './throttle.ts';

export interface Work {
  readonly message: MangaMessage;
  /**
   * The session with this id, whose calls are cancelled when the node closes.
   * @throws MangaError BAD_SETTING when there is none
   */
  session(id: string): Session;
}

export interface WorkResult {
  /** null: nothing is sent. */
  readonly message: MangaMessage | null;
  /** Short, for the node's status. */
  readonly text: string;
}

/** Settles like `promise`, or rejects at once when the signal is aborted. Leaves nothing on the signal. */
function unlessAborted<R>(signal: AbortSignal, promise: Promise<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Runs `work` for each message: sends its result, calls `done` exactly once, turns every failure into `done(error)`,
 * shows the state, and cancels what runs when the node closes.
 */
export function onInput(RED: Red, node: Node, work: (work: Work) => Promise<WorkResult>): void {
  const status = atMostTwiceASecond((shown: NodeStatus) => node.status(shown));
  const closing = new AbortController();
  const { signal } = closing;
  const running = new Set<Promise<void>>();

  const showBusy = (): void => {
    const text = RED._('status.busy');
    status.emit({ fill: 'blue', shape: 'dot', text: running.size > 1 ? `${text} (${running.size})` : text });
  };

  node.on('input', (message, send, done) => {
    const job = unlessAborted(signal, work({ message, session: (id) => sessionOf(RED, id).with({ signal }) }))
      .then(
        (result) => {
          if (result.message) send(result.message);
          done();
          return { fill: 'green', shape: 'dot', text: result.text } as const;
        },
        (thrown: unknown) => {
          done(localized(RED, thrown));
          return errorStatus(RED, thrown);
        },
      )
      .then((shown) => {
        running.delete(job);
        if (signal.aborted) return;
        if (running.size > 0 && shown.fill === 'green') showBusy();
        else status.emit(shown);
      });
    running.add(job);
    showBusy();
  });

  node.on('close', (_removed, done) => {
    status.close();
    closing.abort(
      new MangaError('CANCELLED', 'The node was deployed anew while it worked.', 'Send the picture again.'),
    );
    Promise.all(running).then(() => done());
  });
}
