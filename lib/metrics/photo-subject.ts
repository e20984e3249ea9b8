import { photoCrop } from './crops.ts';
import { joinFrames } from './frames.ts';
import { centreSquare, coverWith, cropTo, readPicture } from './picture.ts';
import { exactly, SK5_MOVES, sk5Camera } from './sk5.ts';
import type { Clip, Photo, Subject } from './subject.ts';
import { warpPicture } from './warp-picture.ts';

/** Square canvas and frame of the camera moves, in pixels. */
export interface CameraSizes {
  readonly canvas: number;
  readonly size: number;
  readonly frames: number;
}

/** The photo as the camera sees it: what a program that draws frame by frame is given. */
export async function contentClips({ file }: Photo, { canvas, size, frames }: CameraSizes): Promise<Clip[]> {
  const photo = await readPicture(file);
  const square = await cropTo(photo, centreSquare(photo), canvas);
  return SK5_MOVES.map((move) => {
    const camera = sk5Camera(move, frames);
    const block = joinFrames(camera.map((at) => warpPicture(square, at, size, size)));
    return { move, frames: block, correspond: exactly(camera, block, canvas) };
  });
}

/** The photo itself, drawn by nobody: what resampling alone costs, and how far photos are from pages. @param camera null: no clips */
export function photoSubject(camera: CameraSizes | null): Subject {
  return {
    name: 'the photo itself',
    drawn: false,
    drawing: photoCrop,
    panel: async ({ file }, size) => coverWith(await readPicture(file), size),
    clips: async (photo) => (camera ? contentClips(photo, camera) : []),
    seeds: async () => [],
  };
}
