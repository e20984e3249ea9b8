/** A real Node-RED, embedded, with the built package in a user folder of its own. One a process: Node-RED cannot be started twice. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Message, Node } from '../../../nodes/red.ts';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

/** A message as tests look at it. */
export interface Received {
  // biome-ignore-start lint/suspicious/noExplicitAny: tests look into arbitrary payloads
  payload: any;
  manga: any;
  style: any;
  // biome-ignore-end lint/suspicious/noExplicitAny: tests look into arbitrary payloads
  filename?: string;
  error?: { message: string; code?: string; source: { id: string }; cause?: { hint?: string } };
}

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

interface EmbeddedRed {
  init(server: Server, settings: Record<string, unknown>): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: Handler;
  readonly nodes: { getNode(id: string): (Node & { receive(message: Message): void }) | null };
  readonly events: {
    once(name: string, listener: () => void): void;
    on(name: string, listener: (event: never) => void): void;
  };
  readonly hooks: { add(name: string, listener: (event: HookEvent) => void): void };
}

interface HookEvent {
  readonly msg: Received;
  /** Of onReceive. */
  readonly destination?: { readonly id: string };
  /** Of onComplete. */
  readonly node?: { readonly id: string };
}

const WAIT_MS = 60_000;
/** What Node-RED warns of in every new user folder. */
const IGNORED = /^(Projects disabled|Encrypted credentials not found)/;

export class Runtime {
  readonly red: EmbeddedRed;
  readonly userDir: string;
  readonly url: string;
  /** Log lines of level warn and error. */
  readonly complaints: string[];
  readonly #server: Server;
  readonly #inboxes = new Map<string, { messages: Received[]; waiting: ((message: Received) => void)[] }>();

  /** @param settings more of Node-RED's settings @param flow there from the start, for when nobody may deploy */
  static async start(settings: Readonly<Record<string, unknown>> = {}, flow?: readonly FlowNode[]): Promise<Runtime> {
    if (!existsSync(join(ROOT, 'dist', 'nodes'))) throw new Error('These tests run on the build: npm run build first.');
    const red = createRequire(import.meta.url)('node-red') as EmbeddedRed;
    const userDir = mkdtempSync(join(tmpdir(), 'motion-manga-runtime-'));
    if (flow) writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flow));
    const complaints: string[] = [];
    const server = createServer((request, response) => red.httpAdmin(request, response, () => response.end()));
    red.init(server, {
      userDir,
      fileWorkingDirectory: userDir,
      flowFile: 'flows.json',
      nodesDir: [ROOT],
      httpAdminRoot: '/',
      httpNodeRoot: false,
      credentialSecret: 'tests',
      telemetry: { enabled: false, updateNotification: false },
      editorTheme: { tours: false, palette: { catalogues: [] } },
      logging: {
        test: {
          level: 'warn',
          handler: () => (line: { msg: unknown }) =>
            void (IGNORED.test(String(line.msg)) || complaints.push(String(line.msg))),
        },
      },
      ...settings,
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const started = new Promise<void>((resolve) => red.events.once('flows:started', resolve));
    await red.start();
    await started;
    return new Runtime(red, server, userDir, complaints);
  }

  constructor(red: EmbeddedRed, server: Server, userDir: string, complaints: string[]) {
    this.red = red;
    this.#server = server;
    this.userDir = userDir;
    this.complaints = complaints;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    red.hooks.add('onReceive.tests', ({ msg, destination }) => this.#put(destination!.id, msg));
    red.hooks.add('onComplete.tests', ({ msg, node }) => this.#put(`done:${node!.id}`, msg));
  }

  #inbox(id: string) {
    const inbox = this.#inboxes.get(id) ?? { messages: [], waiting: [] };
    this.#inboxes.set(id, inbox);
    return inbox;
  }

  #put(id: string, message: Received): void {
    const inbox = this.#inbox(id);
    const waiting = inbox.waiting.shift();
    if (waiting) waiting(message);
    else inbox.messages.push(message);
  }

  async json<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path, { headers: { accept: 'application/json' } });
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return (await response.json()) as T;
  }

  /** Deploys and waits until the flows run. What arrived before is forgotten. */
  async deploy(flows: readonly FlowNode[], type: 'full' | 'nodes' = 'full'): Promise<void> {
    this.#inboxes.clear();
    const started = new Promise<void>((resolve) => this.red.events.once('flows:started', resolve));
    const response = await fetch(`${this.url}/flows`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'Node-RED-Deployment-Type': type },
      body: JSON.stringify(flows),
    });
    if (!response.ok) throw new Error(`deploy: ${response.status} ${await response.text()}`);
    await started;
  }

  send(nodeId: string, message: Message): void {
    const node = this.red.nodes.getNode(nodeId);
    if (!node) throw new Error(`no node ${nodeId}`);
    node.receive(message);
  }

  /** The next message that arrives, or arrived, at a node. */
  message(nodeId: string, waitMs = WAIT_MS): Promise<Received> {
    const inbox = this.#inbox(nodeId);
    const message = inbox.messages.shift();
    if (message) return Promise.resolve(message);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`nothing came to ${nodeId}: ${this.complaints.join(' | ')}`)),
        waitMs,
      );
      inbox.waiting.push((received) => {
        clearTimeout(timer);
        resolve(received);
      });
    });
  }

  /** The next message that a node says, or said, it is done with, with an error or without. */
  completed(nodeId: string): Promise<Received> {
    return this.message(`done:${nodeId}`);
  }

  /** Messages that arrived at a node and that nobody took yet. */
  arrived(nodeId: string): number {
    return this.#inbox(nodeId).messages.length;
  }

  async stop(): Promise<void> {
    await this.red.stop();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
    rmSync(this.userDir, { recursive: true, force: true });
  }
}
