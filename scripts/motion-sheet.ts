/**
 * Frames of one photo's clips under different settings, for looking at: one row a clip.
 *   node scripts/motion-sheet.ts PHOTO OUT.png [--size 320x240] [--frames 24] [--show 4] "motion=zoom direction=in" "motion=orbit" …
 * Instead of settings: --all, every named motion and auto; --auto, eight seeds of auto. Columns are evenly spread from first to last frame.
 */
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { clipSchema, MOTIONS, parseSettings } from '../lib/settings/settings.ts';

const GAP = 6;
const PAPER = '#8a8a8a';

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: text, frames: text, show: text, all: { type: 'boolean' }, auto: { type: 'boolean' } },
});
const [photo, out, ...given] = positionals;
const clips = [
  ...given,
  ...(values.all ? MOTIONS.map((motion) => `motion=${motion}`) : []),
  ...(values.auto ? Array.from({ length: 8 }, (_, seed) => `seed=${seed}`) : []),
];
if (!photo || !out || clips.length === 0) throw new Error('usage: motion-sheet.ts PHOTO OUT.png SETTINGS...');
const show = Number(values.show ?? 4);
const session = new SessionHost(parseSettings(sessionSchema, { id: 'sheet' }));
const arena = await session.openArena('sheet');
const image = await session.loadPicture(arena, { path: photo });

const tiles: { input: Buffer; row: number; column: number }[] = [];
let size = { width: 0, height: 0 };
for (const [row, clip] of clips.entries()) {
  const chosen = Object.fromEntries(clip.split(' ').map((part) => part.split('=')));
  const settings = parseSettings(clipSchema, {
    size: values.size ?? '320x240',
    frames: values.frames ?? '24',
    ...chosen,
  });
  const frames = await session.decode(await session.encode(image, settings), settings);
  const [count, height, width, channels] = frames.shape as [number, number, number, 1 | 3];
  size = { width, height };
  for (let column = 0; column < show; column++) {
    const { data } = await session.read(frames, Math.round((column * (count - 1)) / Math.max(1, show - 1)), 1);
    const input = await sharp(data as Uint8Array, { raw: { width, height, channels } })
      .png()
      .toBuffer();
    tiles.push({ input, row, column });
  }
}
await session.close();

const cell = { width: size.width + GAP, height: size.height + GAP };
await sharp({
  create: { width: show * cell.width + GAP, height: clips.length * cell.height + GAP, channels: 3, background: PAPER },
})
  .composite(
    tiles.map(({ input, row, column }) => ({
      input,
      left: GAP + column * cell.width,
      top: GAP + row * cell.height,
    })),
  )
  .png({ palette: true, colours: 16 })
  .toFile(out);
console.log(out);
