import { stat } from 'node:fs/promises';
import { MangaError } from '../../errors/manga-error.ts';
import { throwIfAborted } from '../../media/abort.ts';
import { ioError } from '../../media/io-error.ts';
import { listFolder } from '../list-files.ts';
import type { SkipList } from '../skipped.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

const VIDEO_NAME = /\.(mp4|m4v|mov|mkv|webm|avi|ogv|ogg|mpe?g|ts|m2ts|wmv|flv|3gp|gif|y4m)$/i;

export interface VideoFile {
  readonly file: string;
  readonly seconds: number;
}

/**
 * The videos among files and folders, in the order given.
 * @param least seconds that a sequence needs; shorter videos are skipped
 * @throws MangaError BAD_INPUT when there is none, IO, CANCELLED
 */
export async function listVideos(
  ffmpeg: string,
  paths: readonly string[],
  least: number,
  skipped: SkipList,
  signal?: AbortSignal,
): Promise<VideoFile[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const videos: VideoFile[] = [];
  for (const file of files) {
    throwIfAborted(signal);
    try {
      const seconds = await duration(ffmpeg, file, signal);
      if (seconds >= least) videos.push({ file, seconds });
      else skipped.add(file, `It lasts ${seconds.toFixed(2)} s; a sequence needs ${least.toFixed(2)} s.`);
    } catch (error) {
      throwIfAborted(signal);
      skipped.add(file, error);
    }
  }
  if (videos.length > 0) return videos;
  const [first] = skipped.list;
  const why = first ? ` ${first.where}: ${first.reason}` : '';
  throw new MangaError(
    'BAD_INPUT',
    `There is no usable video in ${paths.join(', ')}.${why}`,
    'Give video files that ffmpeg can read (mp4, mov, mkv, webm, …) or a folder of them.',
  );
}

async function filesOf(path: string): Promise<string[]> {
  try {
    return (await stat(path)).isDirectory() ? await listFolder(path, VIDEO_NAME) : [path];
  } catch (error) {
    throw ioError('Cannot read', path, error);
  }
}

const secondsOf = (text: string): number => {
  const [hours, minutes, seconds] = text.split(':').map(Number) as [number, number, number];
  return hours * 3600 + minutes * 60 + seconds;
};

/** Length of the picture track, from the header or, where that does not say, by reading the file through. */
async function duration(ffmpeg: string, file: string, signal?: AbortSignal): Promise<number> {
  const header = await runFfmpeg(ffmpeg, ['-i', `file:${file}`], 0, signal);
  if (!/Stream #\S+.*: Video: /.test(header.stderr)) {
    const reason = header.stderr.trim().split('\n').at(-1) ?? '';
    const silent = /Duration: /.test(header.stderr);
    throw new Error(
      silent ? 'It has no picture track.' : `ffmpeg cannot read it (${reason.replaceAll(file, 'the file')}).`,
    );
  }
  const told = /Duration: (\d+:\d+:\d+(?:\.\d+)?)/.exec(header.stderr);
  if (told) return secondsOf(told[1]!);
  const args = ['-i', `file:${file}`, '-map', '0:v:0', '-c', 'copy', '-f', 'null', '-'];
  const read = await runFfmpeg(ffmpeg, args, 0, signal);
  const times = [...read.stderr.matchAll(/time=(\d+:\d+:\d+(?:\.\d+)?)/g)];
  if (times.length === 0) throw new Error('ffmpeg cannot tell how long it is.');
  return secondsOf(times.at(-1)![1]!);
}
