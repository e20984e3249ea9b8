import { open, stat } from 'node:fs/promises';
import { MangaError } from '../errors/manga-error.ts';
import { ioError } from '../media/io-error.ts';
import { printableName } from '../media/printable.ts';
import { sniffPicture } from '../media/sniff.ts';
import { frameSize, type Size } from '../motion/geometry.ts';
import { printedScreen } from '../pipeline/page-screen/printed-screen.ts';
import { PageStyle } from '../pipeline/page-style.ts';
import type { FrameSequence, PictureToClip, Pixels, Style } from '../pipeline/types.ts';
import { openAnimation } from './animation.ts';
import { openFfmpegVideo } from './ffmpeg-video.ts';
import type { VideoSettings } from './settings.ts';
import { drawnScale, VideoSequence } from './video-sequence.ts';

const SNIFFED_BYTES = 512;

async function firstBytes(path: string): Promise<Uint8Array> {
  const name = printableName(path);
  try {
    // Before it is opened: a named pipe would wait for a writer for ever.
    const stats = await stat(path);
    if (!stats.isFile()) throw new MangaError('BAD_INPUT', `${name} is not a file.`, 'Give the path of a video.');
    if (stats.size === 0) throw new MangaError('BAD_INPUT', `${name} is empty (0 bytes).`, 'Copy the video again.');
    await using file = await open(path);
    const { buffer, bytesRead } = await file.read(new Uint8Array(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw ioError('Cannot read', path, error);
  }
}

/** Settings with the size at which the network draws. */
function atDrawnSize(settings: VideoSettings): VideoSettings {
  const scale = drawnScale(settings);
  const size = settings.size
    .split('x')
    .map((side) => Math.round(Number(side) * scale))
    .join('x');
  return { ...settings, size };
}

/** The shape of frames: however fine they are drawn, its sides are rounded as those of the frames themselves would be. */
function shapeOf({ width, height }: Size, scale: number): Size {
  if (scale <= 1) return { width, height };
  const even = (side: number) => 2 * Math.max(1, Math.round(side / scale / 2));
  return { width: even(width), height: even(height) };
}

/**
 * Opens a video: GIF and animated WebP by sharp, all else by ffmpeg. Pictures are counted first, drawn when rendered.
 * @param path absolute
 * @throws MangaError IO, BAD_INPUT (no video, damaged, a still picture), ENGINE_MISSING (no ffmpeg), BAD_SETTING (size),
 * CANCELLED
 */
export async function openVideo(
  path: string,
  settings: VideoSettings,
  { pipeline, style }: { readonly pipeline: Pick<PictureToClip, 'drawLayers' | 'medium'>; readonly style?: Style },
  signal?: AbortSignal,
): Promise<FrameSequence> {
  const sniffed = sniffPicture(await firstBytes(path));
  const name = printableName(path);
  const animated = sniffed.format === 'gif' || sniffed.format === 'webp';
  if (sniffed.picture && !animated) {
    const hint = 'Draw it as a photo: a manga-stylize node, or motion-manga stylize.';
    throw new MangaError('BAD_INPUT', `${name} is a still picture, no video.`, hint);
  }
  if (sniffed.format === 'text') {
    throw new MangaError('BAD_INPUT', `${name} holds text, whatever its name says.`, 'Give the path of a video.');
  }
  frameSize({ width: 16, height: 16 }, settings.size);
  const drawn = atDrawnSize(settings);
  const source = await (animated ? openAnimation(path, drawn) : openFfmpegVideo(path, drawn, signal));
  const pictures = source.open();
  const { value: first } = await pictures.next();
  await pictures.return();
  if (!first) throw new MangaError('BAD_INPUT', `${name} has no picture.`, 'Give another video.');
  const size = { width: first.width, height: first.height };
  // Of a very long or narrow video the short side may be too short.
  const frame = frameSize(shapeOf(size, drawnScale(settings)), settings.size);
  const draw = (picture: Pixels) => pipeline.drawLayers(picture, style, settings.styleStrength);
  const { medium } = pipeline;
  const page = style instanceof PageStyle ? style : undefined;
  const printed = printedScreen(settings, page, { drawn: size, canvas: frame }, medium);
  return new VideoSequence(source, size, frame, draw, medium, printed);
}
