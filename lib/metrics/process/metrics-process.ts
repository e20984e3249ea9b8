import { type ChildProcess, fork } from 'node:child_process';
import { fromWire, MangaError, type WireError } from '../../errors/manga-error.ts';
import type { SessionOptions } from '../../session/types.ts';
import { sibling } from '../../sibling.ts';
import type { Evaluation } from '../evaluate.ts';
import type { EvaluationEvents, FolderEvaluation } from '../evaluate-folder.ts';
import type { ClipQuestion, ClipReport } from './clip-report.ts';

/** A folder of photos, and the network that draws them. Plain JSON. */
export interface FolderQuestion extends FolderEvaluation, Pick<SessionOptions, 'engine' | 'model'> {}

/** What the process is sent. */
export type Asked =
  | { readonly id: number; readonly clip: ClipQuestion; readonly folder?: undefined }
  | { readonly id: number; readonly clip?: undefined; readonly folder: FolderQuestion };

/** What it sends back: a report or an error ends a question. */
export type Answer =
  | { readonly id: number; readonly report: ClipReport | Evaluation }
  | { readonly id: number; readonly error: WireError }
  | { readonly id: number; readonly leftOut: string }
  | { readonly id: number; readonly done: number; readonly of: number };

type Events = Pick<EvaluationEvents, 'leftOut' | 'progress'>;

interface Waiting {
  readonly events: Events;
  resolve(report: ClipReport | Evaluation): void;
  reject(error: MangaError): void;
}

/** Measures in a process of its own, which starts with the first question: arithmetic of seconds to minutes that must not hold up its caller. */
export class MetricsProcess {
  #child: ChildProcess | undefined;
  #closed = false;
  #asked = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** Questions are answered in turn. @throws MangaError of the measurement; SESSION_CRASHED when the process ended meanwhile; SESSION_CLOSED */
  async measure(clip: ClipQuestion): Promise<ClipReport> {
    return (await this.#ask({ clip })) as ClipReport;
  }

  /** Draws and measures photos, as {@link measure}. @throws as measure */
  async evaluate(folder: FolderQuestion, events: Events = {}): Promise<Evaluation> {
    return (await this.#ask({ folder }, events)) as Evaluation;
  }

  /** Ends the process at once; what waits is rejected with SESSION_CLOSED. */
  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
    this.#rejectAll(new MangaError('SESSION_CLOSED', 'Measuring has ended.'));
  }

  #ask(
    question: { clip: ClipQuestion } | { folder: FolderQuestion },
    events: Events = {},
  ): Promise<ClipReport | Evaluation> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new MangaError('SESSION_CLOSED', 'Measuring has ended.'));
      const id = ++this.#asked;
      this.#waiting.set(id, { events, resolve, reject });
      this.#child ??= this.#start();
      // A failed send is followed by the process's exit, which rejects.
      this.#child.send({ id, ...question } satisfies Asked, () => undefined);
    });
  }

  #start(): ChildProcess {
    const child = fork(sibling('./worker', import.meta.url), [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: Answer) => this.#hear(answer));
    const ended = (cause: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      const hint = 'Send it again; if it happens again, measure fewer or smaller pictures.';
      this.#rejectAll(new MangaError('SESSION_CRASHED', `The measuring process ended (${cause}).`, hint));
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code, signal) => ended(signal ?? `code ${code}`));
    return child;
  }

  #hear(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    if ('leftOut' in answer) waiting.events.leftOut?.(answer.leftOut);
    else if ('done' in answer) waiting.events.progress?.(answer.done, answer.of);
    else {
      this.#waiting.delete(answer.id);
      if ('report' in answer) waiting.resolve(answer.report);
      else waiting.reject(fromWire(answer.error));
    }
  }

  #rejectAll(error: MangaError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
