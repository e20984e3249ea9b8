import { MangaError } from '../lib/errors/manga-error.ts';
import type { Session } from '../lib/session/types.ts';
import { errorStatus, localized } from './localized-error.ts';
import type { MangaMessage } from './message.ts';
import { Pace } from './pace.ts';
import type { Node, NodeStatus, Red } from './red.ts';
import { sessionOf } from './session-of.ts';
import { type Counted, countText, statusText } from './status-words.ts';
import { atMostTwiceASecond } from './throttle.ts';

export interface Work {
  readonly message: MangaMessage;
  /**
   * The session with this id, whose calls are cancelled when the node closes.
   * @throws MangaError BAD_SETTING when there is none
   */
  session(id: string): Session;
  /** Shows how many of the frames (or what else) are done, with the time that is left once it is known. */
  readonly progress: (done: number, of: number, what?: Counted) => void;
}

export interface WorkResult {
  /** null: nothing is sent. */
  readonly message: MangaMessage | null;
  /** Short, for the node's status. */
  readonly text: string;
}

/** One message in work, as the status shows it. */
interface Job {
  readonly began: number;
  readonly pace: Pace;
  frames?: { readonly done: number; readonly of: number; readonly what: Counted };
}

/** How much the last job's time counts among those before it. */
const LAST_JOB = 0.4;
/** Time that is left is told anew this often. */
const TICK_MS = 1000;

const secondsSince = (began: number): number => (performance.now() - began) / 1000;

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
  const running = new Map<Job, Promise<void>>();
  /** Seconds that a job takes that has the node for itself: the moving average. */
  let usual: number | undefined;
  let ticking: NodeJS.Timeout | undefined;

  const secondsLeft = ({ began, frames, pace }: Job): number | undefined => {
    if (frames) return pace.secondsLeft(frames.of);
    const left = usual === undefined || running.size > 1 ? 0 : usual - secondsSince(began);
    return left >= 1 ? left : undefined;
  };
  const showBusy = (): void => {
    const [oldest] = running.keys();
    if (!oldest) return;
    const { frames } = oldest;
    const text = frames ? countText(RED, frames.what, frames.done, frames.of) : RED._('status.busy');
    const told = statusText(RED, { text, secondsLeft: secondsLeft(oldest), waiting: running.size - 1 });
    status.emit({ fill: 'blue', shape: 'dot', text: told });
  };
  const finish = (job: Job, well: boolean): void => {
    const took = secondsSince(job.began);
    if (well && running.size === 1) usual = usual === undefined ? took : usual + LAST_JOB * (took - usual);
    running.delete(job);
    if (running.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };

  node.on('input', (message, send, done) => {
    const job: Job = { began: performance.now(), pace: new Pace() };
    const progress = (framesDone: number, of: number, what: Counted = 'frame'): void => {
      job.pace.reach(framesDone);
      job.frames = { done: framesDone, of, what };
      showBusy();
    };
    const session = (id: string): Session => sessionOf(RED, id).with({ signal });
    const ended = unlessAborted(signal, work({ message, session, progress }))
      .then(
        (result) => {
          if (result.message) send(result.message);
          done();
          const tookSeconds = secondsSince(job.began);
          return { fill: 'green', shape: 'dot', text: statusText(RED, { text: result.text, tookSeconds }) } as const;
        },
        (thrown: unknown) => {
          done(localized(RED, thrown));
          return errorStatus(RED, thrown);
        },
      )
      .then((shown) => {
        finish(job, shown.fill === 'green');
        if (signal.aborted) return;
        if (running.size > 0 && shown.fill === 'green') showBusy();
        else status.emit(shown);
      });
    running.set(job, ended);
    ticking ??= setInterval(showBusy, TICK_MS).unref();
    showBusy();
  });

  node.on('close', (_removed, done) => {
    status.close();
    clearInterval(ticking);
    closing.abort(
      new MangaError('CANCELLED', 'The node was deployed anew while it worked.', 'Send the picture again.'),
    );
    Promise.all(running.values()).then(() => done());
  });
}
