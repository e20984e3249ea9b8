import { createHash } from 'node:crypto';
import type { Handle, Session } from '../../lib/session/types.ts';
import type { Node, Red } from '../red.ts';
import { atMostTwiceASecond } from '../throttle.ts';
import { inRhythm } from './rhythm.ts';

/** Thumbnails are made for screens with two device pixels a CSS pixel, up to this. */
const MAX_SIDE = 256;

export interface Picture {
  readonly bytes: Buffer;
  readonly etag: string;
}

export function pictureOf(bytes: Uint8Array): Picture {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { bytes: buffer, etag: `"${createHash('sha256').update(buffer).digest('base64url').slice(0, 16)}"` };
}

/** PNGs by the id of their node. */
const thumbnails = new Map<string, Picture>();

export const thumbnailOf = (node: string): Picture | undefined => thumbnails.get(node);

/** The small picture under a node on the editor's canvas. */
export interface Thumbnail {
  /** Shows what a handle holds, soon; not when it is freed before, or something newer comes. */
  show(session: Session, handle: Handle): void;
  /** Shows it, and waits for that. @param frame of a clip, from 0 @throws MangaError */
  showNow(session: Session, handle: Handle, frame?: number): Promise<void>;
}

/** The id under which the editor knows a node: in a subflow, that of the node in its template. */
export const editorId = (node: Node): string => node._alias ?? node.id;

/** @param on whether the user wants it; if not, the thumbnail that the node had is taken away */
export function openThumbnail(RED: Red, node: Node, on: boolean): Thumbnail {
  const id = editorId(node);
  const topic = `motion-manga/thumbnail/${id}`;
  // Editors that open later hear the last version, too.
  const announce = atMostTwiceASecond((version: string) => RED.comms.publish(topic, { version }, true));
  const takeAway = (): void => {
    if (thumbnails.delete(id)) RED.comms.publish(topic, {}, false);
  };

  async function showNow(session: Session, handle: Handle, frame?: number): Promise<void> {
    if (!on) return;
    const picture = pictureOf(await session.preview(handle, MAX_SIDE, frame));
    thumbnails.set(id, picture);
    announce.emit(picture.etag.slice(1, -1));
  }

  const soon = inRhythm((what: { session: Session; handle: Handle }) => showNow(what.session, what.handle));
  if (!on) takeAway();
  node.on('close', (removed, done) => {
    soon.close();
    announce.close();
    if (removed) takeAway();
    done();
  });
  return { showNow, show: (session, handle) => on && soon.next({ session, handle }) };
}
