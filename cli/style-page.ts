import path from 'node:path';
import type { Handle, Session } from '../lib/session/types.ts';

/** The style of a page given by its path, in an arena that must outlast its use. @returns undefined when none is given */
export async function stylePage(
  session: Session,
  arena: string,
  file: string | undefined,
): Promise<Handle | undefined> {
  if (file === undefined) return undefined;
  return session.encodeStyle(await session.loadPicture(arena, { path: path.resolve(file) }));
}
