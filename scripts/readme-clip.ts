/**
 * The clip at the top of the README: a photo, and beside it the same moving in every shipped style.
 *   node scripts/readme-clip.ts PHOTO docs/images/hero.webp
 */
import sharp, { type OverlayOptions } from 'sharp';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { clipSchema, MODELS, parseSettings } from '../lib/settings/settings.ts';

const TILE = 240;
/** Drawn larger than shown: finer lines. */
const DRAWN = 480;
const GAP = 4;
const FRAMES = 14;
const FPS = 10;
const WIDTH = (MODELS.length + 1) * (TILE + GAP) - GAP;

const [photo, out] = process.argv.slice(2);
if (!photo || !out) {
  console.error('Usage: node scripts/readme-clip.ts PHOTO OUT.webp');
  process.exit(2);
}
const session = new SessionHost(parseSettings(sessionSchema, { id: 'readme' }));
const arena = await session.openArena('readme');
const image = await session.loadPicture(arena, { path: photo });
const tiles: Buffer[][] = [
  Array(FRAMES).fill(await sharp(photo).rotate().resize(TILE, TILE, { fit: 'cover' }).png().toBuffer()),
];
for (const model of MODELS) {
  const clip = {
    size: `${DRAWN}x${DRAWN}`,
    frames: FRAMES,
    fps: FPS,
    motion: 'dolly',
    focal: '0.45,0.3',
    model,
  };
  const settings = parseSettings(clipSchema, clip);
  const frames = await session.decode(await session.encode(image, settings), settings);
  const { data, shape } = await session.read(frames, 0, FRAMES);
  const raw = { width: DRAWN, height: DRAWN, channels: shape[3] as 1 | 3 };
  const bytes = DRAWN * DRAWN * shape[3]!;
  const frame = (k: number): Promise<Buffer> =>
    sharp((data as Uint8Array).subarray(k * bytes, (k + 1) * bytes), { raw })
      .toColourspace('srgb')
      .resize(TILE)
      .png()
      .toBuffer();
  tiles.push(await Promise.all(Array.from({ length: FRAMES }, (_, k) => frame(k))));
}
await session.close();

const strip = async (k: number): Promise<Buffer> => {
  const parts: OverlayOptions[] = tiles.map((tile, column) => ({
    input: tile[k]!,
    left: column * (TILE + GAP),
    top: 0,
  }));
  const canvas = { width: WIDTH, height: TILE, channels: 3 as const, background: '#888' };
  return sharp({ create: canvas }).composite(parts).png().toBuffer();
};
const forth = await Promise.all(Array.from({ length: FRAMES }, (_, k) => strip(k)));
await sharp([...forth, ...forth.slice(1, -1).reverse()], { join: { animated: true } })
  .webp({ quality: 32, loop: 0, delay: 1000 / FPS, effort: 6 })
  .toFile(out);
