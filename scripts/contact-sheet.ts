/**
 * Frames of clips side by side, for looking at: one row a photo, the photo first (unless --no-photo).
 *   node scripts/contact-sheet.ts PHOTO... OUT.png [--size 384] [--frames 24] [--show 4] [--motion auto] [--model DIR] …
 */
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { clipSchema, parseSettings } from '../lib/settings/settings.ts';

const GAP = 8;
const PAPER = '#8a8a8a';

const text = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'no-photo': { type: 'boolean' },
    size: text,
    frames: text,
    show: text,
    motion: text,
    model: text,
    style: text,
    seed: text,
    ink: text,
    loop: text,
    amount: text,
  },
});
const out = positionals.pop();
if (!out || positionals.length === 0) throw new Error('usage: contact-sheet.ts PHOTO... OUT.png');
const settings = parseSettings(clipSchema, { ...values, size: values.size ?? '384x384' });
const show = Number(values.show ?? 4);
const session = new SessionHost(parseSettings(sessionSchema, { id: 'sheet', model: values.model ?? '' }));

const rows: Buffer[][] = [];
for (const photo of positionals) {
  const arena = await session.openArena(photo);
  const image = await session.loadPicture(arena, { path: photo });
  const page = values.style
    ? await session.encodeStyle(await session.loadPicture(arena, { path: values.style }))
    : undefined;
  const frames = await session.decode(await session.encode(image, settings), settings, page);
  const [count, height, width, channels] = frames.shape as [number, number, number, 1 | 3];
  const row = values['no-photo']
    ? []
    : [await sharp(photo).rotate().resize(width, height, { fit: 'cover' }).png().toBuffer()];
  for (let i = 0; i < show; i++) {
    const { data } = await session.read(frames, Math.round((i * (count - 1)) / Math.max(1, show - 1)), 1);
    row.push(
      await sharp(data as Uint8Array, { raw: { width, height, channels } })
        .png()
        .toBuffer(),
    );
  }
  rows.push(row);
  await session.closeArena(arena);
}
await session.close();

const tiles = await Promise.all(rows.flat().map(async (input) => ({ input, ...(await sharp(input).metadata()) })));
const columns = rows[0]!.length;
const cell = {
  width: Math.max(...tiles.map((t) => t.width!)) + GAP,
  height: Math.max(...tiles.map((t) => t.height!)) + GAP,
};
await sharp({
  create: {
    width: columns * cell.width + GAP,
    height: rows.length * cell.height + GAP,
    channels: 3,
    background: PAPER,
  },
})
  .composite(
    tiles.map(({ input }, i) => ({
      input,
      left: GAP + (i % columns) * cell.width,
      top: GAP + Math.floor(i / columns) * cell.height,
    })),
  )
  .png({ palette: true, quality: 90 })
  .toFile(out);
console.log(out);
