/** Short runs of decoded video frames. */

import type { VideoFile } from './list-videos.ts';
import { runFfmpeg } from './run-ffmpeg.ts';

/** Consecutive frames, interleaved RGB, all of one size. */
export interface Segment {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly Uint8Array[];
}

export interface SegmentOptions {
  readonly ffmpeg: string;
  readonly fps: number;
  /** Frames a segment. */
  readonly length: number;
  /** Frames are brought to this long side, pixels; larger where the short side would be less than `shortSide`. */
  readonly longSide: number;
  readonly shortSide: number;
}

/** How many segments a video has: its last one may be shorter. */
export function segmentCount({ seconds }: VideoFile, { fps, length }: SegmentOptions): number {
  return Math.max(1, Math.ceil((seconds * fps) / length));
}

/** Decodes a segment. @throws Error with ffmpeg's reason */
export async function readSegment(
  video: VideoFile,
  index: number,
  options: SegmentOptions,
  signal?: AbortSignal,
): Promise<Segment> {
  const { ffmpeg, fps, length, longSide, shortSide } = options;
  // Width as shown: pixels need not be square.
  const shown = '(iw*if(sar,sar,1))';
  const scale = `max(${longSide}/max(${shown},ih),${shortSide}/min(${shown},ih))`;
  // A quarter of a step early: of a video at twice the rate every second frame is taken, however its times are rounded.
  const filter = `setpts=PTS-.25/(${fps}*TB),fps=${fps},scale=w='ceil(${shown}*${scale}-.001)':h='ceil(ih*${scale}-.001)':flags=area+accurate_rnd,setsar=1`;
  const args = [
    ...['-loglevel', 'error', '-threads', '1'],
    ...['-ss', String((index * length) / fps), '-i', `file:${video.file}`, '-map', '0:v:0'],
    ...['-vf', filter, '-frames:v', String(length), '-pix_fmt', 'rgb24', '-f', 'image2pipe', '-c:v', 'ppm', '-'],
  ];
  // Long pictures are enlarged to the short side; beyond this it is no film.
  const maxBytes = 16 * length * longSide * Math.max(longSide, shortSide) * 3;
  const { stdout, stderr } = await runFfmpeg(ffmpeg, args, maxBytes, signal);
  const frames = readPpms(stdout);
  const [first] = frames;
  if (!first) throw new Error(stderr.trim().split('\n').at(-1) || 'There is no frame in it.');
  const { width, height } = first;
  const same = frames.filter((frame) => frame.width === width && frame.height === height);
  return { width, height, frames: same.map((frame) => frame.data) };
}

/** Binary PPMs one after the other, as ffmpeg writes them: their header names the size that the video turned out to have. */
function readPpms(bytes: Buffer): { width: number; height: number; data: Uint8Array }[] {
  const frames = [];
  for (let at = 0; at < bytes.length; ) {
    const header = /^P6\n(\d+) (\d+)\n255\n/.exec(bytes.toString('latin1', at, at + 32));
    if (!header) break;
    const [width, height] = [Number(header[1]), Number(header[2])];
    const from = at + header[0].length;
    at = from + width * height * 3;
    if (at > bytes.length) break;
    frames.push({ width, height, data: new Uint8Array(bytes.subarray(from, at)) });
  }
  return frames;
}
