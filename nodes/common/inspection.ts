import { MangaError } from '../../lib/errors/manga-error.ts';
import type { Handle, InspectedPicture, Session } from '../../lib/session/types.ts';
import { drawSchema, parseSettings } from '../../lib/settings/settings.ts';
import type { Red } from '../red.ts';
import { sessionOf } from '../session-of.ts';
import { type LastPicture, lastPictureOf } from './last-picture.ts';
import { type Picture, pictureOf } from './thumbnail.ts';

/** How long pictures are kept for the browser that asked, which fetches them one by one. */
const KEPT_MS = 30_000;

type About = Omit<InspectedPicture, 'png'>;

export interface Inspection {
  readonly about: readonly About[];
  readonly pictures: ReadonlyMap<string, Picture>;
  /** Whether a style page was followed; gone: it was, but its page is freed. */
  readonly style: 'none' | 'followed' | 'gone';
}

const kept = new Map<string, Inspection>();

/** What was made for a node within the last half minute. */
export const inspectionOf = (node: string): Inspection | undefined => kept.get(node);

/** Does something with a picture's content in an arena of its own. */
export async function withContent<R>(
  session: Session,
  { photo, model }: Pick<LastPicture, 'photo' | 'model'>,
  size: string,
  work: (content: Handle) => Promise<R>,
): Promise<R> {
  const arena = await session.openArena('to look at');
  try {
    const image = await session.loadPicture(arena, { bytes: photo });
    return await work(await session.encode(image, parseSettings(drawSchema, { size, model })));
  } finally {
    await session.closeArena(arena);
  }
}

const running = new Map<string, Promise<Inspection>>();

/** Draws a node's last picture once more and takes it apart, once for all who ask meanwhile. @throws MangaError */
export function inspect(RED: Red, node: string): Promise<Inspection> {
  const begun = running.get(node) ?? inspectNow(RED, node).finally(() => running.delete(node));
  running.set(node, begun);
  return begun;
}

async function inspectNow(RED: Red, node: string): Promise<Inspection> {
  const last = await lastPictureOf(node);
  if (!last) {
    throw new MangaError('BAD_INPUT', 'No picture has gone through this node yet.', 'Deploy, and send a picture.');
  }
  const session = sessionOf(RED, last.session);
  let style: Inspection['style'] = last.style ? 'followed' : 'none';
  const found = await withContent(session, last, '512', (content) =>
    session.inspect(content, last.style, last.styleStrength).catch((error: unknown) => {
      if (!(last.style && error instanceof MangaError && error.code === 'STALE_HANDLE')) throw error;
      style = 'gone';
      return session.inspect(content);
    }),
  );
  const pictures = new Map(found.map(({ name, png }) => [name, pictureOf(png)]));
  const inspection = { about: found.map(({ png: _, ...about }) => about), pictures, style };
  kept.set(node, inspection);
  setTimeout(() => kept.get(node) === inspection && kept.delete(node), KEPT_MS).unref();
  return inspection;
}
