import { setTimeout as sleep } from 'node:timers/promises';
import { MangaError } from '../errors/manga-error.ts';
import type { TrainingReport } from '../plan/types.ts';
import { sibling } from '../sibling.ts';
import { ArenaCalls } from './arena-calls.ts';
import { CrashLog } from './crash-log.ts';
import { EngineProcess, type ProcessExit } from './engine-process.ts';
import { arenaGeneration, staleGeneration } from './handles.ts';
import type { Method } from './methods.ts';
import { busy, type CallOptions, RpcClient } from './rpc.ts';
import type { Running } from './running.ts';
import { arenaOf, SessionProxy } from './session-proxy.ts';
import { type SessionState, StateBoard } from './session-state.ts';
import { SessionView } from './session-view.ts';
import { abortReason, withAny } from './signals.ts';
import type { Session, SessionOptions, SessionStats } from './types.ts';

export type { SessionState } from './session-state.ts';

export interface HostOptions {
  /** The module to run in the child; default: the worker of this package. */
  readonly worker?: URL;
  /** Time-out of calls that name none, in ms; 0 (default): none. */
  readonly timeoutMs?: number;
  /** After `most` crashes within `windowMs`, calls wait for the next start. Default 5 in 60 s. */
  readonly crashes?: { readonly most: number; readonly windowMs: number };
  /** A process that does not end by itself within this time is killed; one that trains has 10 s to save. Default 3000. */
  readonly graceMs?: number;
  /** After a time-out, a process that gives no sign of life for this long is killed. Default 30,000. */
  readonly hangMs?: number;
}

const ENGINE_METHODS: readonly Method[] = ['start', 'encode', 'encodeStyle', 'decode'];

/** For the step that is running and the checkpoint after it. Node-RED gives up on a node that closes for 15 s. */
const SAVING_MS = 10_000;

const sessionClosed = (): MangaError =>
  new MangaError('SESSION_CLOSED', 'The session was closed.', 'Send the picture again.');

/**
 * A session in a child process. The process starts at the first call. If it crashes, the calls in flight reject with
 * SESSION_CRASHED and the next call starts a new one, with the next generation.
 */
export class SessionHost extends SessionProxy {
  readonly options: SessionOptions;
  readonly #host: Required<HostOptions>;
  readonly #crashes: CrashLog;
  readonly #board = new StateBoard();
  readonly #arenaCalls = new ArenaCalls();
  #pauses = new AbortController();
  #paused = 0;
  #generation = 0;
  #running: Running | undefined;
  #closing: Promise<void> | undefined;
  #shutDown = false;
  #lastUse = 0;

