/**
 * Photo, the teacher's drawing, the network's: one row a photo, for looking.
 *   node scripts/compare-teacher.ts PHOTO... OUT.webp
 */
import { readFile } from 'node:fs/promises';
import sharp, { type OverlayOptions } from 'sharp';
import { compose } from '../lib/render/compose.ts';
import { drawPhoto } from '../lib/render/draw.ts';
import { decodePhoto } from '../lib/render/photo.ts';
import { stylesOf } from '../lib/render/style.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { clipSchema, drawSchema, parseSettings } from '../lib/settings/settings.ts';

const SIDE = 480;
const GAP = 6;
/** The whole canvas' middle, unmoved. */
const CENTRE = [{ zoom: 1, rotation: 0, panX: 0, panY: 0 }];

const photos = process.argv.slice(2, -1);
const out = process.argv.at(-1);
if (!out || photos.length === 0) {
  console.error('Usage: node scripts/compare-teacher.ts PHOTO... OUT.webp');
  process.exit(2);
}
const session = new SessionHost(parseSettings(sessionSchema, { id: 'compare' }));
const tiles: OverlayOptions[] = [];
for (const [row, file] of photos.entries()) {
  const photo = await readFile(file);
  const squared = async (side: number) =>
    decodePhoto(await sharp(photo).rotate().resize(side, side, { fit: 'cover' }).png().toBuffer(), side);
  const rgb = await squared(SIDE);
  const { width, height } = rgb;
  // As large as the network draws, and reduced.
  const { detail } = drawSchema.parse({});
  const large = await squared(Math.round(SIDE * detail));
  const [drawing] = drawPhoto(large, [stylesOf('screentone')[0]!.style]);
  const page = compose(drawing!, { screenPeriod: 4 * detail, screenAngleDeg: 45 });
  const taught = await sharp(page, { raw: { width: large.width, height: large.height, channels: 1 } })
    .resize(width, height)
    .toColourspace('b-w')
    .raw()
    .toBuffer();
  const arena = await session.openArena(file);
  const image = await session.loadPicture(arena, { path: file });
  const [, photoHeight, photoWidth] = image.shape as [number, number, number];
  // The canvas just covers the square, and the camera stands over its middle: the same part of the photo in all three.
  const canvas = Math.ceil((SIDE * Math.max(photoWidth, photoHeight)) / Math.min(photoWidth, photoHeight));
  const still = parseSettings(clipSchema, { size: `${SIDE}x${SIDE}`, canvas, frames: 1 });
  const frames = await session.decode(await session.encode(image, still), still, undefined, CENTRE);
  const { data } = await session.read(frames, 0, 1);
  await session.closeArena(arena);
  const pictures = [
    { data: rgb.data, channels: 3 as const },
    { data: taught, channels: 1 as const },
    { data: data as Uint8Array, channels: 1 as const },
  ];
  for (const [column, picture] of pictures.entries()) {
    const input = await sharp(picture.data, { raw: { width, height, channels: picture.channels } })
      .toColourspace('srgb')
      .png()
      .toBuffer();
    tiles.push({ input, left: column * (SIDE + GAP), top: row * (SIDE + GAP) });
  }
}
await session.close();
const size = { width: 3 * (SIDE + GAP) - GAP, height: photos.length * (SIDE + GAP) - GAP };
await sharp({ create: { ...size, channels: 3, background: '#8a8a8a' } })
  .composite(tiles)
  .webp({ quality: 80 })
  .toFile(out);
