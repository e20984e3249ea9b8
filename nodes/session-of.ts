import { MangaError } from '../lib/errors/manga-error.ts';
import type { Session } from '../lib/session/types.ts';
import type { Node, Red } from './red.ts';

/** The manga-session config node. */
export interface SessionNode extends Node {
  readonly session: Session;
}

/** @throws MangaError BAD_SETTING when no session is chosen, or it is disabled */
export function sessionOf(RED: Red, id: string | undefined): Session {
  const node = id ? (RED.nodes.getNode(id) as SessionNode | null | undefined) : undefined;
  if (!node?.session) {
    throw new MangaError('BAD_SETTING', 'This node has no session.', 'Open it and choose or add a manga-session.');
  }
  return node.session;
}
