import path from 'node:path';
import { MangaError } from '../lib/errors/manga-error.ts';
import { printable } from '../lib/media/printable.ts';
import type { ClipResult, Handle, Session } from '../lib/session/types.ts';
import { FORMATS, type OutputSettings } from '../lib/settings/settings.ts';
import { tell } from './in-session.ts';

const EVERY_MS = 2000;

/** @throws MangaError BAD_SETTING when `out` names no format */
export function formatOf(out: string, format: OutputSettings['format'] | undefined): OutputSettings['format'] {
  const ending = path.extname(out).slice(1).toLowerCase();
  const found = format ?? FORMATS.find((name) => name === ending && name !== 'png');
  if (found) return found;
  throw new MangaError('BAD_SETTING', `--out ${out} does not tell the format.`, 'End it in .mp4, or give --format.');
}

/** Writes a clip and tells how far it is, on a terminal in one line. */
export async function writeFrames(session: Session, frames: Handle, output: OutputSettings): Promise<ClipResult> {
  const [count] = frames.shape;
  const began = performance.now();
  const report = async (): Promise<void> => {
    const done = await session.framesWritten(frames);
    if (!process.stderr.isTTY) return;
    const rate = (done * 1000) / (performance.now() - began);
    process.stderr.write(`\r${done} of ${count} frames, ${rate.toFixed(1)} a second `);
  };
  const timer = setInterval(() => void report().catch(() => {}), EVERY_MS);
  try {
    const written = await session.writeClip(frames, output);
    const { width, height, milliseconds } = written;
    const seconds = (milliseconds.total / 1000).toFixed(1);
    if (process.stderr.isTTY) process.stderr.write('\r');
    tell(`${written.frames} frames of ${width}x${height} in ${seconds} s -> ${printable(output.path)}`);
    return written;
  } finally {
    clearInterval(timer);
  }
}
