import { MangaError } from '../errors/manga-error.ts';
import type { Correspondence } from './camera.ts';
import { insideMask, type Mask } from './warp-error.ts';

/** Flow of a Middlebury file. */
export interface MeasuredFlow {
  readonly width: number;
  readonly height: number;
  /** [height, width, 2]: by how many pixels a point of the frame lies further to the right and below in the next one. */
  readonly data: Float32Array;
}

/** 'PIEH' as a number: the first four bytes of a .flo file. */
const TAG = 202021.25;
const HEADER = 12;
/** Flow that is longer stands for a place where it is not known. */
const UNKNOWN = 1e9;

/**
 * Reads a .flo file: tag, width, height, then u and v of each pixel, little-endian (Baker et al., IJCV 2011).
 * @param name for messages
 * @throws MangaError BAD_INPUT when it is none, or cut short
 */
export function readFlo(bytes: Buffer, name: string): MeasuredFlow {
  const wrong = (why: string): MangaError =>
    new MangaError('BAD_INPUT', `${name} ${why}.`, 'Give flow as a Middlebury .flo file.');
  if (bytes.length < HEADER || bytes.readFloatLE(0) !== TAG) throw wrong('is no .flo file');
  const [width, height] = [bytes.readInt32LE(4), bytes.readInt32LE(8)];
  const values = width * height * 2;
  if (width < 2 || height < 2 || bytes.length !== HEADER + 4 * values) throw wrong('is cut short, or not of its size');
  return { width, height, data: Float32Array.from({ length: values }, (_, i) => bytes.readFloatLE(HEADER + 4 * i)) };
}

/**
 * Where the points of a frame lie in the next one by measured flow.
 * @param valid [flow's height, width]: 0 where the flow is not known or the point is hidden in the other frame
 * @param frame its size; at most the flow's, cut to the right and below
 * @throws MangaError BAD_INPUT when the frame is larger than the flow
 */
export function measuredCorrespondence(
  flow: MeasuredFlow,
  valid: Uint8Array,
  frame: { readonly width: number; readonly height: number },
): { readonly map: Correspondence; readonly mask: Mask } {
  const { width, height } = frame;
  if (width > flow.width || height > flow.height || valid.length !== flow.width * flow.height) {
    const sizes = `The frame has ${width}x${height} pixels, its flow ${flow.width}x${flow.height}`;
    throw new MangaError('BAD_INPUT', `${sizes}, and ${valid.length} pixels are marked.`, 'They must be of one size.');
  }
  const x = new Float32Array(width * height);
  const y = new Float32Array(width * height);
  const known = new Uint8Array(width * height);
  for (let row = 0, i = 0; row < height; row++) {
    for (let column = 0; column < width; column++, i++) {
      const at = row * flow.width + column;
      const [u, v] = [flow.data[2 * at]!, flow.data[2 * at + 1]!];
      known[i] = valid[at]! === 255 && Math.abs(u) < UNKNOWN && Math.abs(v) < UNKNOWN ? 1 : 0;
      if (!known[i]) continue;
      x[i] = column + u;
      y[i] = row + v;
    }
  }
  const map = { width, height, x, y };
  return { map, mask: insideMask(map).map((inside, i) => inside & known[i]!) };
}
