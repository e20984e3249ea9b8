import type { Handle, PictureSource, Session } from '../session/types.ts';
import type { ClipSettings } from '../settings/settings.ts';

/**
 * Draws a picture as a panel of a scene. What is needed for that only, the picture and its features, is freed at once: a
 * scene of many panels holds their drawings and no more.
 * @param arena where the frames are kept
 * @throws MangaError of the session
 */
export async function drawPanel(
  session: Session,
  arena: string,
  source: PictureSource,
  clip: ClipSettings,
  style?: Handle,
): Promise<Handle> {
  const own = await session.openArena('panel');
  try {
    const image = await session.loadPicture(own, source);
    return await session.keep(arena, await session.decode(await session.encode(image, clip), clip, style));
  } finally {
    await session.closeArena(own);
  }
}
