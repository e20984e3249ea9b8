/** Pictures and frames for the tests of media and command line, and what looks at the clips. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { MangaError } from '../../lib/errors/manga-error.ts';
import type { FrameSequence } from '../../lib/pipeline/types.ts';
import { Random } from '../../lib/random.ts';

/** A folder that is gone after the test. */
export function temporaryFolder(t: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'manga-media-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns the MangaError that a promise rejects with; it must say what to do */
export async function refusal(promise: Promise<unknown>): Promise<MangaError> {
  const error = await promise.then(
    () => assert.fail('it was accepted'),
    (thrown: unknown) => thrown,
  );
  assert(error instanceof MangaError, `no MangaError: ${error}`);
  assert(error.hint, `no hint: ${error.message}`);
  return error;
}

/** Each quarter has its own colour (clockwise from the top left: red, green, white, blue), with a soft grain. */
export function colourPicture(width = 60, height = 40): Sharp {
  const data = new Uint8Array(width * height * 3);
  const random = new Random(7);
  const quarters = [
    [220, 40, 30],
    [40, 180, 60],
    [40, 60, 200],
    [250, 250, 250],
  ] as const;
  for (let i = 0; i < width * height; i++) {
    const quarter = quarters[(i % width < width / 2 ? 0 : 1) + (Math.floor(i / width) < height / 2 ? 0 : 2)]!;
    for (let c = 0; c < 3; c++) data[i * 3 + c] = quarter[c]! + random.int(5);
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Frames like manga: black lines and dots on white that move to the right, 2 pixels a frame. */
export function drawFrame(width: number, height: number, channels: 1 | 3, index: number): Uint8Array {
  const frame = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const u = x - 2 * index;
      const line = Math.abs((u * 0.6 + y * 0.8) % 61) < 4;
      const dot = Math.hypot((((u % 8) + 8) % 8) - 3.5, (y % 8) - 3.5) < 2.6 && y > height / 2;
      const ink = line || dot ? 20 : 240;
      for (let c = 0; c < channels; c++) {
        // Colour varies slowly, for clips keep it at half the resolution.
        const tint = channels === 3 && ink > 128 ? [0, 40 * Math.sin(y / 60), -60 * Math.cos(x / 90)][c]! : 0;
        frame[(y * width + x) * channels + c] = Math.min(255, ink + tint);
      }
    }
  }
  return frame;
}

export interface TestClip extends FrameSequence {
  /** All frames, [T, H, W, C]. */
  readonly all: Uint8Array;
}

type ClipShape = readonly [number, number, number, 1 | 3];
const drawn = new Map<string, Uint8Array>();

function drawFrames(shape: ClipShape): Uint8Array {
  const [count, height, width, channels] = shape;
  const frameBytes = height * width * channels;
  const all = new Uint8Array(count * frameBytes);
  for (let i = 0; i < count; i++) all.set(drawFrame(width, height, channels, i), i * frameBytes);
  drawn.set(String(shape), all);
  return all;
}

/** @param onRender is called before each piece with its first frame */
export function testClip(shape: ClipShape, fps = 12, onRender: (first: number) => unknown = () => {}): TestClip {
  const [, height, width, channels] = shape;
  const frameBytes = height * width * channels;
  const all = drawn.get(String(shape)) ?? drawFrames(shape);
  return {
    all,
    shape,
    fps,
    byteLength: all.length,
    dispose() {},
    async render(first, length) {
      await onRender(first);
      return all.slice(first * frameBytes, (first + length) * frameBytes);
    },
  };
}

/** Peak signal-to-noise ratio in dB. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) throw new Error(`${a.length} bytes against ${b.length}`);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return 10 * Math.log10(65025 / (sum / a.length));
}

function answers(program: string): boolean {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** For the `skip` of tests that look into videos. */
export const noFfmpeg: string | false =
  answers('ffmpeg') && answers('ffprobe') ? false : 'ffmpeg and ffprobe are not installed';

export interface Stream {
  readonly codec_name: string;
  readonly width: number;
  readonly height: number;
  readonly pix_fmt: string;
  readonly avg_frame_rate: string;
  readonly nb_read_frames: string;
}

/** The only stream of a video, its frames counted by decoding them. */
export function probeVideo(file: string): Stream {
  const args = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', file];
  const { streams } = JSON.parse(execFileSync('ffprobe', args, { encoding: 'utf8' })) as { streams: Stream[] };
  if (streams.length !== 1) throw new Error(`${streams.length} streams`);
  return streams[0]!;
}

/** All frames of a video, as grey or RGB. */
export function decodeVideo(file: string, channels: 1 | 3): Uint8Array {
  const matrix = channels === 3 ? 'scale=in_color_matrix=bt709:flags=bilinear+accurate_rnd+full_chroma_int,' : '';
  const filter = `${matrix}format=${channels === 1 ? 'gray' : 'rgb24'}`;
  const args = ['-v', 'error', '-i', file, '-vf', filter, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'];
  return execFileSync('ffmpeg', args, { maxBuffer: 2 ** 28 });
}

/** Pids of the ffmpeg processes that this process started and that have not ended (Linux). */
export function ffmpegChildren(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const [, name, , parent] = /^\d+ \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
        return name === 'ffmpeg' && Number(parent) === process.pid;
      } catch {
        return false; // It ended meanwhile.
      }
    })
    .map(Number);
}
