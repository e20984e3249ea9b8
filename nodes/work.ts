import { MangaError } from '../lib/errors/manga-error.ts';
import type { Session } from '../lib/session/types.ts';
import type { MangaMessage } from './message.ts';
import type { Node, NodeStatus, Red } from './red.ts';
import { atMostTwiceASecond } from './throttle.ts';

/** A node must be closed within 2 s: what the session has not stopped by then goes on without us. */
const CLOSE_MS = 1500;

export interface Work {
  readonly message: MangaMessage;
  /** Declares the arena this work uses: closing the node closes it, which cancels the work. */
  uses(session: Session, arena: string): void;
}

export interface WorkResult {
  readonly message: MangaMessage;
  /** Short, for the node's status. */
  readonly text: string;
}

/** What a catch node shows: `msg.error.code`, `msg.error.message` and `msg.error.cause.hint`. */
function forCatch(thrown: unknown): MangaError {
  const error =
    thrown instanceof MangaError
      ? thrown
      : new MangaError('INTERNAL', thrown instanceof Error ? thrown.message : String(thrown), undefined, {
          cause: thrown,
        });
  if (error.hint) Object.defineProperty(error, 'cause', { value: { hint: error.hint }, configurable: true });
  return error;
}

/**
 * Runs `work` for each message: sends its result, calls `done` exactly once, turns every failure into `done(error)`,
 * shows the state, and cancels what runs when the node closes.
 */
export function onInput(RED: Red, node: Node, work: (work: Work) => Promise<WorkResult>): void {
  const status = atMostTwiceASecond((shown: NodeStatus) => node.status(shown));
  const running = new Map<Work, { cancel(): Promise<void>; settled: Promise<void> }>();
  let closed = false;

  const showBusy = (): void => {
    const text = running.size > 1 ? `${RED._('status.busy')} (${running.size})` : 'status.busy';
    status.emit({ fill: 'blue', shape: 'dot', text });
  };

  node.on('input', (message, send, done) => {
    const arenas: { session: Session; arena: string }[] = [];
    const aborted = new AbortController();
    const cancelled = new Promise<never>((_resolve, reject) => {
      aborted.signal.addEventListener('abort', () => reject(aborted.signal.reason));
    });
    const job: Work = { message, uses: (session, arena) => void arenas.push({ session, arena }) };
    const settled = Promise.race([work(job), cancelled]).then(
      (result) => {
        running.delete(job);
        if (running.size > 0) showBusy();
        else status.emit({ fill: 'green', shape: 'dot', text: result.text });
        send(result.message);
        done();
      },
      (thrown: unknown) => {
        running.delete(job);
        const error = forCatch(thrown);
        if (!closed) status.emit({ fill: 'red', shape: 'ring', text: error.code });
        done(error);
      },
    );
    const cancel = async (): Promise<void> => {
      aborted.abort(
        new MangaError('CANCELLED', 'The node was deployed anew while it worked.', 'Send the picture again.'),
      );
      await Promise.all(arenas.map(({ session, arena }) => session.closeArena(arena).catch(() => undefined)));
    };
    running.set(job, { cancel, settled: settled.catch((error: Error) => node.error(error)) });
    showBusy();
  });

  node.on('close', (_removed, done) => {
    closed = true;
    status.close();
    const jobs = [...running.values()];
    const ended = Promise.all(jobs.flatMap((job) => [job.cancel(), job.settled]));
    const timer = setTimeout(done, CLOSE_MS);
    ended.then(() => {
      clearTimeout(timer);
      done();
    });
  });
}
