/** Clips out: renders a sequence piece by piece while an encoder takes the pieces, then puts the file in its place. */
import path from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import type { FrameSequence } from '../pipeline/types.ts';
import type { ClipResult } from '../session/types.ts';
import type { OutputSettings } from '../settings/settings.ts';
import { cancelled, throwIfAborted } from './abort.ts';
import { chooseEncoder } from './choose-encoder.ts';
import { maxGifFps } from './encode-sharp.ts';
import type { ClipSpec, OpenClip } from './encoder.ts';
import { ioError, isErrno } from './io-error.ts';
import { openPartFile, openPartFolder } from './part-file.ts';
import { printableName } from './printable.ts';

/** Rendered at once: few, so that encoding starts early and little waits in memory (at most two pieces). */
const maxPieceFrames = 4;
const maxPieceBytes = 16e6;

function clipSpec(frames: FrameSequence, output: OutputSettings, target: string): ClipSpec {
  const [count, height, width, channels] = frames.shape;
  const { format, quality, comment } = output;
  if (channels !== 1 && channels !== 3) {
    throw new MangaError('INTERNAL', `Frames have ${channels} channels; 1 or 3 can be written.`);
  }
  if ((format === 'mp4' || format === 'webm') && (width % 2 || height % 2)) {
    const message = `${format} needs an even width and height, the frames are ${width}x${height}.`;
    throw new MangaError('BAD_SETTING', message, 'Choose another size.');
  }
  return {
    path: target,
    format,
    width,
    height,
    channels,
    frames: count,
    fps: frames.fps,
    quality,
    comment,
    sound: frames.sound,
  };
}

/** @returns milliseconds spent rendering */
async function pump(frames: FrameSequence, clip: OpenClip, signal?: AbortSignal): Promise<number> {
  const [count, ...shape] = frames.shape;
  const frameBytes = shape.reduce((product, side) => product * side, 1);
  const piece = Math.max(1, Math.min(maxPieceFrames, Math.floor(maxPieceBytes / frameBytes)));
  let rendering = 0;
  let writing: Promise<void> = Promise.resolve();
  for (let first = 0; first < count; first += piece) {
    const length = Math.min(piece, count - first);
    const start = performance.now();
    const bytes = await frames.render(first, length);
    rendering += performance.now() - start;
    if (bytes.length !== length * frameBytes) {
      throw new MangaError('INTERNAL', `Rendering gave ${bytes.length} bytes for ${length} frames of ${frameBytes}.`);
    }
    await writing;
    throwIfAborted(signal);
    writing = clip.write(bytes);
    // It is awaited after the next render, which may throw first.
    writing.catch(() => {});
  }
  await writing;
  return rendering;
}

/**
 * Renders and encodes frames to `output.path` (for png: a folder of frame-0001.png ...). Missing folders are made. The
 * output appears whole or not at all; on failure or abort nothing is left, and no process either.
 * @param frames shape [T, H, W, C]; every `render` gives a new array, which nobody changes afterwards
 * @returns `milliseconds.encode` is the time that encoding took beyond the rendering it ran beside
 * @throws MangaError CANCELLED; IO (disk full, permission, ...); ENGINE_MISSING; BAD_SETTING; what rendering throws
 */
export async function writeClip(
  frames: FrameSequence,
  output: OutputSettings,
  signal?: AbortSignal,
): Promise<ClipResult> {
  const start = performance.now();
  throwIfAborted(signal);
  const target = path.resolve(output.path);
  const draft = clipSpec(frames, output, target);
  const encoder = await chooseEncoder(output);
  const part = await (output.format === 'png' ? openPartFolder : openPartFile)(target);
  const spec = { ...draft, path: part.path };
  let clip: OpenClip | undefined;
  const abort = (): void => void clip?.abort();
  try {
    throwIfAborted(signal);
    clip = await encoder.open(spec);
    signal?.addEventListener('abort', abort, { once: true });
    const render = await pump(frames, clip, signal);
    throwIfAborted(signal);
    await clip.finish();
    throwIfAborted(signal);
    const bytes = await part.publish();
    const total = performance.now() - start;
    return {
      path: target,
      bytes,
      frames: spec.frames,
      width: spec.width,
      height: spec.height,
      fps: output.format === 'gif' ? Math.min(spec.fps, maxGifFps) : spec.fps,
      format: output.format,
      encoder: encoder.name,
      milliseconds: { render, encode: total - render, total },
      ...(frames.still && { still: frames.still }),
    };
  } catch (error) {
    await clip?.abort();
    await part.discard();
    if (signal?.aborted) throw cancelled();
    throw asMangaError(error, target);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

function asMangaError(error: unknown, target: string): MangaError {
  if (error instanceof MangaError) return error;
  if (isErrno(error)) return ioError('Cannot write', target, error);
  const reason = error instanceof Error ? error.message : String(error);
  return new MangaError('INTERNAL', `Cannot write ${printableName(target)}: ${reason}.`, undefined, { cause: error });
}