  constructor(options: SessionOptions, host: HostOptions = {}) {
    super();
    this.options = options;
    this.#host = {
      worker: sibling('./worker', import.meta.url),
      timeoutMs: 0,
      crashes: { most: 5, windowMs: 60_000 },
      graceMs: 3000,
      hangMs: 30_000,
      ...host,
    };
    this.#crashes = new CrashLog(this.#host.crashes.most, this.#host.crashes.windowMs);
  }

  /** When the session was last called (Date.now()); 0: never. */
  get lastUse(): number {
    return this.#lastUse;
  }

  get state(): SessionState {
    return this.#board.state;
  }

  /** Calls the listener now and at each change. @returns a function that ends that */
  onState(listener: (state: SessionState) => void): () => void {
    return this.#board.listen(listener);
  }

  /** The same session, with a time-out or a signal for every call made through it. */
  with(options: CallOptions): Session {
    return new SessionView(this, (method, args, subject) => this.#call(method, args, subject, options));
  }

  protected override call(method: Method, args: readonly unknown[], subject?: unknown): Promise<unknown> {
    return this.#call(method, args, subject, {});
  }

  override async closeArena(arena: string): Promise<void> {
    const reason = new MangaError('CANCELLED', "The picture's job was closed while this ran.");
    this.#arenaCalls.cancel(arena, reason);
    const running = this.#usable;
    if (running?.generation !== arenaGeneration(arena)) return;
    // If the process ends now, the arena ends with it.
    await running.client.call('closeArena', [arena], { urgent: true }).catch(() => {});
  }

  /** Does not start the process. */
  override async stats(): Promise<SessionStats> {
    const running = this.#usable;
    if (running) {
      const stats = (await running.client.call('stats', [], { urgent: true })) as SessionStats;
      return { ...stats, queued: running.client.inFlight };
    }
    const nothing = { pid: 0, arenas: 0, handles: 0, bytes: 0, engineTensors: 0, residentBytes: 0 };
    const calls = { queued: this.#paused, waiting: this.#paused };
    const own = { generation: this.#generation, budgetBytes: this.options.memoryMb * 1e6 };
    return { engine: 'not running', ...own, ...nothing, ...calls };
  }

  /** How often the process, or its start, has failed. */
  get crashes(): number {
    return this.#crashes.total;
  }

  /** When the process that runs was started (Date.now()). */
  get startedAt(): number | undefined {
    return this.#usable?.startedAt;
  }

  /** Frees what nothing used for two seconds. Does not start the process. @returns the number of arenas */
  async releaseIdle(): Promise<number> {
    return Number((await this.#usable?.client.call('releaseIdle', [], { urgent: true })) ?? 0);
  }

  /** The run that goes on in the process or was the last in it. Does not start the process. */
  async training(): Promise<TrainingReport | undefined> {
    const running = this.#usable;
    const report = running?.trains && running.client.call('trainingReport', [], { urgent: true });
    return report ? ((await report) as TrainingReport) : undefined;
  }

  /** Ends the process for sure: politely, and by force if it does not end. Calls in flight reject with SESSION_CLOSED. */
  override close(): Promise<void> {
    this.#pauses.abort(sessionClosed());
    this.#pauses = new AbortController();
    if (this.#running)
      this.#closing ??= this.#end(this.#running).finally(() => {
        this.#closing = undefined;
      });
    return this.#closing ?? Promise.resolve();
  }

  /** Closes for good: later calls reject with SESSION_CLOSED. For a node that is removed or redeployed. */
  shutdown(): Promise<void> {
    this.#shutDown = true;
    return this.close();
  }

  async #call(method: Method, args: readonly unknown[], subject: unknown, options: CallOptions): Promise<unknown> {
    this.#lastUse = Date.now();
    const arena = arenaOf(subject, this.options.id);
    if (arena !== undefined && arenaGeneration(arena) !== this.#running?.generation) throw staleGeneration();
    const work = (signal?: AbortSignal) => this.#forward(method, args, { ...options, signal });
    return arena === undefined ? work(options.signal) : this.#arenaCalls.during(arena, options.signal, work);
  }

  async #forward(method: Method, args: readonly unknown[], options: CallOptions): Promise<unknown> {
    // Without awaiting where possible, so that calls go out in the order in which they were made.
    const running = this.#usable ?? (await this.#connected(options.signal));
    try {
      const result = await running.client.call(method, args, { timeoutMs: this.#host.timeoutMs, ...options });
      if (method === 'startTraining') running.trains = true;
      if (running.engineFailed && ENGINE_METHODS.includes(method)) void this.#startEngine(running);
      return result;
    } catch (error) {
      if (error instanceof MangaError && error.code === 'TIMEOUT') void this.#checkAlive(running);
      throw error;
    }
  }

  /** The process, if it takes calls. */
  get #usable(): Running | undefined {
    return this.#closing || this.#running?.disconnected ? undefined : this.#running;
  }

  async #connected(signal?: AbortSignal): Promise<Running> {
    for (;;) {
      if (this.#shutDown) throw sessionClosed();
      if (this.#closing) await this.#closing;
      else if (this.#usable) return this.#usable;
      else if (this.#running) await this.#running.process.exited;
      else if (this.#crashes.waitMs() === 0) return this.#spawn();
      else await this.#pause(this.#crashes.waitMs(), signal);
    }
  }

  async #pause(ms: number, signal?: AbortSignal): Promise<void> {
    if (this.#paused >= this.options.maxQueued) throw busy(this.options.maxQueued);
    const pauses = this.#pauses.signal;
    this.#paused++;
    await withAny([signal, pauses], (abort) =>
      sleep(ms, undefined, { signal: abort.signal }).catch(() => {
        throw abortReason(abort.signal);
      }),
    ).finally(() => this.#paused--);
  }

  #spawn(): Running {
    this.#generation++;
    this.#board.set('starting', '');
    let process: EngineProcess;
    try {
      process = new EngineProcess(this.#host.worker, { options: this.options, generation: this.#generation });
    } catch (error) {
      throw this.#crashed(`The engine process could not be started: ${(error as Error).message}.`);
    }
    const client = new RpcClient(process.stream, {
      maxQueued: this.options.maxQueued,
      onDisconnect: (error) => {
        running.disconnected = true;
        if (error) running.cause ||= `The connection broke (${error.message}).`;
        const kill = setTimeout(() => process.kill(), this.#host.graceMs);
        void process.exited.then(() => clearTimeout(kill));
      },
    });
    const generation = this.#generation;
    const running: Running = {
      ...{ generation, process, client, startedAt: Date.now() },
      ...{ disconnected: false, closing: false, engineFailed: false, trains: false, cause: '' },
    };
    this.#running = running;
    void process.exited.then((exit) => this.#onExit(running, exit));
    void this.#startEngine(running);
    return running;
  }

  /** Loads engine and model while the first picture is on its way, and tells what runs. */
  async #startEngine(running: Running): Promise<void> {
    let state: SessionState;
    try {
      const call = running.client.call('start', [], { urgent: true });
      const started = (await call) as Awaited<ReturnType<Session['start']>>;
      running.engineFailed = false;
      state = { phase: 'ready', description: `${started.description}, ${started.model}` };
    } catch (error) {
      running.engineFailed = true;
      state = { phase: 'crashed', description: (error as Error).message };
    }
    if (this.#running === running && !running.closing) this.#board.set(state.phase, state.description);
  }

  /** A call timed out: the process may be slow, or hang in native code for ever. */
  async #checkAlive(running: Running): Promise<void> {
    const { hangMs } = this.#host;
    try {
      await running.client.call('ping', [], { urgent: true, timeoutMs: hangMs });
    } catch (error) {
      if ((error as MangaError).code !== 'TIMEOUT') return;
      running.cause ||= `It gave no sign of life for ${hangMs / 1000} s and was killed.`;
      running.process.kill();
    }
  }

  async #end(running: Running): Promise<void> {
    running.closing = true;
    const { graceMs } = this.#host;
    const kill = setTimeout(() => running.process.kill(), running.trains ? Math.max(graceMs, SAVING_MS) : graceMs);
    void running.client
      .call('close', [], { urgent: true })
      .catch(() => {})
      .then(() => running.client.close(sessionClosed()));
    await running.process.exited;
    clearTimeout(kill);
  }

  #onExit(running: Running, exit: ProcessExit): void {
    this.#running = undefined;
    if (running.closing) {
      this.#board.set('stopped', '');
      running.client.close(sessionClosed());
      return;
    }
    const how = exit.signal ? `by signal ${exit.signal}` : `with exit code ${exit.code}`;
    const words = exit.lastLines.slice(-5).join(' | ');
    // The kernel's out-of-memory killer leaves no other trace.
    if (exit.signal === 'SIGKILL') running.cause ||= 'The system killed it, perhaps for lack of memory.';
    const parts = [`The engine process ended ${how}.`, running.cause, words && `Its last words: ${words}`];
    running.client.close(this.#crashed(parts.filter((part) => part !== '').join(' ')));
  }

  #crashed(message: string): MangaError {
    this.#crashes.add();
    const wait = this.#crashes.waitMs();
    const { most, windowMs } = this.#host.crashes;
    const error = new MangaError(
      'SESSION_CRASHED',
      message,
      wait === 0
        ? 'The next picture starts a new one.'
        : `This was crash ${most} within ${windowMs / 1000} s: the next picture waits ${Math.ceil(wait / 1000)} s for a new one.`,
    );
    this.#board.set('crashed', error.message);
    return error;
  }
}
