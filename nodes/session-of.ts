import { MangaError } from '../lib/errors/manga-error.ts';
import type { SessionHost } from '../lib/session/host.ts';
import type { Node, Red } from './red.ts';

/** The manga-session config node: its session, or why it has none. */
export interface SessionNode extends Node {
  session?: SessionHost;
  problem?: Error;
}

/** @throws MangaError BAD_SETTING when no session is chosen, it is disabled, or its settings are wrong */
export function sessionOf(RED: Red, id: string | undefined): SessionHost {
  const node = id ? (RED.nodes.getNode(id) as SessionNode | null | undefined) : undefined;
  if (node?.session) return node.session;
  throw (
    node?.problem ??
    new MangaError('BAD_SETTING', 'This node has no session.', 'Open it and choose or add a manga-session.')
  );
}
