import path from 'node:path';
import * as z from 'zod';
import type { Handle, Session } from '../lib/session/types.ts';

/** `--style`, once or twice. */
export const styleOption = z.array(z.string().min(1)).max(2, 'at most two pages can be blended').default([]);

/**
 * The style of one page or of two blended, in an arena that must outlast its use.
 * @param blend share of the second @returns undefined when none is given
 */
export async function stylePage(
  session: Session,
  arena: string,
  files: readonly string[],
  blend?: number,
): Promise<Handle | undefined> {
  if (files.length === 0) return undefined;
  const pages = await Promise.all(files.map((file) => session.loadPicture(arena, { path: path.resolve(file) })));
  return session.encodeStyle(pages, blend);
}
