import { type ClipConfig, cameraOf, clipSettings, modelOf, styleOf } from '../clip-settings.ts';
import { openLastPicture } from '../common/last-picture.ts';
import { openThumbnail } from '../common/thumbnail.ts';
import { loadPicture } from '../load-picture.ts';
import { timed } from '../message.ts';
import { pictureSource } from '../picture.ts';
import type { Node, Red } from '../red.ts';
import { typedValue } from '../typed-value.ts';
import { onInput } from '../work.ts';

interface StylizeConfig extends ClipConfig {
  readonly source: string;
  readonly sourceType: string;
  readonly model: string;
  readonly modelType: string;
}

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-stylize', function (this: Node, config: StylizeConfig) {
    RED.nodes.createNode(this, config);
    const thumbnail = openThumbnail(RED, this, config.thumbnail ?? false);
    const noteDrawn = openLastPicture(this);
    onInput(RED, this, async (work) => {
      const { message } = work;
      const session = work.session(config.session);
      const settings = await clipSettings(RED, this, config, message);
      const camera = cameraOf(message);
      const value = await typedValue(RED, this, config.source, config.sourceType, message);
      const source = pictureSource(
        RED,
        value,
        config.sourceType === 'str' ? 'The path' : `${config.sourceType}.${config.source}`,
      );
      const image = await loadPicture(session, config.session, work, source);
      const model = await modelOf(RED, this, config, message);
      const content = await timed(message, 'encode', () => session.encode(image, { ...settings, model }));
      const style = await styleOf(RED, this, config, work, session, content.arena, settings.styleBlend);
      const frames = await timed(message, 'draw', () => session.decode(content, settings, style, camera));
      thumbnail.show(session, frames);
      noteDrawn({ session, content, style, styleStrength: settings.styleStrength });
      message.payload = frames;
      return { message, text: `${frames.shape[0]} × ${frames.shape[2]}×${frames.shape[1]}` };
    });
  });
}
