import { MangaError } from '../../lib/errors/manga-error.ts';
import { isHandle } from '../../lib/session/types.ts';
import { openThumbnail } from '../common/thumbnail.ts';
import { describe } from '../message.ts';
import type { Node, NodeConfig, Red } from '../red.ts';
import { onInput } from '../work.ts';

interface PreviewConfig extends NodeConfig {
  readonly width: string;
  /** From 1. */
  readonly frame: string;
  /** Absent in flows of earlier versions. */
  readonly thumbnail?: boolean;
}

/** By then the picture was freed, by its hot folder or after idle time: no reason to stop its message. */
const TOO_LATE = new Set(['STALE_HANDLE', 'CANCELLED']);

export default function register(RED: Red): void {
  RED.nodes.registerType('manga-preview', function (this: Node, config: PreviewConfig) {
    RED.nodes.createNode(this, config);
    const thumbnail = openThumbnail(RED, this, config.thumbnail ?? true);
    onInput(RED, this, async ({ message, session }) => {
      const handle = message.payload;
      if (!isHandle(handle)) {
        const hint = 'Wire it behind a manga-image, encoder, tcn-decoder or stylize node.';
        throw new MangaError('BAD_WIRING', `msg.payload is ${describe(handle)}, which has no preview.`, hint);
      }
      try {
        const frame = handle.kind === 'frames' ? Math.min(Number(config.frame), handle.shape[0]!) - 1 : undefined;
        await thumbnail.showNow(session(handle.session), handle, frame);
      } catch (error) {
        if (!(error instanceof MangaError && TOO_LATE.has(error.code))) throw error;
      }
      return { message, text: `${RED._(`kind.${handle.kind}`)} ${handle.shape.join('×')}` };
    });
  });
}
