/**
 * A real Node-RED with Dashboard 2, our nodes and our widgets, in a process of its own, so that tests can end it and
 * start it again. Arguments: user folder, port. Says 'ready' to its parent when flows run.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';

type Handler = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

const [userDir, port] = process.argv.slice(2);
const red = createRequire(import.meta.url)('node-red') as {
  init(server: unknown, settings: object): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: Handler;
  readonly httpNode: Handler;
  readonly events: { once(name: string, listener: () => void): void };
};
const server = createServer((request, response) =>
  red.httpAdmin(request, response, () => red.httpNode(request, response, () => response.end())),
);
red.init(server, {
  userDir,
  fileWorkingDirectory: userDir,
  flowFile: 'flows.json',
  httpAdminRoot: '/',
  httpNodeRoot: '/',
  credentialSecret: 'tests',
  telemetry: { enabled: false, updateNotification: false },
  editorTheme: { tours: false, palette: { catalogues: [] } },
  logging: { console: { level: 'warn' } },
});
// When the test is killed nobody else ends this.
process.on('disconnect', () => process.exit(1));
process.on('SIGTERM', () => red.stop().then(() => process.exit(0)));
await new Promise<void>((listening) => server.listen(Number(port), '127.0.0.1', listening));
red.events.once('flows:started', () => process.send?.('ready'));
await red.start();
