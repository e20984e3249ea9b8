/** One photo to one clip, each stage timed. */
import path from 'node:path';
import { throwIfAborted } from '../lib/media/abort.ts';
import { frameFileName } from '../lib/media/encode-png.ts';
import type { Handle, Session } from '../lib/session/types.ts';
import type { CameraMove, ClipSettings, OutputSettings } from '../lib/settings/settings.ts';

export interface DrawnPhoto {
  readonly outputs: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly fps: number;
  readonly format: string;
  /** Who encoded the clip: 'ffmpeg', 'wasm' or 'sharp'. */
  readonly encoder: string;
  readonly bytes: number;
  /** `write` is what encoding and writing took beyond the rendering it ran beside. */
  readonly milliseconds: Readonly<Record<'decode' | 'encode' | 'draw' | 'render' | 'write' | 'total', number>>;
}

/** Everything about a run but the photo. */
export interface Drawing {
  readonly clip: ClipSettings;
  readonly output: Omit<OutputSettings, 'path'>;
  /** Gives the style code, encoded once a run. */
  readonly style: (() => Promise<Handle>) | undefined;
  readonly camera: readonly CameraMove[] | undefined;
}

/**
 * @param signal cancels the running stage: the photo's arena is closed. @throws MangaError of the stage that failed
 */
export async function drawPhoto(
  session: Session,
  input: string,
  output: string,
  { clip, output: settings, style, camera }: Drawing,
  signal: AbortSignal,
): Promise<DrawnPhoto> {
  await session.start();
  const styleCode = await style?.();
  const arena = await session.openArena(path.basename(input));
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    // The first call waits until the arena's work has ended and its files are gone; a second one would not.
    closing ??= session.closeArena(arena);
    return closing;
  };
  const cancel = (): void => void close().catch(() => {});
  const begin = performance.now();
  let last = begin;
  const lap = (): number => {
    const now = performance.now();
    const milliseconds = now - last;
    last = now;
    return milliseconds;
  };
  try {
    signal.addEventListener('abort', cancel, { once: true });
    throwIfAborted(signal);
    const image = await session.loadPicture(arena, { path: path.resolve(input) });
    const decode = lap();
    const content = await session.encode(image, clip);
    const encode = lap();
    const frames = await session.decode(content, clip, styleCode, camera);
    const draw = lap();
    const written = await session.writeClip(frames, { ...settings, path: path.resolve(output) });
    const { render } = written.milliseconds;
    const write = lap() - render;
    const total = last - begin;
    const { width, height, fps, format, encoder, bytes } = written;
    const outputs =
      format === 'png'
        ? Array.from({ length: written.frames }, (_, i) => path.join(output, frameFileName(i)))
        : [output];
    const milliseconds = { decode, encode, draw, render, write, total };
    for (const [stage, time] of Object.entries(milliseconds)) {
      milliseconds[stage as keyof typeof milliseconds] = Math.round(time * 10) / 10;
    }
    return { outputs, width, height, frames: written.frames, fps, format, encoder, bytes, milliseconds };
  } finally {
    signal.removeEventListener('abort', cancel);
    await close();
  }
}
