import { join } from 'node:path';
import { Clips, type StoredClip } from '../../lib/gallery/clips.ts';
import { readAction } from '../../lib/gallery/read-action.ts';
import { Journal } from '../../lib/journal.ts';
import type { GroupNode, Message, Node, Red, WidgetConfig } from '../red.ts';
import { routes, sendFile } from '../routes.ts';
import { shown } from '../shown.ts';

interface GalleryConfig extends WidgetConfig {
  /** Whether viewers may pause, retry and cancel. */
  readonly actions: boolean;
}

export default function register(RED: Red): void {
  const galleries = new Map<string, Clips>();
  const { get, url } = routes(RED);

  get('/motion-manga/gallery/:id/clips', ({ params }, response) => {
    const clips = galleries.get(params.id!);
    if (!clips) return response.sendStatus(404);
    response.json(clips.entries);
  });
  get('/motion-manga/gallery/:id/clips/:clip', ({ params }, response) => {
    sendFile(response, galleries.get(params.id!)?.path(params.clip!));
  });

  RED.nodes.registerType('ui-manga-gallery', function (this: Node, config: GalleryConfig) {
    RED.nodes.createNode(this, config);
    const group = RED.nodes.getNode(config.group) as GroupNode | null | undefined;
    if (!group) return this.error(RED._('error.group'));
    const clips = new Clips();
    const path = join(RED.settings.userDir ?? '.', 'motion-manga', `gallery-${config.id}.jsonl`);
    const journal = new Journal(
      path,
      () => clips.store(),
      (error) => this.warn(`${RED._('error.history')} ${error.message}`),
    );
    const opened = journal.read().then((lines) => {
      for (const line of lines as StoredClip[]) if (line?.entry && line.path) clips.add(line);
      galleries.set(config.id, clips);
    });

    /** Passes on what a viewer pressed, to the hot folder that the picture came from. */
    const act = (message: Message | undefined): void => {
      const press = config.actions ? readAction(message) : undefined;
      const folder = press && RED.nodes.getNode(press.folder);
      if (folder?.type !== 'manga-hot-folder') return;
      const { action, job } = press!;
      folder.receive(job === undefined ? { action } : { action, job });
    };

    const addresses = { url: url(`/motion-manga/gallery/${config.id}`), site: url('/') };
    group.register(
      this,
      { ...config, ...addresses },
      {
        async beforeSend(message) {
          await opened;
          const clip = clips.take(message);
          if (clip) journal.append(clip);
          // Browsers look again: a message may as well tell that a hot folder went on.
          return { ...shown(message), payload: { changed: true } };
        },
        onInput() {},
        onChange() {},
        onSend: act,
      },
    );

    this.on('close', (_removed, done) => {
      galleries.delete(config.id);
      opened.then(() => journal.flush()).then(done, done);
    });
  });
}
