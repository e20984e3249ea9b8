/** Pictures of screens as they lie in docs/images: PNG, few colours, small. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const IMAGES = fileURLToPath(new URL('../../docs/images', import.meta.url));
const MOST_BYTES = 400_000;
/** Screens have few colours: the first palette whose file is small enough is taken. */
const PALETTES = [256, 128, 64, 32];
const GAP = 16;

/** @throws Error when it is too large even with few colours */
export async function save(name: string, picture: Buffer): Promise<void> {
  for (const colours of PALETTES) {
    const png = await sharp(picture).png({ palette: true, colours, effort: 10, dither: 0.5 }).toBuffer();
    if (png.length > MOST_BYTES) continue;
    const path = join(IMAGES, `${name}.png`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, png);
    console.log(`${name}.png ${Math.round(png.length / 1000)} kB`);
    return;
  }
  throw new Error(`${name}.png has more than ${MOST_BYTES / 1000} kB.`);
}

/** Pictures of the same width in columns, each put where there is most room. @param ground colour between them */
export async function sheet(pictures: readonly Buffer[], columns: number, ground: string): Promise<Buffer> {
  const sizes = await Promise.all(pictures.map((picture) => sharp(picture).metadata()));
  const width = Math.max(...sizes.map((size) => size.width));
  const ends = new Array<number>(columns).fill(GAP);
  const tallestFirst = pictures
    .map((input, index) => ({ input, height: sizes[index]!.height }))
    .toSorted((a, b) => b.height - a.height);
  const placed = tallestFirst.map(({ input, height }) => {
    const column = ends.indexOf(Math.min(...ends));
    const place = { input, left: GAP + column * (width + GAP), top: ends[column]! };
    ends[column]! += height + GAP;
    return place;
  });
  const canvas = { width: GAP + columns * (width + GAP), height: Math.max(...ends), channels: 3 as const };
  return sharp({ create: { ...canvas, background: ground } })
    .composite(placed)
    .png()
    .toBuffer();
}
