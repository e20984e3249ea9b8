import { SessionHost } from '../../lib/session/host.ts';
import type { SessionOptions } from '../../lib/session/types.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import type { SessionNode } from '../session-of.ts';

interface SessionConfig extends NodeConfig {
  readonly engine: SessionOptions['engine'];
  readonly model: string;
  readonly memoryMb: string;
  readonly idleSeconds: string;
}

/** Ending the process must not hold up a deployment. */
const CLOSE_MS = 1800;

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-session', function (this: Node, config: SessionConfig) {
    RED.nodes.createNode(this, config);
    const session = new SessionHost({
      id: config.id,
      engine: config.engine,
      model: config.model,
      memoryMb: Number(config.memoryMb),
      idleSeconds: Number(config.idleSeconds),
    });
    Object.assign(this, { session } satisfies Pick<SessionNode, 'session'>);
    this.on('close', (_removed, done) => {
      const timer = setTimeout(done, CLOSE_MS);
      session
        .close()
        .catch((error: Error) => this.error(error))
        .finally(() => {
          clearTimeout(timer);
          done();
        });
    });
  });
}
