import { spawn } from 'node:child_process';
import { cancelled } from '../../media/abort.ts';

export interface FfmpegRun {
  /** 0 when all went well. */
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Enough of what ffmpeg says to find the reason in. */
const MAX_STDERR = 65536;

/**
 * Runs ffmpeg and collects what it writes to stdout.
 * @param maxBytes more output ends it
 * @throws MangaError CANCELLED when the signal ends it, Error when it cannot be started or writes too much
 */
export function runFfmpeg(
  ffmpeg: string,
  args: readonly string[],
  maxBytes: number,
  signal?: AbortSignal,
): Promise<FfmpegRun> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(cancelled());
    const child = spawn(ffmpeg, ['-hide_banner', '-nostdin', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    const kill = () => child.kill('SIGKILL');
    signal?.addEventListener('abort', kill, { once: true });
    const parts: Buffer[] = [];
    let bytes = 0;
    let stderr = '';
    child.stdout.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > maxBytes) kill();
      else parts.push(part);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-MAX_STDERR);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      signal?.removeEventListener('abort', kill);
      if (signal?.aborted) reject(cancelled());
      else if (bytes > maxBytes) reject(new Error(`ffmpeg wrote more than ${maxBytes} bytes.`));
      else resolve({ status, stdout: Buffer.concat(parts), stderr });
    });
  });
}
