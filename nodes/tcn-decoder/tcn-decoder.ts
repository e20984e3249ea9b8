import { isTraining } from '../../lib/plan/walk.ts';
import type { Handle } from '../../lib/session/types.ts';
import { type ClipConfig, cameraOf, clipSettings, styleOf } from '../clip-settings.ts';
import { openLastPicture } from '../common/last-picture.ts';
import { openThumbnail } from '../common/thumbnail.ts';
import { expectHandle, timed } from '../message.ts';
import type { Node, Red } from '../red.ts';
import { trainingStep } from '../training-step.ts';
import { onInput } from '../work.ts';

/** Content features are at 1/8 of the size at which the photo is drawn. */
const STRIDE = 8;

function drawnSide(content: Handle): number {
  const [, height = 0, width = 0] = content.shape;
  return Math.max(height, width) * STRIDE;
}

/** @param size 'N' or 'WxH' */
function longSide(size: string): number {
  return Math.max(...size.split('x').map(Number));
}

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-tcn-decoder', function (this: Node, config: ClipConfig) {
    RED.nodes.createNode(this, config);
    const thumbnail = openThumbnail(RED, this, config.thumbnail ?? true);
    const noteDrawn = openLastPicture(this);
    let warned = false;
    onInput(RED, this, async (work) => {
      const { message } = work;
      if (isTraining(message)) return trainingStep(RED, this, 'tcn-decoder', { ...config }, message);
      const session = work.session(config.session);
      const content = expectHandle(message.payload, 'content', config.session);
      const settings = await clipSettings(RED, this, config, message);
      const drawn = drawnSide(content);
      if (!warned && longSide(settings.size) > drawn) {
        warned = true;
        this.warn(RED._('warning.coarse', { size: settings.size, drawn }));
      }
      const camera = cameraOf(message);
      const style = await styleOf(RED, this, config, work, session, content.arena, settings.styleBlend);
      const frames = await timed(message, 'draw', () => session.decode(content, settings, style, camera));
      thumbnail.show(session, frames);
      noteDrawn({ session, content, style, styleStrength: settings.styleStrength });
      message.payload = frames;
      return { message, text: `${frames.shape[0]} × ${frames.shape[2]}×${frames.shape[1]}` };
    });
  });
}
