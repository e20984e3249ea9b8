import { randomUUID } from 'node:crypto';
import type { NodeRecord } from '../../lib/plan/config-reader.ts';
import { beginWalk } from '../../lib/plan/walk.ts';
import type { HttpHandler, Node, Red } from '../red.ts';
import { sessionOf } from '../session-of.ts';
import { nodeReader } from '../training-step.ts';
import { onInput } from '../work.ts';

interface DatasetConfig extends NodeRecord {
  readonly session: string;
}

const TYPE = 'manga-dataset';

export default function register(RED: Red): void {
  const walk: HttpHandler = (request, response) => {
    const node = RED.nodes.getNode(request.params.id ?? '');
    if (node?.type !== TYPE) return response.status(404).end();
    node.receive({});
    response.status(204).end();
  };
  RED.httpAdmin.post('/motion-manga/dataset/:id', RED.auth.needsPermission('motion-manga.write'), walk);

  RED.nodes.registerType('manga-dataset', function (this: Node, config: DatasetConfig) {
    RED.nodes.createNode(this, config);
    onInput(RED, this, async ({ message }) => {
      sessionOf(RED, config.session);
      await beginWalk(randomUUID(), config, message, nodeReader(RED, this, message));
      return { message, text: RED._('status.wired') };
    });
    // Each deployment walks the wires once, so that mistakes show and the trainer can start.
    const start = (): void => this.receive({});
    RED.events.on('flows:started', start);
    this.on('close', (_removed, done) => {
      RED.events.off('flows:started', start);
      done();
    });
  });
}
