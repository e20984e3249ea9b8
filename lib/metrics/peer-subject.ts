import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { listFolder } from '../data/list-files.ts';
import { MangaError } from '../errors/manga-error.ts';
import { ioError } from '../media/io-error.ts';
import type { Size } from '../motion/geometry.ts';
import { middle } from './crops.ts';
import { type FrameBlock, joinFrames } from './frames.ts';
import type { CameraSizes } from './photo-subject.ts';
import { coverWith, cropTo, type Picture, readPicture, toGrey } from './picture.ts';
import { exactly, SK5_MOVES, type Sk5Move, sk5Camera } from './sk5.ts';
import { type Clip, drawnSize, type Photo, type Subject } from './subject.ts';

const FRAME = /^frame[_-]\d+\.(png|webp|jpe?g)$/i;
/** What a peer's drawing of a photo is called in the photo's folder. */
const DRAWING = /^drawing\.(png|webp|jpe?g)$/i;

/** Reads pictures as frames; grey when all of them are. @throws MangaError when one cannot be read, or sizes differ */
export async function readFrames(files: readonly string[]): Promise<FrameBlock> {
  const pictures: Picture[] = [];
  for (const file of files) pictures.push(await readPicture(file));
  return joinFrames(pictures.every(isGrey) ? pictures.map(toGrey) : pictures);
}

function isGrey({ data }: Picture): boolean {
  for (let i = 0; i < data.length; i += 3) if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  return true;
}

/**
 * Another program's pictures: `<folder>/<photo>/drawing.png`, the photo drawn at least 512 wide, and
 * `<folder>/<photo>/<move>/frame_0001.png` …; what is missing is not measured.
 * @param camera the moves of SK5-cam that the frames show; null: any folders, and optical flow is estimated
 */
export function peerSubject(folder: string, camera: CameraSizes | null): Subject {
  const exact = (move: Sk5Move, frames: FrameBlock, { canvas, size, frames: count }: CameraSizes) => {
    if (frames.width !== size || frames.height !== size || frames.count !== count) {
      const found = `${frames.count} frames of ${frames.width}x${frames.height}`;
      const hint = `SK5-cam has ${count} of ${size}x${size}; or leave out --camera.`;
      throw new MangaError('BAD_INPUT', `${basename(folder)}, ${move}: ${found}.`, hint);
    }
    return exactly(sk5Camera(move, count), frames, canvas);
  };
  const drawingOf = async ({ name }: Photo): Promise<Picture | null> => {
    const place = join(folder, name);
    const [path] = existsSync(place) ? await listFolder(place, DRAWING) : [];
    return path ? readPicture(path) : null;
  };
  return {
    name: basename(folder),
    drawn: true,
    async drawing(photo: Photo): Promise<Picture | null> {
      const drawing = await drawingOf(photo);
      if (!drawing) return null;
      const { width, height } = drawnSize(await readPicture(photo.file));
      const whole = { left: 0, top: 0, width: drawing.width, height: drawing.height };
      const sized = drawing.width === width ? drawing : await cropTo(drawing, whole, width, height);
      const crop = await middle(sized);
      return isGrey(crop) ? toGrey(crop) : crop;
    },
    async panel(photo: Photo, size: Size): Promise<Picture | null> {
      const drawing = await drawingOf(photo);
      return drawing && coverWith(drawing, size);
    },
    async clips({ name }: Photo): Promise<Clip[]> {
      const clips: Clip[] = [];
      for (const move of camera ? SK5_MOVES : await folders(join(folder, name))) {
        const place = join(folder, name, move);
        const files = existsSync(place) ? await listFolder(place, FRAME) : [];
        if (files.length < 2) continue;
        const frames = await readFrames(files);
        clips.push({ move, frames, correspond: camera ? exact(move as Sk5Move, frames, camera) : null });
      }
      return clips;
    },
    seeds: async () => [],
  };
}

async function folders(place: string): Promise<string[]> {
  if (!existsSync(place)) return [];
  const entries = await readdir(place, { withFileTypes: true }).catch((error) => {
    throw ioError('Cannot read the folder', place, error);
  });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
