import { type ChildProcess, fork } from 'node:child_process';
import { fromWire, MangaError, type WireError } from '../../errors/manga-error.ts';
import { sibling } from '../../sibling.ts';
import type { ClipQuestion, ClipReport } from './clip-report.ts';

/** What the process sends back. */
export type Answer =
  | { readonly id: number; readonly report: ClipReport }
  | { readonly id: number; readonly error: WireError };

interface Waiting {
  resolve(report: ClipReport): void;
  reject(error: MangaError): void;
}

/** Measures clips in a process of its own, which starts with the first one: seconds of arithmetic that must not hold up its caller. */
export class MetricsProcess {
  #child: ChildProcess | undefined;
  #closed = false;
  #asked = 0;
  readonly #waiting = new Map<number, Waiting>();

  /** Questions are answered in turn. @throws MangaError of the measurement; SESSION_CRASHED when the process ended meanwhile; SESSION_CLOSED */
  measure(question: ClipQuestion): Promise<ClipReport> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(new MangaError('SESSION_CLOSED', 'Measuring has ended.'));
      const id = ++this.#asked;
      this.#waiting.set(id, { resolve, reject });
      this.#child ??= this.#start();
      // A failed send is followed by the process's exit, which rejects.
      this.#child.send({ id, question }, () => undefined);
    });
  }

  /** Ends the process at once; what waits is rejected with SESSION_CLOSED. */
  close(): void {
    this.#closed = true;
    this.#child?.kill('SIGKILL');
    this.#rejectAll(new MangaError('SESSION_CLOSED', 'Measuring has ended.'));
  }

  #start(): ChildProcess {
    const child = fork(sibling('./worker', import.meta.url), [], {
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (answer: Answer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('report' in answer) waiting?.resolve(answer.report);
      else waiting?.reject(fromWire(answer.error));
    });
    const ended = (cause: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      const hint = 'Send the clip again; if it happens again, measure fewer or smaller frames.';
      this.#rejectAll(new MangaError('SESSION_CRASHED', `The measuring process ended (${cause}).`, hint));
    };
    child.on('error', (error) => ended(error.message));
    child.on('exit', (code, signal) => ended(signal ?? `code ${code}`));
    return child;
  }

  #rejectAll(error: MangaError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
