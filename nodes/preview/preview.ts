import { createHash } from 'node:crypto';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { isHandle } from '../../lib/session/types.ts';
import { describe } from '../message.ts';
import type { HttpHandler, Node, NodeConfig, Red } from '../red.ts';
import { atMostTwiceASecond } from '../throttle.ts';
import { onInput } from '../work.ts';

interface PreviewConfig extends NodeConfig {
  readonly width: string;
  /** From 1. */
  readonly frame: string;
}

/** Thumbnails are made for screens with two device pixels a CSS pixel, up to this. */
const MAX_SIDE = 256;

/** By then the picture was freed, by its hot folder or after idle time: no reason to stop its message. */
const TOO_LATE = new Set(['STALE_HANDLE', 'CANCELLED']);

interface Thumbnail {
  readonly png: Buffer;
  readonly etag: string;
}

/** Address of a node's thumbnail, below the editor's root. */
const route = (id: string): string => `motion-manga/preview/${id}`;

export default function register(RED: Red): void {
  const thumbnails = new Map<string, Thumbnail>();

  const serve: HttpHandler = (request, response) => {
    const thumbnail = thumbnails.get(request.params.id ?? '');
    if (!thumbnail) return response.status(404).end();
    response.set({ 'Content-Type': 'image/png', 'Cache-Control': 'private, no-cache', ETag: thumbnail.etag });
    if (request.headers['if-none-match'] === thumbnail.etag) return response.status(304).end();
    response.send(thumbnail.png);
  };
  RED.httpAdmin.get(`/${route(':id')}`, RED.auth.needsPermission('motion-manga.read'), serve);

  RED.nodes.registerType('manga-preview', function (this: Node, config: PreviewConfig) {
    RED.nodes.createNode(this, config);
    const announce = atMostTwiceASecond((thumbnail: Thumbnail) => {
      const url = `${route(config.id)}?v=${thumbnail.etag.slice(1, -1)}`;
      RED.comms.publish(route(config.id), { url, ...pngSize(thumbnail.png) }, true);
    });
    onInput(RED, this, async ({ message, session }) => {
      const handle = message.payload;
      if (!isHandle(handle)) {
        const hint = 'Wire it behind a manga-image, encoder, tcn-decoder or stylize node.';
        throw new MangaError('BAD_WIRING', `msg.payload is ${describe(handle)}, which has no preview.`, hint);
      }
      try {
        const frame = handle.kind === 'frames' ? Math.min(Number(config.frame), handle.shape[0]!) - 1 : undefined;
        const png = Buffer.from(await session(handle.session).preview(handle, MAX_SIDE, frame));
        const thumbnail = { png, etag: `"${createHash('sha256').update(png).digest('base64url').slice(0, 16)}"` };
        thumbnails.set(config.id, thumbnail);
        announce.emit(thumbnail);
      } catch (error) {
        if (!(error instanceof MangaError && TOO_LATE.has(error.code))) throw error;
      }
      return { message, text: `${handle.kind} ${handle.shape.join('×')}` };
    });
    this.on('close', (removed, done) => {
      announce.close();
      if (removed) thumbnails.delete(config.id);
      done();
    });
  });
}

/** Reads width and height from a PNG's header chunk. */
function pngSize(png: Uint8Array): { width: number; height: number } {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
