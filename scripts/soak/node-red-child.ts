/**
 * A Node-RED for the soak, in a process of its own that may be killed at any moment. Usage: node-red-child.ts USERDIR;
 * flows.json is there. Tells its parent by IPC how it is.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { SessionStats } from '../../lib/session/types.ts';

export interface Health {
  /** Process id of the session's process; 0: not running. */
  readonly sessionPid: number;
  /** MB of 10^6 bytes. */
  readonly residentMb: number;
  readonly heapMb: number;
  readonly sessionMb: number;
  /** Since the last report, milliseconds. */
  readonly loopMaxMs: number;
}

interface EmbeddedRed {
  init(server: unknown, settings: Record<string, unknown>): void;
  start(): Promise<void>;
  readonly httpAdmin: (request: IncomingMessage, response: ServerResponse) => void;
  readonly nodes: { getNode(id: string): { session?: { stats(): Promise<SessionStats> } } | null };
}

const EVERY_MS = 500;
const root = fileURLToPath(new URL('../..', import.meta.url));
const [userDir] = process.argv.slice(2);
const red = createRequire(import.meta.url)('node-red') as EmbeddedRed;
const server = createServer((request, response) => red.httpAdmin(request, response));
red.init(server, {
  userDir,
  fileWorkingDirectory: userDir,
  flowFile: 'flows.json',
  nodesDir: [root],
  httpAdminRoot: '/',
  httpNodeRoot: false,
  credentialSecret: 'soak',
  telemetry: { enabled: false, updateNotification: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
});

// Nobody looks after it any more.
process.on('disconnect', () => process.exit(1));
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
await red.start();

const loop = monitorEventLoopDelay({ resolution: 10 });
loop.enable();
const mb = (bytes: number): number => Math.round(bytes / 1e5) / 10;
setInterval(async () => {
  const stats = await red.nodes
    .getNode('session')
    ?.session?.stats()
    .catch(() => undefined);
  const { rss, heapUsed } = process.memoryUsage();
  const health: Health = {
    sessionPid: stats?.pid ?? 0,
    residentMb: mb(rss),
    heapMb: mb(heapUsed),
    sessionMb: mb(stats?.residentBytes ?? 0),
    loopMaxMs: Math.round(loop.max / 1e6),
  };
  loop.reset();
  process.send?.(health);
}, EVERY_MS);
