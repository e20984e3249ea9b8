import { isTraining } from '../../lib/plan/walk.ts';
import { drawSchema, parseSettings } from '../../lib/settings/settings.ts';
import { modelOf } from '../clip-settings.ts';
import { openLastPicture } from '../common/last-picture.ts';
import { openThumbnail } from '../common/thumbnail.ts';
import { expectHandle, timed } from '../message.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import { trainingStep } from '../training-step.ts';
import { typedValue } from '../typed-value.ts';
import { onInput } from '../work.ts';

/** Content features are at 1/8 of the size at which the photo is drawn. */
const STRIDE = 8;

interface EncoderConfig extends NodeConfig {
  readonly session: string;
  readonly mode: 'content' | 'style';
  readonly size: string;
  readonly sizeType: string;
  readonly canvas: string;
  /** Absent in flows of earlier versions. */
  readonly detail?: string;
  readonly model: string;
  readonly modelType: string;
  /** Absent in flows of earlier versions. */
  readonly thumbnail?: boolean;
}

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-encoder', function (this: Node, config: EncoderConfig) {
    RED.nodes.createNode(this, config);
    const thumbnail = openThumbnail(RED, this, config.thumbnail ?? false);
    const noteDrawn = openLastPicture(this);
    onInput(RED, this, async (work) => {
      const { message } = work;
      if (isTraining(message)) return trainingStep(RED, this, 'encoder', { ...config }, message);
      const session = work.session(config.session);
      const image = expectHandle(message.payload, 'image', config.session);
      if (config.mode === 'style') {
        thumbnail.show(session, image);
        message.style = await timed(message, 'style', () => session.encodeStyle(image));
        return { message, text: RED._('status.style') };
      }
      const settings = parseSettings(drawSchema, {
        size: await typedValue(RED, this, config.size, config.sizeType, message),
        canvas: config.canvas === '' ? undefined : config.canvas,
        detail: config.detail === '' ? undefined : config.detail,
        model: await modelOf(RED, this, config, message),
      });
      const content = await timed(message, 'encode', () => session.encode(image, settings));
      thumbnail.show(session, content);
      noteDrawn({ session, content });
      message.payload = content;
      const [, height = 0, width = 0] = content.shape;
      return { message, text: `${width * STRIDE}×${height * STRIDE}` };
    });
  });
}
