/** Everything that ffmpeg reads: its pictures as a stream, at the wanted rate and size. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { runFfmpeg } from '../data/video/run-ffmpeg.ts';
import { MangaError } from '../errors/manga-error.ts';
import { throwIfAborted } from '../media/abort.ts';
import { ffmpegHint, findFfmpeg } from '../media/ffmpeg.ts';
import { printableName } from '../media/printable.ts';
import type { Pixels } from '../pipeline/types.ts';
import { type FrameSource, frameSizeOf } from './frame-source.ts';
import type { VideoSettings } from './settings.ts';

const MAX_FPS = 60;
/** Of a video that names no rate. */
const DEFAULT_FPS = 25;
/** ffmpeg rounds the rates of NTSC when it tells them. */
const NTSC: Readonly<Record<string, number>> = { '23.98': 24000 / 1001, '29.97': 30000 / 1001, '59.94': 60000 / 1001 };

const HINT = 'Give a video that ffmpeg can read (mp4, mov, mkv, webm, …); play it to see whether it is whole.';

/** Width as shown: pixels need not be square. */
const SHOWN = '(iw*if(sar,sar,1))';

function filterOf(fps: number, size: string): string {
  const { long, box } = frameSizeOf(size);
  const flags = 'flags=bicubic+accurate_rnd+full_chroma_int';
  const even = (x: number): number => Math.max(2, 2 * Math.round(x / 2));
  if (box) {
    const [w, h] = [even(box.width), even(box.height)];
    const scale = `max(${w}/${SHOWN},${h}/ih)`;
    return `fps=${fps},scale=w='ceil(${SHOWN}*${scale})':h='ceil(ih*${scale})':${flags},crop=${w}:${h},setsar=1`;
  }
  const scale = `${long}/max(${SHOWN},ih)`;
  return `fps=${fps},scale=w='max(2,2*round(${SHOWN}*${scale}/2))':h='max(2,2*round(ih*${scale}/2))':${flags},setsar=1`;
}

/** ffmpeg's reason: its last line, without the path. */
function reason(stderr: string, path: string): string {
  return (stderr.trim().split('\n').at(-1) ?? '').replaceAll(`file:${path}`, 'the file').replaceAll(path, 'the file');
}

/**
 * @throws MangaError ENGINE_MISSING without ffmpeg; BAD_INPUT when the file is no video or has no picture that can be read
 */
export async function openFfmpegVideo(
  path: string,
  settings: VideoSettings,
  signal?: AbortSignal,
): Promise<FrameSource> {
  const name = printableName(path);
  const ffmpeg = await findFfmpeg();
  if (ffmpeg.path === undefined) {
    throw new MangaError('ENGINE_MISSING', `Reading ${name} needs ffmpeg, but ${ffmpeg.missing}`, ffmpegHint);
  }
  const program = ffmpeg.path;
  const header = (await runFfmpeg(program, ['-i', `file:${path}`], 0, signal)).stderr;
  const [track] = /Stream #\S+.*: Video: .*/.exec(header) ?? [];
  if (!track) {
    const what = /Stream #\S+.*: Audio: /.test(header)
      ? 'has sound, but no pictures'
      : `cannot be read (${reason(header, path)})`;
    throw new MangaError('BAD_INPUT', `${name} ${what}.`, HINT);
  }
  const told = /([\d.]+) fps/.exec(track)?.[1] ?? /([\d.]+) tbr/.exec(track)?.[1];
  const own = told ? (NTSC[told] ?? Number(told)) : DEFAULT_FPS;
  const fps = settings.fps || Math.min(MAX_FPS, Math.max(1, own));
  const filter = filterOf(fps, settings.size);
  const count = ['-i', `file:${path}`, '-map', '0:v:0', '-vf', `fps=${fps}`, '-f', 'null', '-'];
  const counted = await runFfmpeg(program, count, 0, signal);
  const frames = Number([...counted.stderr.matchAll(/frame=\s*(\d+)/g)].at(-1)?.[1] ?? 0);
  throwIfAborted(signal);
  if (frames === 0) {
    throw new MangaError(
      'BAD_INPUT',
      `${name} has no picture that can be read (${reason(counted.stderr, path)}).`,
      HINT,
    );
  }
  const sound = /Stream #\S+.*: Audio: /.test(header) ? path : undefined;

  async function* open(): AsyncGenerator<Pixels, void> {
    const args = [
      '-hide_banner',
      '-nostdin',
      '-loglevel',
      'error',
      '-threads',
      '2',
      '-i',
      `file:${path}`,
      '-map',
      '0:v:0',
    ];
    const output = ['-vf', filter, '-f', 'image2pipe', '-c:v', 'ppm', '-pix_fmt', 'rgb24', '-'];
    const child = spawn(program, [...args, ...output], { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    const closed = once(child, 'close').catch(() => {});
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4096);
    });
    let seen = 0;
    try {
      for await (const picture of readPpms(child.stdout)) {
        seen++;
        yield picture;
      }
    } finally {
      child.kill('SIGKILL');
      child.stdout.destroy();
      await closed;
    }
    if (seen < frames) {
      throw new MangaError(
        'BAD_INPUT',
        `${name} ends after ${seen} of ${frames} pictures (${reason(stderr, path)}).`,
        HINT,
      );
    }
  }
  return { frames, fps, sound, open };
}

/** Binary PPMs one after the other, as ffmpeg writes them: their header names the size that the video turned out to have. */
async function* readPpms(stream: AsyncIterable<Buffer>): AsyncGenerator<Pixels, void> {
  let head = Buffer.alloc(0);
  let picture: { width: number; height: number; data: Uint8Array } | undefined;
  let filled = 0;
  for await (let chunk of stream) {
    while (chunk.length > 0) {
      if (!picture) {
        head = Buffer.concat([head, chunk]);
        const header = /^P6\n(\d+) (\d+)\n255\n/.exec(head.toString('latin1', 0, 32));
        if (!header) break;
        const [width, height] = [Number(header[1]), Number(header[2])];
        picture = { width, height, data: new Uint8Array(width * height * 3) };
        chunk = head.subarray(header[0].length);
        head = Buffer.alloc(0);
        filled = 0;
        continue;
      }
      const part = chunk.subarray(0, picture.data.length - filled);
      picture.data.set(part, filled);
      filled += part.length;
      chunk = chunk.subarray(part.length);
      if (filled === picture.data.length) {
        yield picture;
        picture = undefined;
      }
    }
  }
}
