import { MangaError } from '../../lib/errors/manga-error.ts';
import { type Existing, outputPath } from '../../lib/hotfolder/output-path.ts';
import { type OutputSettings, outputSchema, parseSettings } from '../../lib/settings/settings.ts';
import { videoSchema } from '../../lib/video/settings.ts';
import { styleOf } from '../clip-settings.ts';
import { contextOf, describe, timed } from '../message.ts';
import { userPath } from '../paths.ts';
import { stem } from '../picture.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import { showProgress } from '../show-progress.ts';
import { typedValue } from '../typed-value.ts';
import { onInput } from '../work.ts';

interface VideoNodeConfig extends NodeConfig {
  readonly session: string;
  readonly source: string;
  readonly sourceType: string;
  readonly size: string;
  readonly sizeType: string;
  readonly fps: string;
  readonly steady: string;
  /** These are absent in flows of earlier versions. */
  readonly detail?: string;
  readonly styleStrength: string;
  readonly styleStrengthType: string;
  readonly styleBlend: string;
  readonly styleBlendType: string;
  readonly lineWeight?: string;
  readonly screenPeriod?: string;
  readonly screenAngle?: string;
  readonly ink: string;
  readonly inkType: string;
  readonly style: string;
  readonly styleType: string;
  readonly folder: string;
  readonly folderType: string;
  readonly existing: Existing;
  readonly format: OutputSettings['format'];
  readonly quality: string;
}

const PLAIN = ['fps', 'steady', 'detail', 'lineWeight', 'screenPeriod', 'screenAngle'] as const;
type Typed = 'source' | 'size' | 'ink' | 'styleStrength' | 'styleBlend' | 'folder';

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-video', function (this: Node, config: VideoNodeConfig) {
    RED.nodes.createNode(this, config);
    onInput(RED, this, async (work) => {
      const { message } = work;
      const session = work.session(config.session);
      const value = (field: Typed): Promise<unknown> =>
        typedValue(RED, this, config[field], config[`${field}Type`], message);
      const source = await value('source');
      if (typeof source !== 'string' || source === '') {
        const what = config.sourceType === 'str' ? 'The path' : `${config.sourceType}.${config.source}`;
        throw new MangaError('BAD_INPUT', `${what} is ${describe(source)}.`, 'Send the path of a video file.');
      }
      const plain = Object.fromEntries(PLAIN.flatMap((key) => (config[key] ? [[key, config[key]]] : [])));
      const settings = parseSettings(videoSchema, {
        ...plain,
        size: await value('size'),
        ink: await value('ink'),
        styleStrength: await value('styleStrength'),
        styleBlend: await value('styleBlend'),
      });
      const folder = userPath(RED, String((await value('folder')) ?? ''));
      const arena = await session.openArena(source);
      try {
        const style = await styleOf(RED, this, config, work, session, arena, settings.styleBlend);
        const frames = await timed(message, 'open', () =>
          session.openVideo(arena, userPath(RED, source), settings, style),
        );
        const { path, release } = await outputPath(folder, stem(source), config.format, config.existing);
        try {
          const { format, quality } = config;
          const output = parseSettings(outputSchema, { path, format, quality });
          const clip = await timed(message, 'clip', () =>
            showProgress(session, frames, work.progress, () => session.writeClip(frames, output)),
          );
          message.payload = clip;
          message.filename = clip.path;
          contextOf(message).outName = stem(clip.path);
          return { message, text: `${clip.frames} × ${clip.width}×${clip.height} ${clip.format}` };
        } finally {
          release();
        }
      } finally {
        await session.closeArena(arena);
      }
    });
  });
}
