import { join } from 'node:path';
import { MonitorHistory } from '../../lib/monitor/monitor-history.ts';
import { ACTIONS } from '../../lib/monitor/types.ts';
import type { GroupNode, Node, Red, WidgetConfig } from '../red.ts';
import { routes, sendFile } from '../routes.ts';
import { shown } from '../shown.ts';

interface MonitorConfig extends WidgetConfig {
  /** Whether viewers may start, pause, stop and save. Absent in nodes of the first version, which let them. */
  readonly actions?: boolean;
}

export default function register(RED: Red): void {
  const monitors = new Map<string, MonitorHistory>();
  const { get, url } = routes(RED);
  const runsOf = (id: string) => monitors.get(id)?.runs;

  get('/motion-manga/monitor/:id/runs', ({ params }, response) => {
    const runs = runsOf(params.id!);
    if (!runs) return response.sendStatus(404);
    response.json(runs.list.map(({ status }) => status));
  });
  get('/motion-manga/monitor/:id/runs/:run', ({ params }, response) => {
    const run = runsOf(params.id!)?.get(params.run!);
    if (!run) return response.sendStatus(404);
    response.json(run.snapshot());
  });
  get('/motion-manga/monitor/:id/runs/:run/samples/:step', ({ params }, response) => {
    sendFile(response, runsOf(params.id!)?.file(params.run!, Number(params.step)));
  });

  RED.nodes.registerType('ui-manga-monitor', function (this: Node, config: MonitorConfig) {
    RED.nodes.createNode(this, config);
    const group = RED.nodes.getNode(config.group) as GroupNode | null | undefined;
    if (!group) return this.error(RED._('error.group'));
    const path = join(RED.settings.userDir ?? '.', 'motion-manga', `monitor-${config.id}.jsonl`);
    const history = new MonitorHistory(path, (error) => this.warn(`${RED._('error.history')} ${error.message}`));
    const opened = history.open();
    void opened.then(() => monitors.set(config.id, history));

    group.register(
      this,
      { ...config, url: url(`/motion-manga/monitor/${config.id}`) },
      {
        async beforeSend(message) {
          await opened;
          return { ...shown(message), payload: history.take(message) };
        },
        onInput() {},
        onChange() {},
        onSend: (message) => {
          // The page has no buttons then, but a viewer may send what he likes.
          const action = config.actions !== false && ACTIONS.find((each) => each === message?.action);
          if (action) this.send({ action, _client: message?._client });
        },
      },
    );

    this.on('close', (_removed, done) => {
      monitors.delete(config.id);
      opened.then(() => history.close()).then(done, done);
    });
  });
}
