import { openThumbnail } from '../common/thumbnail.ts';
import { loadPicture } from '../load-picture.ts';
import { pictureSource } from '../picture.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import { typedValue } from '../typed-value.ts';
import { onInput } from '../work.ts';

interface ImageConfig extends NodeConfig {
  readonly session: string;
  readonly source: string;
  readonly sourceType: string;
  /** Absent in flows of earlier versions. */
  readonly thumbnail?: boolean;
}

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-image', function (this: Node, config: ImageConfig) {
    RED.nodes.createNode(this, config);
    const thumbnail = openThumbnail(RED, this, config.thumbnail ?? true);
    onInput(RED, this, async (work) => {
      const { message } = work;
      const session = work.session(config.session);
      const value = await typedValue(RED, this, config.source, config.sourceType, message);
      const source = pictureSource(
        RED,
        value,
        config.sourceType === 'str' ? 'The path' : `${config.sourceType}.${config.source}`,
      );
      const image = await loadPicture(session, config.session, work, source);
      thumbnail.show(session, image);
      message.payload = image;
      return { message, text: `${image.shape[2]}×${image.shape[1]}` };
    });
  });
}
