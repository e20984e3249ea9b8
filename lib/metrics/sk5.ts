/**
 * The open protocol SK5-cam of this project for stillness under a moving camera: a flat drawing, seen by cameras whose
 * correspondences are known exactly, so that no optical flow has to be trusted. Five photos of the scikit-image wheel
 * (scripts/fetch-sk5.ts), square centre crop -> canvas of 384², 16 frames of 256², three moves.
 */
import { MangaError } from '../errors/manga-error.ts';
import type { CameraMove } from '../settings/settings.ts';
import { cameraCorrespondence } from './camera.ts';
import { SHAKE } from './sk5-shake.ts';
import type { Correspond } from './temporal.ts';
import { insideMask } from './warp-error.ts';

export const SK5 = { canvas: 384, size: 256, frames: 16 } as const;

export const SK5_MOVES = ['zoom', 'pan', 'shake'] as const;
export type Sk5Move = (typeof SK5_MOVES)[number];

/** Canvas pixels from the centre, first frame to last with the sign turned. */
const PAN = { x: 30.3, y: 10.1 } as const;
const ZOOM = 1.25;
const SHAKE_ZOOM = 1.05;

/**
 * @param frames 2 to 32
 * @throws MangaError BAD_SETTING for another number of frames
 */
export function sk5Camera(move: Sk5Move, frames: number = SK5.frames): CameraMove[] {
  if (frames < 2 || frames > SHAKE.length) {
    throw new MangaError('BAD_SETTING', `The camera moves have 2 to ${SHAKE.length} frames, not ${frames}.`);
  }
  return Array.from({ length: frames }, (_, t) => {
    const progress = t / (frames - 1);
    if (move === 'zoom') return { zoom: 1 + (ZOOM - 1) * progress, rotation: 0, panX: 0, panY: 0 };
    if (move === 'pan') {
      const course = 2 * progress - 1;
      return { zoom: 1, rotation: 0, panX: (course * PAN.x) / SK5.canvas, panY: (course * PAN.y) / SK5.canvas };
    }
    const [x, y, rotation] = SHAKE[t]!;
    return { zoom: SHAKE_ZOOM, rotation, panX: x / SK5.canvas, panY: y / SK5.canvas };
  });
}

/** Correspondences of a clip of a flat drawing under a known camera. @param canvas side in output pixels at zoom 1 */
export function exactly(
  camera: readonly CameraMove[],
  frame: { width: number; height: number },
  canvas: number,
): Correspond {
  return (t, interval) => {
    const map = cameraCorrespondence(camera[t]!, camera[t + interval]!, frame, { width: canvas, height: canvas });
    return { map, mask: insideMask(map) };
  };
}
