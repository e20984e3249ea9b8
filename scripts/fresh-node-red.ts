/** A Node-RED as a newcomer has it: a process of its own on an empty user folder, which gets this package by its palette. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openAsBlob } from 'node:fs';
import { createServer } from 'node:net';
import { basename, delimiter, dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NPM = join(ROOT, 'node_modules', 'npm', 'bin', 'npm-cli.js');
const run = promisify(execFile);

export interface Packed {
  /** Absolute path of the .tgz. */
  readonly tarball: string;
  readonly name: string;
  /** Paths inside the package, with '/'. */
  readonly files: readonly string[];
  /** Bytes of the .tgz. */
  readonly size: number;
}

/** One node set as the admin API lists it. */
export interface NodeSet {
  readonly module: string;
  readonly types: readonly string[];
  readonly enabled: boolean;
  readonly err?: string;
}

/** What a debug node shows. */
export interface Shown {
  /** As JSON where the value is an object. */
  readonly msg: string;
}

/** The environment without what `npm test` and `npm run` tell their scripts: an npm started here works for another folder. */
function environment(node: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([key]) => !/^npm_(package|lifecycle|config_local_prefix)/.test(key));
  return { ...Object.fromEntries(kept), PATH: [dirname(node), process.env.PATH].join(delimiter) };
}

/** What `npm publish` would send, packed from what is built. @param folder of the package @param to where the .tgz goes */
export async function pack(folder: string, to: string): Promise<Packed> {
  const args = [NPM, 'pack', '--json', '--ignore-scripts', '--pack-destination', to];
  const { stdout } = await run(process.execPath, args, { cwd: folder, env: environment(process.execPath) });
  const [{ filename, name, files, size }] = JSON.parse(stdout) as [
    { filename: string; name: string; files: { path: string }[]; size: number },
  ];
  return { tarball: join(to, basename(filename)), name, files: files.map(({ path }) => path), size };
}

/**
 * The newest Node of a major version, from npm's registry.
 * @param folder to install it in
 * @returns path of its binary
 * @throws Error when the registry cannot be reached
 */
export async function nodeBinary(major: number, folder: string): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  mkdirSync(folder, { recursive: true });
  const args = [NPM, 'install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `node@${major}`];
  await run(process.execPath, args, { cwd: folder, env: environment(process.execPath) });
  return join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

export class FreshNodeRed {
  readonly url: string;
  readonly userDir: string;
  /** What it wrote to its console. */
  readonly log: string[] = [];
  readonly #process: ChildProcess;
  readonly #node: string;
  readonly #lines: Interface;

  /** @param userDir made if it is not there @param node binary to run it with */
  static async start(userDir: string, node: string = process.execPath): Promise<FreshNodeRed> {
    mkdirSync(userDir, { recursive: true });
    const port = await freePort();
    const program = join(ROOT, 'node_modules', 'node-red', 'red.js');
    const child = spawn(node, [program, '--userDir', userDir, '--port', String(port)], {
      cwd: userDir,
      env: environment(node),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const red = new FreshNodeRed(child, node, `http://127.0.0.1:${port}`, userDir);
    await red.#started();
    return red;
  }

  constructor(child: ChildProcess, node: string, url: string, userDir: string) {
    this.#process = child;
    this.#node = node;
    this.url = url;
    this.userDir = userDir;
    this.#lines = createInterface({ input: child.stdout! });
    this.#lines.on('line', (line) => this.log.push(line));
  }

  /** The next time that all flows run. */
  #started(): Promise<void> {
    return new Promise((started, failed) => {
      const ended = (): void => failed(new Error(`Node-RED ended:\n${this.log.join('\n')}`));
      const listen = (line: string): void => {
        if (!line.includes('Started flows')) return;
        this.#lines.off('line', listen);
        this.#process.off('exit', ended);
        started();
      };
      this.#lines.on('line', listen);
      this.#process.once('exit', ended);
    });
  }

  async #answer(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(this.url + path, {
      ...init,
      headers: { accept: 'application/json', ...init.headers },
    });
    if (response.ok) return response;
    throw new Error(`${path}: ${response.status} ${await response.text()}\n${this.log.join('\n')}`);
  }

  async json<T>(path: string): Promise<T> {
    return (await (await this.#answer(path)).json()) as T;
  }

  /** As the palette's "upload module tgz file" does it. */
  async install(tarball: string): Promise<void> {
    const form = new FormData();
    form.append('tarball', await openAsBlob(tarball), basename(tarball));
    await this.#answer('/nodes', { method: 'POST', body: form });
  }

  /** As the palette's button "install" does it, from npm's registry. */
  async installModule(module: string, version: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    await this.#answer('/nodes', { method: 'POST', headers, body: JSON.stringify({ module, version }) });
  }

  async text(path: string): Promise<string> {
    return (await this.#answer(path)).text();
  }

  /** Runs a program that an installed package brings, as a user in the user folder does. @returns what it prints */
  async program(name: string, ...args: readonly string[]): Promise<string> {
    const file = join(this.userDir, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name);
    const { stdout } = await run(file, args, { cwd: this.userDir, env: environment(this.#node) });
    return stdout;
  }

  async deploy(flow: readonly object[]): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const started = this.#started();
    await this.#answer('/flows', { method: 'POST', headers, body: JSON.stringify(flow) });
    await started;
  }

  /** Presses an inject node's button. */
  async press(id: string): Promise<void> {
    await this.#answer(`/inject/${id}`, { method: 'POST' });
  }

  /** Listens as the editor's debug sidebar does. @returns what the next debug node shows, asked for later */
  async debug(): Promise<() => Promise<Shown>> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/comms`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ subscribe: 'debug' }));
    const shown = new Promise<Shown>((resolve) => {
      socket.addEventListener('message', ({ data }) => {
        const events = [JSON.parse(String(data))].flat() as { topic?: string; data: Shown }[];
        const event = events.find(({ topic }) => topic === 'debug');
        if (event) resolve(event.data);
      });
    });
    return async () => {
      const value = await shown;
      socket.close();
      return value;
    };
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await ended;
  }
}

/** Installs, imports the first example, deploys it, presses its button. @returns the clip's file name, and seconds */
export async function firstClip(
  red: FreshNodeRed,
  { tarball, name }: Packed,
): Promise<{
  readonly sets: readonly NodeSet[];
  readonly clip: string;
  readonly install: number;
  readonly draw: number;
}> {
  const began = performance.now();
  await red.install(tarball);
  const installed = performance.now();
  const sets = (await red.json<NodeSet[]>('/nodes')).filter(({ module }) => module === name);
  const flow = await red.json<{ id: string; type: string }[]>(`/library/examples/flows/${name}/01 First clip`);
  await red.deploy(flow);
  const next = await red.debug();
  await red.press(flow.find(({ type }) => type === 'inject')!.id);
  const { msg } = await next();
  const { path } = JSON.parse(msg) as { path?: string };
  if (!path || !existsSync(path)) throw new Error(`No clip: ${msg}`);
  const seconds = (from: number, to: number): number => Math.round((to - from) / 100) / 10;
  return {
    sets,
    clip: basename(path),
    install: seconds(began, installed),
    draw: seconds(installed, performance.now()),
  };
}
