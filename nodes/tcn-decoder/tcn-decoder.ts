import { type ClipConfig, cameraOf, clipSettings, styleOf } from '../clip-settings.ts';
import { expectHandle, timed } from '../message.ts';
import type { Node, Red } from '../red.ts';
import { onInput } from '../work.ts';

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-tcn-decoder', function (this: Node, config: ClipConfig) {
    RED.nodes.createNode(this, config);
    onInput(RED, this, async (work) => {
      const { message } = work;
      const session = work.session(config.session);
      const content = expectHandle(message.payload, 'content', config.session);
      const settings = await clipSettings(RED, this, config, message);
      const camera = cameraOf(message);
      const style = await styleOf(RED, this, config, work, session, content.arena);
      const frames = await timed(message, 'draw', () => session.decode(content, settings, style, camera));
      message.payload = frames;
      return { message, text: `${frames.shape[0]} × ${frames.shape[2]}×${frames.shape[1]}` };
    });
  });
}
