import { MangaError } from '../../lib/errors/manga-error.ts';
import { panelSizes } from '../../lib/scenes/panel-sizes.ts';
import type { SceneSettings } from '../../lib/scenes/settings.ts';
import { type Handle, isHandle, type Session } from '../../lib/session/types.ts';
import { clipSchema, parseSettings } from '../../lib/settings/settings.ts';
import { expectHandle } from '../message.ts';
import { pictureSource } from '../picture.ts';
import type { Red } from '../red.ts';

/** A scene that is being put together: where its panels live, and how many there will be. */
export interface Sheet {
  readonly session: Session;
  readonly sessionId: string;
  readonly arena: string;
  readonly count: number;
  readonly settings: SceneSettings;
  /** Frames of a panel that is drawn here. */
  readonly frames: string;
}

/** Long side of panels whose size nothing says. */
const USUAL_SIDE = '512';

/**
 * The panel at a place of a scene: frames that are kept, or a picture that is drawn at the size of its panel.
 * @throws MangaError BAD_INPUT, BAD_WIRING, FOREIGN_HANDLE, what drawing throws
 */
export async function panelOf(RED: Red, sheet: Sheet, value: unknown, index: number, what: string): Promise<Handle> {
  const { session, arena, settings } = sheet;
  if (isHandle(value)) return session.keep(arena, expectHandle(value, 'frames', sheet.sessionId, what));
  if (typeof value !== 'string') {
    const hint = 'Send frames handles of a manga-stylize or tcn-decoder node, or paths of pictures.';
    throw new MangaError('BAD_INPUT', `${what} is no panel.`, hint);
  }
  const size = panelSizes(sheet.count, settings)?.[index] ?? (settings.size || USUAL_SIDE);
  const clip = parseSettings(clipSchema, { size, frames: sheet.frames, seed: index + 1 });
  const image = await session.loadPicture(arena, pictureSource(RED, value, what));
  return session.decode(await session.encode(image, clip), clip);
}
