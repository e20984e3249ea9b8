import sharp from 'sharp';
import { photoCrop } from '../crops.ts';
import { type FrameBlock, frameOf } from '../frames.ts';
import type { Witness } from '../measure.ts';
import type { Picture } from '../picture.ts';

/** A picture of the report, small, as a data URI. */
export interface Tile {
  readonly caption: string;
  readonly uri: string;
}

/** What the report shows of a photo. */
export interface Sheet {
  readonly photo: string;
  readonly tiles: Tile[];
  /** First, middle and last frame of each clip. */
  readonly strips: { readonly subject: string; readonly move: string; readonly frames: readonly string[] }[];
}

/** Side of a tile in pixels: twice what a phone shows. */
const SIDE = 256;
const QUALITY = 74;
/** More photos would make a page that phones cannot hold. */
const MOST_PHOTOS = 40;

async function uri({ width, height, channels, data }: Picture): Promise<string> {
  const small = sharp(data, { raw: { width, height, channels } }).resize(SIDE, SIDE, { fit: 'inside' });
  return `data:image/webp;base64,${(await small.webp({ quality: QUALITY }).toBuffer()).toString('base64')}`;
}

function keyFrames(block: FrameBlock): Picture[] {
  return [0, Math.floor((block.count - 1) / 2), block.count - 1].map((t) => frameOf(block, t));
}

/** Keeps small pictures of what was measured. */
export class Tiles {
  readonly #sheets = new Map<string, Sheet>();

  /** In the order of the photos. */
  get sheets(): readonly Sheet[] {
    return [...this.#sheets.values()];
  }

  /** @param subject whose pictures come */
  witness(subject: string): Witness {
    return async (photo, { drawing, clips }) => {
      const sheet = await this.#sheet(photo);
      if (!sheet) return;
      if (drawing) sheet.tiles.push({ caption: subject, uri: await uri(drawing) });
      for (const [move, block] of Object.entries(clips)) {
        sheet.strips.push({ subject, move, frames: await Promise.all(keyFrames(block).map(uri)) });
      }
    };
  }

  async #sheet(photo: Parameters<Witness>[0]): Promise<Sheet | null> {
    const known = this.#sheets.get(photo.file);
    if (known) return known;
    if (this.#sheets.size === MOST_PHOTOS) return null;
    const sheet: Sheet = {
      photo: photo.name,
      tiles: [{ caption: 'photo', uri: await uri(await photoCrop(photo)) }],
      strips: [],
    };
    this.#sheets.set(photo.file, sheet);
    return sheet;
  }
}
