/** Small drawings to see what settings do, before they are used. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { type ClipSettings, drawSchema, outputSchema, parseSettings } from '../settings/settings.ts';
import type { Handle, PictureSource, Session } from './types.ts';

/** Long side of a draft in pixels, shown at two thirds of that; and how many frames a moving one has at most. */
const SIDE = 384;
const MOST_FRAMES = 24;

/** What is drawn, and with which checkpoint. */
export interface DraftSubject {
  readonly source: PictureSource;
  readonly model: ClipSettings['model'];
  /** A style that may be freed by now: then the draft is in the checkpoint's own. */
  readonly style?: Handle;
}

/** The same clip, small: sizes shrink with it, and it lasts as long with fewer frames. */
export function draftSettings(clip: ClipSettings): ClipSettings {
  const sides = clip.size.split('x').map(Number);
  const scale = SIDE / Math.max(...sides);
  const frames = Math.min(clip.frames, MOST_FRAMES);
  return {
    ...clip,
    size: sides.map((side) => Math.max(16, Math.round(side * scale))).join('x'),
    canvas: Math.min(4096, Math.round(clip.canvas * scale)),
    // As many strokes as the clip has.
    detail: Math.min(2, Math.max(0.5, clip.detail / scale)),
    screenPeriod: Math.min(64, clip.screenPeriod * scale),
    frames,
    fps: Math.min(60, Math.max(1, (clip.fps * frames) / clip.frames)),
  };
}

/** Writes a clip to a file that is gone afterwards. @returns its bytes */
async function clipBytes(session: Session, frames: Handle): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'motion-manga-draft-'));
  try {
    const path = join(folder, 'draft.webp');
    await session.writeClip(frames, outputSchema.parse({ path, format: 'webp', quality: 75 }));
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A still from the middle of the clip, or the whole clip moving.
 * @returns PNG, or animated WebP
 * @throws MangaError
 */
export async function drawDraft(
  session: Session,
  { source, model, style }: DraftSubject,
  clip: ClipSettings,
  moving: boolean,
): Promise<Uint8Array> {
  const settings = draftSettings(clip);
  const arena = await session.openArena('draft');
  try {
    const image = await session.loadPicture(arena, source);
    const { size, canvas, detail } = settings;
    const content = await session.encode(image, parseSettings(drawSchema, { size, canvas, detail, model }));
    const frames = await session.decode(content, settings, style).catch((error: unknown) => {
      if (!(style && error instanceof MangaError && error.code === 'STALE_HANDLE')) throw error;
      return session.decode(content, settings);
    });
    return moving
      ? await clipBytes(session, frames)
      : await session.preview(frames, SIDE, Math.floor(settings.frames / 2));
  } finally {
    await session.closeArena(arena);
  }
}
