import { MangaError } from '../lib/errors/manga-error.ts';
import type { Handle, PictureSource, Session } from '../lib/session/types.ts';
import { contextOf, timed } from './message.ts';
import { nameOf, stem } from './picture.ts';
import type { Work } from './work.ts';

/** The arena of this message in this session: the one it has, or a new one. */
async function openArena(session: Session, sessionId: string, work: Work, label: string): Promise<string> {
  const context = contextOf(work.message);
  if (context.session !== sessionId || !context.arena) {
    context.arena = await session.openArena(label);
    context.session = sessionId;
  }
  return context.arena;
}

/**
 * Loads the message's picture and fills `msg.manga` (session, arena, source, outName).
 * @returns image handle [1,H,W,3] uint8
 */
export async function loadPicture(
  session: Session,
  sessionId: string,
  work: Work,
  source: PictureSource,
): Promise<Handle> {
  const { message } = work;
  const context = contextOf(message);
  const name =
    context.job?.name ?? nameOf(source) ?? (typeof message.filename === 'string' ? message.filename : undefined);
  if (name !== undefined) {
    context.source = name;
    if (!context.job) context.outName = stem(name);
  }
  return timed(message, 'decode', async () => {
    try {
      return await session.loadPicture(await openArena(session, sessionId, work, name ?? 'picture'), source);
    } catch (error) {
      if (!(error instanceof MangaError && error.code === 'STALE_HANDLE')) throw error;
      // The arena came with the message and was closed meanwhile, so this picture starts a new one.
      delete context.arena;
      return session.loadPicture(await openArena(session, sessionId, work, name ?? 'picture'), source);
    }
  });
}
