import type { TensorData } from '../engines/engine.ts';
import { MangaError } from '../errors/manga-error.ts';
import type { FrameSequence } from '../pipeline/types.ts';
import type { Thing } from './thing.ts';

/** Bytes that are read at once at most. */
const MAX_READ_BYTES = 2 ** 30;

/**
 * A copy of what a handle refers to: images [1,H,W,3] and frames [count,H,W,C] as uint8; the coarsest content features and
 * style codes as float32.
 * @param first of the frames @param count default: all from the first
 * @throws MangaError BAD_INPUT for frames that the clip does not have, or too many at once
 */
export async function readThing(thing: Thing, first: number, count?: number): Promise<TensorData> {
  if (thing.kind === 'content') return thing.content.readCoarsest();
  if (thing.kind === 'style') return thing.style.read();
  if (thing.kind === 'frames') return readFrames(thing.frames, first, count ?? thing.frames.shape[0] - first);
  const { width, height, data } = thing.pixels;
  return { shape: [1, height, width, 3], dtype: 'uint8', data: data.slice() };
}

async function readFrames(frames: FrameSequence, first: number, count: number): Promise<TensorData> {
  const [total, height, width, channels] = frames.shape;
  const whole = Number.isInteger(first) && Number.isInteger(count);
  if (!whole || first < 0 || count < 1 || first + count > total)
    throw new MangaError('BAD_INPUT', `The clip has frames 0 to ${total - 1}; asked for ${count} from ${first}.`);
  if (count * height * width * channels > MAX_READ_BYTES)
    throw new MangaError(
      'BAD_INPUT',
      `${count} frames of ${width}x${height} are too many to read at once.`,
      'Read fewer.',
    );
  return { shape: [count, height, width, channels], dtype: 'uint8', data: await frames.render(first, count) };
}
