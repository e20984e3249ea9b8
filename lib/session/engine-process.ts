import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { CHANNEL_FD, type WorkerArguments } from './worker-contract.ts';

const KEPT_LINES = 20;
const MAX_LINE = 300;
/** After the process ended, its last words may still be in the pipe. */
const LAST_WORDS_MS = 200;

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Its last lines of output; stderr, or stdout if stderr was silent. */
  readonly lastLines: readonly string[];
}

/** Keeps the last lines of a stream and reads the rest away, so that its writer never waits. */
class LastLines {
  readonly lines: string[] = [];
  #partial = '';

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (this.#partial + text).split(/\r?\n|\r/);
      this.#partial = lines.pop()!.slice(-MAX_LINE);
      this.#keep(lines);
    });
    stream.on('end', () => this.#keep([this.#partial]));
    stream.on('error', () => {});
  }

  #keep(lines: readonly string[]): void {
    this.lines.push(...lines.map((line) => line.trimEnd().slice(0, MAX_LINE)).filter((line) => line !== ''));
    this.lines.splice(0, this.lines.length - KEPT_LINES);
  }
}

/** A child process that runs a session's worker. */
export class EngineProcess {
  readonly stream: Duplex;
  /** Resolves when the process has ended or could not be started; never rejects. */
  readonly exited: Promise<ProcessExit>;
  readonly #child: ChildProcess;

  /** @throws Error if the system has no room for another process */
  constructor(worker: URL, args: WorkerArguments) {
    this.#child = spawn(process.execPath, [fileURLToPath(worker), JSON.stringify(args)], {
      // 'overlapped' is 'pipe' everywhere but on Windows, where only it can be read and written at the same time.
      stdio: ['ignore', 'pipe', 'pipe', 'overlapped'],
      env: { TF_CPP_MIN_LOG_LEVEL: '3', ...process.env },
      windowsHide: true,
    });
    this.#child.on('error', () => {});
    if (!this.#child.stdio) throw new Error('too many open files or processes');
    this.stream = this.#child.stdio[CHANNEL_FD] as Duplex;
    this.exited = this.#watch(this.#child);
  }

  /** Undefined if the process could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends the process at once. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #watch(child: ChildProcess): Promise<ProcessExit> {
    const stdout = new LastLines(child.stdout!);
    const stderr = new LastLines(child.stderr!);
    return new Promise((resolve) => {
      const report = (code: number | null, signal: NodeJS.Signals | null): void => {
        child.stdout!.destroy();
        child.stderr!.destroy();
        resolve({ code, signal, lastLines: stderr.lines.length > 0 ? stderr.lines : stdout.lines });
      };
      child.on('error', (error) => {
        stderr.lines.push(error.message);
        if (child.pid === undefined) report(null, null);
      });
      // A grandchild may hold the pipes open: 'close' may come much later than 'exit', or never.
      child.on('exit', (code, signal) => {
        const timer = setTimeout(() => report(code, signal), LAST_WORDS_MS);
        child.on('close', () => {
          clearTimeout(timer);
          report(code, signal);
        });
      });
    });
  }
}
