import { MangaError } from '../../lib/errors/manga-error.ts';
import { SessionHost } from '../../lib/session/host.ts';
import { sessionSchema } from '../../lib/session/options.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { addCanvasRoutes } from '../common/canvas-routes.ts';
import { localized } from '../localized-error.ts';
import { modelPath } from '../paths.ts';
import type { NodeConfig, Red } from '../red.ts';
import type { SessionNode } from '../session-of.ts';
import { WIRING } from '../wiring-table.ts';
import { addSessionRoutes, show } from './routes.ts';

interface SessionConfig extends NodeConfig {
  readonly engine: string;
  readonly model: string;
  readonly memoryMb: string;
  readonly idleSeconds: string;
}

/** A process that does not end politely within this time is killed: a deployment must not wait for it. */
const GRACE_MS = 1200;

export default function register(RED: Red): void {
  addCanvasRoutes(RED);
  addSessionRoutes(RED);
  function construct(this: SessionNode, config: SessionConfig): void {
    RED.nodes.createNode(this, config);
    let session: SessionHost;
    try {
      const { id, engine, memoryMb, idleSeconds } = config;
      const model = modelPath(RED, config.model);
      const options = parseSettings(sessionSchema, { id, engine, model, memoryMb, idleSeconds });
      session = new SessionHost(options, { graceMs: GRACE_MS });
    } catch (error) {
      this.problem = error as Error;
      this.error(localized(RED, error));
      return;
    }
    this.session = session;
    const hide = show(config.id, config.name ?? '', session);
    session.onState(({ phase, description }) => {
      if (phase === 'ready') this.log(description);
      if (phase === 'crashed') this.warn(localized(RED, new MangaError('SESSION_CRASHED', description)).message);
    });
    this.on('close', (_removed: boolean, done: () => void) => {
      hide();
      session.shutdown().then(done, (error: Error) => {
        this.error(localized(RED, error));
        done();
      });
    });
  }
  const settings = { mangaSessionWiring: { value: WIRING, exportable: true } };
  RED.nodes.registerType('manga-session', construct, { settings });
}
