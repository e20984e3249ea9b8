import { MangaError } from '../../lib/errors/manga-error.ts';
import { drawPanel } from '../../lib/scenes/draw-panel.ts';
import { panelSizes } from '../../lib/scenes/panel-sizes.ts';
import { panelSchema, type SceneSettings } from '../../lib/scenes/settings.ts';
import { type Handle, isHandle, type Session } from '../../lib/session/types.ts';
import { type ClipSettings, clipSchema, parseSettings } from '../../lib/settings/settings.ts';
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
  /** Page that panels drawn here are drawn like. */
  readonly style: Handle | undefined;
}

/** Long side of panels whose size nothing says. */
const USUAL_SIDE = '512';

const HINT =
  'Send frames handles of a manga-stylize or tcn-decoder node, paths of pictures, or objects {path, motion, …}.';

/** A picture with settings of its own. @throws MangaError BAD_INPUT, BAD_SETTING for what no panel has */
function pictureOf(value: unknown, what: string): { path: string; own: Readonly<Record<string, unknown>> } {
  if (typeof value === 'string') return { path: value, own: {} };
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new MangaError('BAD_INPUT', `${what} is no panel.`, HINT);
  }
  const { path, ...own } = value as Readonly<Record<string, unknown>>;
  if (typeof path !== 'string') throw new MangaError('BAD_INPUT', `${what} has no path.`, HINT);
  if ('format' in own && 'encoder' in own) throw new MangaError('BAD_INPUT', `${what} is a finished clip.`, HINT);
  const wrong = Object.keys(own).find((key) => !(key in panelSchema.shape));
  if (wrong === undefined) return { path, own };
  const hint = `A panel may have path, ${Object.keys(panelSchema.shape).join(', ')}.`;
  throw new MangaError('BAD_SETTING', `${what} has ${wrong}, which is no setting of a panel.`, hint);
}

/**
 * The panel at a place of a scene: frames that are kept, or a picture that is drawn at the size of its panel.
 * @param clip how pictures are drawn that say nothing themselves; each takes the next seed
 * @throws MangaError BAD_INPUT, BAD_WIRING, BAD_SETTING, FOREIGN_HANDLE, what drawing throws
 */
export async function panelOf(
  RED: Red,
  sheet: Sheet,
  clip: ClipSettings,
  value: unknown,
  index: number,
  what: string,
): Promise<Handle> {
  const { session, arena, settings } = sheet;
  if (isHandle(value)) return session.keep(arena, expectHandle(value, 'frames', sheet.sessionId, what));
  const { path, own } = pictureOf(value, what);
  const size = panelSizes(sheet.count, settings)?.[index] ?? (settings.size || USUAL_SIDE);
  const drawn = parseSettings(clipSchema, { ...clip, seed: clip.seed + index, ...own, size });
  return drawPanel(session, arena, pictureSource(RED, path, what), drawn, sheet.style);
}
