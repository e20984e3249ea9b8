import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listFolder } from '../../data/list-files.ts';
import { MangaError } from '../../errors/manga-error.ts';
import { ioError } from '../../media/io-error.ts';
import type { Handle, Session } from '../../session/types.ts';
import { outputSchema } from '../../settings/settings.ts';

const PICTURE = /\.(png|webp|jpe?g|tiff?|avif)$/i;

/**
 * The frames that a message names: a list of paths, or a folder whose pictures are taken by name.
 * @param absolute makes paths absolute
 * @throws MangaError BAD_INPUT for anything else or for less than two frames, IO for a missing folder
 */
export async function namedFrames(value: unknown, absolute: (path: string) => string): Promise<string[]> {
  let files: string[] | undefined;
  if (Array.isArray(value) && value.every((path) => typeof path === 'string')) files = value.map(absolute);
  else if (typeof value === 'string' && value !== '') {
    const folder = absolute(value);
    const found = await stat(folder).catch((error) => {
      throw ioError('Cannot read', folder, error);
    });
    if (found.isDirectory()) files = await listFolder(folder, PICTURE);
  }
  if (files && files.length >= 2) return files;
  const what = files ? `${files.length} picture${files.length === 1 ? '' : 's'}` : 'no clip';
  const hint = 'Send the output of a tcn-decoder or stylize node, a list of at least two paths, or a folder of frames.';
  throw new MangaError('BAD_INPUT', `msg.payload holds ${what}.`, hint);
}

/** Writes the frames of a handle as PNG into a temporary folder while `use` works on them. @throws MangaError of the session or of `use` */
export async function withFrameFiles<R>(
  session: Session,
  frames: Handle,
  use: (files: string[]) => Promise<R>,
): Promise<R> {
  const folder = await mkdtemp(join(tmpdir(), 'motion-manga-metrics-')).catch((error) => {
    throw ioError('Cannot write', tmpdir(), error);
  });
  try {
    const path = join(folder, 'clip');
    await session.writeClip(frames, outputSchema.parse({ path, format: 'png' }));
    return await use(await listFolder(path, PICTURE));
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
