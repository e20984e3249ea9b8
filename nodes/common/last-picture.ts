import type { ContentOrigin, Handle, Session } from '../../lib/session/types.ts';
import type { Node } from '../red.ts';
import { inRhythm, type Rhythm } from './rhythm.ts';
import { editorId } from './thumbnail.ts';

/** The long side at which it is kept: that of a clip by default. */
const SIDE = 512;

/** What a node drew last, small: enough to draw it again when it is freed. */
export interface LastPicture extends ContentOrigin {
  /** Id of the manga-session node. */
  readonly session: string;
  /** A handle, which may be freed by now, and how far it was followed. */
  readonly style?: Handle;
  readonly styleStrength: number;
}

const pictures = new Map<string, LastPicture>();
const noting = new Map<string, Rhythm<Drawn>>();

/** @returns what the node drew last, also when it has drawn it a moment ago and it is still being noted */
export async function lastPictureOf(node: string): Promise<LastPicture | undefined> {
  await noting.get(node)?.settled();
  return pictures.get(node);
}

interface Drawn {
  readonly session: Session;
  readonly content: Handle;
  readonly style?: Handle;
  readonly styleStrength?: number;
}

/** @returns what notes the pictures that a node draws, the last of them each half second */
export function openLastPicture(node: Node): (drawn: Drawn) => void {
  const id = editorId(node);
  const notes = inRhythm(async ({ session, content, style, styleStrength = 1 }: Drawn) => {
    const origin = await session.origin(content, SIDE);
    pictures.set(id, { ...origin, session: content.session, style, styleStrength });
  });
  noting.set(id, notes);
  node.on('close', (removed, done) => {
    notes.close();
    if (noting.get(id) === notes) noting.delete(id);
    if (removed) pictures.delete(id);
    done();
  });
  return (drawn) => notes.next(drawn);
}
