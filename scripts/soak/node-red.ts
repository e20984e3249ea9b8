/** Keeps a Node-RED running, kills it or its session's process, starts it again, and watches its memory. */
import { type ChildProcess, fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Health } from './node-red-child.ts';

/** From a start to the kill or the end. */
export interface Life {
  readonly health: Health[];
}

export class NodeRed {
  readonly lives: Life[] = [];
  /** Ends that nobody asked for: what it said. */
  readonly crashes: string[] = [];
  readonly #userDir: string;
  readonly #log: string;
  #child: ChildProcess | undefined;
  #exited: Promise<unknown> = Promise.resolve();
  #expected = false;

  /** @param log file for all that it prints, appended to */
  constructor(userDir: string, log: string) {
    this.#userDir = userDir;
    this.#log = log;
  }

  start(): void {
    const out = openSync(this.#log, 'a');
    const child = fork(new URL('./node-red-child.ts', import.meta.url), [this.#userDir], {
      stdio: ['ignore', out, out, 'ipc'],
    });
    closeSync(out);
    const life: Life = { health: [] };
    this.lives.push(life);
    this.#child = child;
    this.#expected = false;
    child.on('message', (message) => void life.health.push(message as Health));
    this.#exited = new Promise((exited) => {
      child.on('exit', (code, signal) => {
        if (!this.#expected) this.crashes.push(`Node-RED ended by itself (${signal ?? `code ${code}`})`);
        exited(undefined);
      });
    });
  }

  get health(): Health | undefined {
    return this.lives.at(-1)?.health.at(-1);
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#expected = true;
    this.#child?.kill('SIGKILL');
    await this.#exited;
  }

  /** kill -9 of the session's process. @returns false if none runs */
  killSession(): boolean {
    const pid = this.health?.sessionPid;
    if (!pid) return false;
    try {
      process.kill(pid, 'SIGKILL');
      return true;
    } catch {
      return false;
    }
  }

  /** Whether it has ended although nobody killed it. */
  get crashed(): boolean {
    return this.#child?.exitCode !== null && this.#child?.exitCode !== undefined && !this.#expected;
  }
}
