import type { Size } from '../motion/geometry.ts';
import type { Handle, PictureSource, Session } from '../session/types.ts';
import type { CameraMove, ClipSettings } from '../settings/settings.ts';
import { drawFrames } from './draw.ts';
import { type FrameBlock, frameOf } from './frames.ts';
import { centreSquare, cropTo, type Picture, readPicture } from './picture.ts';
import { exactly, SK5_MOVES, sk5Camera } from './sk5.ts';
import { type Clip, CROP, drawnSize, type Photo, type Subject } from './subject.ts';

export interface GeneratorOptions {
  readonly name: string;
  /** Size, frames, look. With `camera` the photo is squared and drawn at `canvas`. */
  readonly clip: ClipSettings;
  readonly camera: boolean;
  readonly style?: Handle;
  /** Number of seeds for the diversity; 0: none. */
  readonly seeds: number;
}

/** The network of a session. */
export function generatorSubject(session: Session, options: GeneratorOptions): Subject {
  const { name, clip, camera, style, seeds } = options;

  /** What the clips are made of: with a camera the square middle of the photo. */
  const clipSource = async (photo: Photo): Promise<PictureSource> => {
    if (!camera) return { path: photo.file };
    const picture = await readPicture(photo.file);
    return { image: await cropTo(picture, centreSquare(picture), clip.canvas) };
  };

  /** One frame of a photo. */
  const still = async ({ file }: Photo, changes: Partial<ClipSettings>, camera?: readonly CameraMove[]) => {
    const [block] = await drawFrames(session, { path: file }, [
      { clip: { ...clip, ...changes, frames: 1 }, style, camera },
    ]);
    return frameOf(block!, 0);
  };

  return {
    name,
    drawn: true,
    async drawing(photo: Photo): Promise<Picture> {
      const { width, height } = drawnSize(await readPicture(photo.file));
      return still(photo, { canvas: Math.max(width, height), size: `${CROP}x${CROP}` }, [CENTRE]);
    },

    panel: (photo: Photo, { width, height }: Size) =>
      still(photo, { canvas: 0, size: `${width}x${height}`, amount: 0 }),

    async clips(photo: Photo): Promise<Clip[]> {
      if (!camera) {
        const [frames] = await drawFrames(session, { path: photo.file }, [{ clip, style }]);
        return [{ move: clip.motion, frames: frames!, correspond: null }];
      }
      const moves = SK5_MOVES.map((move) => ({ move, camera: sk5Camera(move, clip.frames) }));
      const drawings = moves.map(({ camera }) => ({ clip, style, camera }));
      const blocks = await drawFrames(session, await clipSource(photo), drawings);
      return blocks.map((frames, i) => ({
        move: moves[i]!.move,
        frames,
        correspond: exactly(moves[i]!.camera, frames, clip.canvas),
      }));
    },

    async seeds(photo: Photo): Promise<FrameBlock[]> {
      const drawings = Array.from({ length: seeds }, (_, i) => ({ clip: { ...clip, seed: i + 1 }, style }));
      return seeds > 0 ? drawFrames(session, await clipSource(photo), drawings) : [];
    },
  };
}

/** The whole canvas' middle, unmoved. */
const CENTRE = { zoom: 1, rotation: 0, panX: 0, panY: 0 };
