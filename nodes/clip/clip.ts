import { type Existing, outputPath } from '../../lib/hotfolder/output-path.ts';
import { type OutputSettings, outputSchema, parseSettings } from '../../lib/settings/settings.ts';
import { openThumbnail } from '../common/thumbnail.ts';
import { contextOf, expectHandle, timed } from '../message.ts';
import { userPath } from '../paths.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import { showProgress } from '../show-progress.ts';
import { typedValue } from '../typed-value.ts';
import { onInput } from '../work.ts';

interface ClipNodeConfig extends NodeConfig {
  readonly session: string;
  readonly folder: string;
  readonly folderType: string;
  readonly file: string;
  readonly fileType: string;
  readonly existing: Existing;
  readonly format: OutputSettings['format'];
  readonly encoder: OutputSettings['encoder'];
  readonly quality: string;
  readonly release: boolean;
  /** Absent in flows of earlier versions. */
  readonly thumbnail?: boolean;
}

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-clip', function (this: Node, config: ClipNodeConfig) {
    RED.nodes.createNode(this, config);
    const thumbnail = openThumbnail(RED, this, config.thumbnail ?? false);
    onInput(RED, this, async (work) => {
      const { message } = work;
      const session = work.session(config.session);
      const frames = expectHandle(message.payload, 'frames', config.session);
      // Before the clip is written: afterwards its picture may be freed.
      thumbnail.show(session, frames);
      const folder = userPath(
        RED,
        String((await typedValue(RED, this, config.folder, config.folderType, message)) ?? ''),
      );
      const name = String((await typedValue(RED, this, config.file, config.fileType, message)) ?? 'clip');
      const { job, recipe } = contextOf(message);
      // Two clip nodes may write clips of one job under one name, each its own.
      const owner = job?.owner === undefined ? undefined : `${job.owner}/${config.id}`;
      const { path, release, discard } = await outputPath(folder, name, config.format, config.existing, owner);
      try {
        const output = parseSettings(outputSchema, {
          path,
          comment: recipe,
          format: config.format,
          encoder: config.encoder,
          quality: config.quality,
        });
        const clip = await timed(message, 'clip', () =>
          showProgress(session, frames, work.progress, () => session.writeClip(frames, output)),
        );
        message.payload = clip;
        message.filename = clip.path;
        if (config.release) await session.closeArena(frames.arena);
        return { message, text: `${clip.frames} × ${clip.width}×${clip.height} ${clip.format}` };
      } catch (error) {
        await discard();
        throw error;
      } finally {
        release();
      }
    });
  });
}
