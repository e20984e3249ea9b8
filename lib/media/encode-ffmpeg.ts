/**
 * MP4 and WebM by ffmpeg: raw frames on its stdin. The number of threads is fixed and nothing of the machine or the time
 * is written, so that the same frames give the same bytes.
 */
import { PassThrough } from 'node:stream';
import { MangaError } from '../errors/manga-error.ts';
import { cancelled } from './abort.ts';
import type { ClipEncoder, ClipSpec, OpenClip } from './encoder.ts';
import type { Ffmpeg } from './ffmpeg.ts';
import { ffmpegCommand } from './ffmpeg-command.ts';

/** x264's presets change quality per second by much and quality per byte by little: superfast is 1.5 times veryfast. */
const codecOptions: Readonly<Record<string, (quality: number) => string[]>> = {
  libx264: (quality) => ['-preset', 'superfast', '-crf', String(Math.round(40 - 0.3 * quality))],
  libopenh264: (quality) => ['-rc_mode', 'quality', '-qmin', '10', '-qmax', String(Math.round(51 - 0.35 * quality))],
  'libvpx-vp9': (quality) => [
    ...['-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1', '-tile-columns', '2'],
    ...['-b:v', '0', '-crf', String(Math.round(63 - 0.54 * quality))],
  ],
  // Negative: a fixed speed. With a positive one VP8 watches the clock, and bytes differ from run to run.
  libvpx: (quality) => [
    ...['-deadline', 'realtime', '-cpu-used', '-8', '-b:v', '40M'],
    ...['-crf', String(Math.round(63 - 0.59 * quality))],
  ],
};

const codecs = { mp4: ['libx264', 'libopenh264'], webm: ['libvpx-vp9', 'libvpx'] } as const;

const soundCodecs = { mp4: ['aac', 'libmp3lame'], webm: ['libopus', 'libvorbis'] } as const;

/** The best encoder this ffmpeg has for a format. */
export function ffmpegCodec(ffmpeg: Ffmpeg, format: 'mp4' | 'webm'): string | undefined {
  return codecs[format].find((codec) => ffmpeg.encoders.has(codec));
}

function inputOptions(spec: ClipSpec): string[] {
  return [
    ...['-loglevel', 'error', '-nostats'],
    ...['-f', 'rawvideo', '-pixel_format', spec.channels === 1 ? 'gray' : 'rgb24'],
    ...['-video_size', `${spec.width}x${spec.height}`, '-framerate', String(spec.fps)],
  ];
}

/** The sound of the second input, padded with silence and cut to the length of the frames; none where the file has none. */
function soundOptions(spec: ClipSpec, ffmpeg: Ffmpeg): string[] {
  const codec = soundCodecs[spec.format as 'mp4' | 'webm'].find((name) => ffmpeg.encoders.has(name));
  if (!spec.sound || !codec) return ['-map', '0:v:0'];
  const encode = ['-c:a', codec, '-b:a', '128k', '-ac', '2', '-af', 'apad', '-flags:a', '+bitexact'];
  return ['-map', '0:v:0', '-map', '1:a:0', ...encode, '-shortest'];
}

function outputOptions(spec: ClipSpec, codec: string): string[] {
  const matrix = spec.channels === 3 ? ':out_color_matrix=bt709' : '';
  return [
    '-vf',
    `scale=in_range=full:out_range=tv${matrix}:flags=bicubic+accurate_rnd+full_chroma_int+bitexact,format=yuv420p`,
    ...['-color_range', 'tv', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
    ...['-c:v', codec, ...codecOptions[codec]!(spec.quality), '-threads', '4', '-g', '48'],
    ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-map_metadata', '-1'],
    ...(spec.comment ? ['-metadata', `comment=${spec.comment}`] : []),
    ...(spec.format === 'mp4' ? ['-movflags', '+faststart'] : []),
    ...['-f', spec.format],
  ];
}

/**
 * What ffmpeg says when the system refuses. It may still exit with 0 when only the end of the file is missing.
 */
const refusals: Readonly<Record<string, string>> = {
  'No space left on device': 'ENOSPC',
  'Disk quota exceeded': 'EDQUOT',
  'File too large': 'EFBIG',
  'Input/output error': 'EIO',
  'Read-only file system': 'EROFS',
  'No such file or directory': 'ENOENT',
  'Permission denied': 'EACCES',
};

/** An error as node:fs would throw it, if a write of ffmpeg was refused. */
function refusal(stderr: string): NodeJS.ErrnoException | undefined {
  const text = Object.keys(refusals).find((text) => stderr.includes(text));
  if (text) return Object.assign(new Error(text), { code: refusals[text] });
  return stderr.includes('Error writing trailer') ? Object.assign(new Error(stderr), { code: 'EIO' }) : undefined;
}

function failure(stderr: string, cause: Error): Error {
  const detail = stderr.trim().split('\n').at(-1) || cause.message;
  const hint = "Set the encoder to 'built-in' (mp4), or try another ffmpeg (MOTION_MANGA_FFMPEG).";
  return refusal(stderr) ?? new MangaError('INTERNAL', `ffmpeg failed: ${detail}.`, hint, { cause });
}

async function open(ffmpeg: Ffmpeg, codec: string, spec: ClipSpec): Promise<OpenClip> {
  const input = new PassThrough({ highWaterMark: spec.width * spec.height * spec.channels });
  const command = ffmpegCommand(ffmpeg.path, input);
  let aborted = false;
  const ended = new Promise<void>((resolve, reject) => {
    command.on('end', (_stdout, stderr) => {
      const refused = refusal(stderr ?? '');
      if (refused) reject(refused);
      else resolve();
    });
    command.on('error', (error, _stdout, stderr) => reject(aborted ? cancelled() : failure(stderr ?? '', error)));
  });
  ended.catch(() => {});
  // Before 'start' there is no process to kill.
  command.on('start', () => aborted && command.kill('SIGKILL'));
  command.inputOptions(inputOptions(spec));
  if (spec.sound) command.input(`file:${spec.sound}`);
  command
    .outputOptions([...soundOptions(spec, ffmpeg), ...outputOptions(spec, codec)])
    .output(spec.path)
    .run();

  return {
    async write(frames) {
      if (aborted) throw cancelled();
      if (input.write(frames)) return;
      const drained = new Promise<void>((resolve) => input.once('drain', resolve));
      await Promise.race([drained, ended]);
    },
    async finish() {
      input.end();
      await ended;
    },
    async abort() {
      if (!aborted) {
        aborted = true;
        command.kill('SIGKILL');
        input.destroy();
      }
      await ended.catch(() => {});
    },
  };
}

export function ffmpegEncoder(ffmpeg: Ffmpeg, codec: string): ClipEncoder {
  return { name: 'ffmpeg', open: (spec) => open(ffmpeg, codec, spec) };
}
