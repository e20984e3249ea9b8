/**
 * Runs Node-RED with the built nodes and the hot-folder flow, in a folder of its own: ./runtime, or MOTION_MANGA_HOME.
 * What the user changes there is kept. PORT sets the editor's port (default 1880; 0: any).
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

interface CompleteEvent {
  readonly error?: unknown;
  readonly msg: { readonly payload?: { readonly path?: string; readonly milliseconds?: { readonly total: number } } };
  readonly node: { readonly node: { readonly type: string } };
}

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What is used here of Node-RED as an embedded library. */
interface EmbeddedRed {
  init(server: unknown, settings: Record<string, unknown>): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: Handler;
  readonly httpNode: Handler;
  readonly hooks: {
    add(name: string, listener: (event: CompleteEvent) => void): void;
    remove(name: string): void;
  };
}

const require = createRequire(import.meta.url);
const root = fileURLToPath(new URL('..', import.meta.url));
const home = resolve(process.env.MOTION_MANGA_HOME ?? join(root, 'runtime'));
const inbox = join(home, 'inbox');
const outbox = join(home, 'outbox');
const host = '127.0.0.1';
const port = Number(process.env.PORT ?? 1880);

/** Made once; later starts find the user's own state and leave it. */
function prepareHome(): void {
  mkdirSync(outbox, { recursive: true });
  const flows = join(home, 'flows.json');
  if (!existsSync(flows)) copyFileSync(join(root, 'flows', '05 Hot folder.json'), flows);
  if (existsSync(inbox)) return;
  mkdirSync(inbox);
  copyFileSync(join(root, 'samples', 'photos', 'nagasaki.jpg'), join(inbox, 'nagasaki.jpg'));
}

function settings(): Record<string, unknown> {
  return {
    uiHost: host,
    uiPort: port,
    userDir: home,
    fileWorkingDirectory: home,
    flowFile: 'flows.json',
    flowFilePretty: true,
    nodesDir: [root],
    httpAdminRoot: '/',
    httpNodeRoot: '/',
    credentialSecret: false,
    functionExternalModules: false,
    telemetry: { enabled: false, updateNotification: false },
    logging: { console: { level: 'info', metrics: false, audit: false } },
    editorTheme: {
      page: { title: 'Motion Manga' },
      header: { title: 'Motion Manga' },
      palette: { categories: ['manga', 'subflows', 'common', 'function', 'network', 'sequence', 'parser', 'storage'] },
      projects: { enabled: false },
      tours: false,
    },
  };
}

function announceFirstClip(red: EmbeddedRed, began: number): void {
  const hook = 'onComplete.motion-manga-start';
  red.hooks.add(hook, ({ error, msg, node }) => {
    if (error || node.node.type !== 'manga-clip' || !msg.payload?.path) return;
    red.hooks.remove(hook);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`\n  The first clip is there, ${seconds} s after the start: ${shown(msg.payload.path)}\n`);
  });
}

/** A path as one types it here. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

function build(): void {
  if (existsSync(join(root, 'dist', 'nodes'))) return;
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'build.ts')], { stdio: 'inherit' });
  if (status !== 0) process.exit(1);
}

async function main(): Promise<void> {
  build();
  prepareHome();
  const red = require('node-red') as EmbeddedRed;
  const server = createServer((request, response) =>
    red.httpAdmin(request, response, () =>
      red.httpNode(request, response, () => {
        response.statusCode = 404;
        response.end();
      }),
    ),
  );
  red.init(server, settings());

  let stopping = false;
  const stop = async (): Promise<void> => {
    if (stopping) process.exit(130);
    stopping = true;
    await red.stop();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);

  await new Promise<void>((listening, reject) => {
    server.once('error', reject);
    server.listen(port, host, listening);
  });
  announceFirstClip(red, performance.now());
  await red.start();
  console.log(`
  Motion Manga is running.
    editor   http://${host}:${(server.address() as AddressInfo).port}/
    inbox    ${shown(inbox)}      put photos here
    outbox   ${shown(outbox)}     their clips appear here
  Ctrl-C ends it.
`);
}

main().catch((error: NodeJS.ErrnoException) => {
  const inUse = error.code === 'EADDRINUSE';
  console.error(inUse ? `Port ${port} is in use: set another one, e.g. PORT=1881 npm start` : error);
  process.exit(1);
});
