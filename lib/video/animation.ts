/** GIF and animated WebP, by sharp: no ffmpeg is needed for them, and ffmpeg knows no animated WebP. */
import sharp from 'sharp';
import { MangaError } from '../errors/manga-error.ts';
import { printableName } from '../media/printable.ts';
import { withReason } from '../media/with-reason.ts';
import { type FrameSource, frameSizeOf } from './frame-source.ts';
import type { VideoSettings } from './settings.ts';

/** Pages decoded at once: each piece is decoded from the beginning, so few are slow, and many take memory. */
const PIECE = 16;
/** What browsers make of a page that names no time, milliseconds. */
const DEFAULT_DELAY = 100;

const even = (x: number): number => Math.max(2, 2 * Math.round(x / 2));

/**
 * @throws MangaError BAD_INPUT for a still or damaged picture
 */
export async function openAnimation(path: string, settings: VideoSettings): Promise<FrameSource> {
  const name = printableName(path);
  const damaged = (error: unknown): MangaError =>
    new MangaError('BAD_INPUT', `${name} is damaged (${(error as Error).message.split('\n')[0]}).`, 'Copy it again.', {
      cause: error,
    });
  const {
    pages = 1,
    delay = [],
    width,
    pageHeight,
    height,
  } = await withReason(() => sharp(path, { animated: true }).metadata()).catch((error: unknown) => {
    throw damaged(error);
  });
  if (pages < 2) {
    throw new MangaError('BAD_INPUT', `${name} is a still picture.`, 'Draw it as a photo: motion-manga stylize.');
  }
  const delays = Array.from({ length: pages }, (_, page) => delay[page] || DEFAULT_DELAY);
  const median = [...delays].sort((a, b) => a - b)[pages >> 1]!;
  const fps = settings.fps || Math.min(60, Math.max(1, Math.round(1e5 / median) / 100));
  const ends: number[] = [];
  for (const each of delays) ends.push((ends.at(-1) ?? 0) + each);
  const frames = Math.max(1, Math.round((ends.at(-1)! * fps) / 1000));
  const { long, box } = frameSizeOf(settings.size);
  const whole = { width, height: pageHeight ?? height };
  const scale = (long ?? 0) / Math.max(whole.width, whole.height);
  const size = box ?? { width: whole.width * scale, height: whole.height * scale };
  const [w, h] = [even(size.width), even(size.height)];

  async function* open() {
    let decoded: { first: number; data: Uint8Array } | undefined;
    const pageBytes = whole.width * whole.height * 3;
    for (let frame = 0, page = 0; frame < frames; frame++) {
      while (page + 1 < pages && ends[page]! <= (frame * 1000) / fps + 1e-6) page++;
      if (!decoded || page >= decoded.first + PIECE) {
        const options = {
          page,
          pages: Math.min(PIECE, pages - page),
          limitInputPixels: false,
          failOn: 'error',
        } as const;
        const flat = sharp(path, options).flatten({ background: '#ffffff' }).toColourspace('srgb').raw();
        const data = await withReason(() => flat.clone().toBuffer()).catch((error: unknown) => {
          throw damaged(error);
        });
        decoded = { first: page, data };
      }
      const from = (page - decoded.first) * pageBytes;
      const raw = { width: whole.width, height: whole.height, channels: 3 } as const;
      const data = await sharp(decoded.data.subarray(from, from + pageBytes), { raw })
        .resize(w, h, { fit: box ? 'cover' : 'fill' })
        .raw()
        .toBuffer();
      yield { width: w, height: h, data };
    }
  }
  return { frames, fps, open };
}
