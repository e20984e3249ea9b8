/** A real Redis server and real workers, which end with the test in any case. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../cli/main.ts', import.meta.url));

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export class RedisServer {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.port = port;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(): Promise<RedisServer> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'manga-redis-'));
    // Ends with our end of the pipe, so also when this process is killed.
    const script = 'redis-server "$@" & server=$!; cat >&2; kill -9 $server';
    const options = ['--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder].map(
      String,
    );
    const child = spawn('sh', ['-c', script, 'sh', ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout! })) {
      if (/Ready to accept connections/.test(line)) break;
    }
    child.stdout!.resume();
    return new RedisServer(port, child, folder);
  }

  url(name: string): string {
    return `redis://127.0.0.1:${this.port}/${name}`;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin!.end();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Worker {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;

  /** Resolves when it takes jobs. @param prefix a command that runs the worker, such as taskset */
  static async start(args: readonly string[], prefix: readonly string[] = []): Promise<Worker> {
    const [program, ...rest] = [...prefix, process.execPath, MAIN, 'worker', ...args];
    const worker = new Worker(spawn(program!, rest, { stdio: ['ignore', 'inherit', 'pipe'] }));
    for (;;) {
      if (worker.lines.some((line) => line.startsWith('worker ready'))) return worker;
      if (worker.#child.exitCode !== null) throw new Error(`The worker ended: ${worker.lines.join(' | ')}`);
      await Promise.race([once(worker.#child.stderr!, 'data'), worker.#exited]);
    }
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, 'exit');
    createInterface({ input: child.stderr! }).on('line', (line) => void this.lines.push(line));
    process.once('exit', () => child.kill('SIGKILL'));
  }

  /** kill -9, or as Ctrl-C does it. @returns exit code */
  async stop(signal: 'SIGKILL' | 'SIGINT' = 'SIGKILL'): Promise<number | null> {
    this.#child.kill(signal);
    await this.#exited;
    return this.#child.exitCode;
  }
}
