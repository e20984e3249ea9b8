import { MangaError } from '../errors/manga-error.ts';
import type { DrawSettings } from '../settings/settings.ts';

type CanvasSettings = Pick<DrawSettings, 'canvas' | 'size'>;

/** Longest side at which the network draws unless a larger canvas is given: larger clips enlarge the layers, which stay crisp. */
export const MAX_DRAWN = 1280;
/** Widest canvas in frames: more of a panorama could never be seen. */
const MAX_PANORAMA = 2.9;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Fractions of the canvas from its centre, y down. */
export interface CanvasPoint {
  readonly x: number;
  readonly y: number;
}

/** Where and how large a photo is drawn. `crop` in photo pixels; `drawn` is what the network sees. */
export interface DrawPlan {
  readonly crop: Size & { readonly left: number; readonly top: number };
  readonly drawn: Size;
}

const even = (x: number) => Math.max(2, 2 * Math.ceil(x / 2 - 1e-6));

/** The frame: 'N' is the long side of the photo's shape, 'WxH' is taken as it is; both rounded up to even (video needs it). */
export function frameSize(photo: Size, size: string): Size {
  const [a, b] = size.split('x').map(Number) as [number, number?];
  const scale = a / Math.max(photo.width, photo.height);
  const frame = b
    ? { width: even(a), height: even(b) }
    : { width: even(photo.width * scale), height: even(photo.height * scale) };
  if (Math.max(frame.width, frame.height) > 4096 || Math.min(frame.width, frame.height) < 16) {
    throw new MangaError(
      'BAD_SETTING',
      `The clip would be ${frame.width}x${frame.height} pixels.`,
      'Set a size from 16 to 4096; for a very long picture as WIDTHxHEIGHT.',
    );
  }
  return frame;
}

/**
 * Scale from photo pixels to canvas pixels. A canvas of its own choice just covers the frame: a camera that needs room comes
 * closer (compose.ts), and by no more than it needs.
 */
function canvasScale(photo: Size, frame: Size, canvas: number): number {
  if (canvas > 0) return canvas / Math.max(photo.width, photo.height);
  return Math.max(frame.width / photo.width, frame.height / photo.height);
}

/** The canvas in output pixels for a photo (or the drawn part of it). @throws MangaError BAD_SETTING when it would not cover the frame */
export function canvasSize(photo: Size, settings: CanvasSettings): Size {
  const frame = frameSize(photo, settings.size);
  const scale = canvasScale(photo, frame, settings.canvas);
  if (settings.canvas === 0) return { width: photo.width * scale, height: photo.height * scale };
  // Whole pixels, as it is drawn: one of them is one frame pixel at zoom 1, exactly.
  const canvas = { width: Math.round(photo.width * scale), height: Math.round(photo.height * scale) };
  if (canvas.width < frame.width - 1 || canvas.height < frame.height - 1) {
    throw new MangaError(
      'BAD_SETTING',
      `A canvas of ${canvas.width}x${canvas.height} does not cover the ${frame.width}x${frame.height} frame.`,
      'Make the canvas larger, the size smaller, or leave the canvas at 0 to have it chosen.',
    );
  }
  return canvas;
}

/**
 * @param focus what the part that is drawn lies about, if it is not all of the photo (fractions of it)
 * @throws MangaError BAD_SETTING when the canvas would not cover the frame
 */
export function planDrawing(
  photo: Size,
  settings: CanvasSettings & Pick<DrawSettings, 'detail'>,
  focus: CanvasPoint = { x: 0, y: 0 },
): DrawPlan {
  const frame = frameSize(photo, settings.size);
  const canvas = canvasSize(photo, settings);
  if (settings.canvas > 0) {
    const finer = Math.min(settings.detail, Math.max(1, MAX_DRAWN / Math.max(canvas.width, canvas.height)));
    const drawn = { width: Math.round(canvas.width * finer), height: Math.round(canvas.height * finer) };
    return { crop: { left: 0, top: 0, width: photo.width, height: photo.height }, drawn };
  }
  const scale = canvas.width / photo.width;
  const limit = (side: number, frameSide: number) => Math.min(side, (frameSide * MAX_PANORAMA) / scale);
  const width = Math.round(limit(photo.width, frame.width));
  const height = Math.round(limit(photo.height, frame.height));
  const start = (middle: number, side: number, part: number) =>
    Math.min(Math.max(Math.floor((middle + 0.5) * side - part / 2), 0), side - part);
  const crop = {
    left: start(focus.x, photo.width, width),
    top: start(focus.y, photo.height, height),
    width,
    height,
  };
  const finer = Math.min(settings.detail, MAX_DRAWN / (Math.max(width, height) * scale));
  const side = (x: number) => Math.max(8, Math.round(x * scale * finer));
  return { crop, drawn: { width: side(width), height: side(height) } };
}
