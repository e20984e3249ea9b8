/**
 * What style pages do, for looking: one row a page and photo. The page, the checkpoint's own drawing, and the drawing as on the page at
 * half and full strength; the last row blends the first two pages.
 *   node scripts/style-sheet.ts OUT.webp [--model ink] [--size 300] [--photo FILE]... [--page FILE]...
 * Without --photo two sample photos; without --page the sample page, and pages that the drawing teacher makes of another.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp, { type OverlayOptions } from 'sharp';
import { createPipeline } from '../lib/pipeline/create-pipeline.ts';
import type { Content, Pixels, Style } from '../lib/pipeline/types.ts';
import { compose } from '../lib/render/compose.ts';
import { drawPhoto } from '../lib/render/draw.ts';
import { decodePhoto } from '../lib/render/photo.ts';
import { DRAWING_STYLES } from '../lib/render/style.ts';
import { samplePath, samplePhotos } from '../lib/samples.ts';
import { clipSchema, parseSettings } from '../lib/settings/settings.ts';

const GAP = 6;
const PAPER = '#8a8a8a';
/** Long side at which pages are read and teachers draw. */
const PAGE_SIDE = 2000;
const TAUGHT_SIDE = 1000;
const TAUGHT = ['light', 'tone', 'bold'];

const text = { type: 'string' } as const;
const many = { type: 'string', multiple: true } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { model: text, size: text, photo: many, page: many },
});
const out = positionals[0];
if (!out)
  throw new Error(
    'Usage: node scripts/style-sheet.ts OUT.webp [--model ink] [--size 300] [--photo FILE]... [--page FILE]...',
  );
const side = Number(values.size ?? 300);

/** Pages of the teacher: what another photo looks like in its styles. */
async function taughtPages(): Promise<Pixels[]> {
  const photo = await decodePhoto(await readFile(join(samplePhotos(), 'march.jpg')), TAUGHT_SIDE);
  const styles = TAUGHT.map((name) => DRAWING_STYLES.find((named) => named.name === name)!.style);
  return drawPhoto(photo, styles).map((drawing) => {
    const grey = compose(drawing, { screenPeriod: 7, screenAngleDeg: 45 });
    const data = new Uint8Array(3 * grey.length);
    for (let i = 0; i < data.length; i++) data[i] = grey[Math.floor(i / 3)]!;
    return { width: drawing.width, height: drawing.height, data };
  });
}

const readPage = async (file: string) => decodePhoto(await readFile(file), PAGE_SIDE);
const pages = values.page
  ? await Promise.all(values.page.map(readPage))
  : [...(await taughtPages()), await readPage(samplePath('sample:pages/bold.png')!)];
const photos = values.photo ?? ['nagasaki.jpg', 'allium.jpg'].map((name) => join(samplePhotos(), name));
const pipeline = await createPipeline({ engine: 'auto', model: values.model ?? '' });
const styles: Style[] = [];
for (const page of pages) styles.push(await pipeline.encodeStyle([page]));
const blend = await pipeline.encodeStyle(styles.slice(0, 2));

const shown = async (data: Uint8Array, width: number, height: number, channels: 1 | 3) =>
  sharp(data, { raw: { width, height, channels } })
    .resize(side, side, { fit: 'cover', position: 'top', kernel: 'lanczos3' })
    .toColourspace('srgb')
    .png()
    .toBuffer();
const rows: OverlayOptions['input'][][] = [];
const still = { size: `${side}x${side}`, frames: 1, amount: 0 };
const pictures = await Promise.all(photos.map(async (file) => decodePhoto(await readFile(file), PAGE_SIDE)));
const contents: Content[] = [];
for (const picture of pictures) contents.push(await pipeline.encode(picture, parseSettings(clipSchema, still)));
const draw = async (photo: number, styleStrength: number, style?: Style) => {
  const settings = parseSettings(clipSchema, { ...still, styleStrength });
  const sequence = await pipeline.decode(contents[photo]!, settings, style);
  const bytes = await sequence.render(0, 1);
  const channels = sequence.shape[3] as 1 | 3;
  sequence.dispose();
  return shown(bytes, side, side, channels);
};
for (const [i, page] of pages.entries()) {
  const row: OverlayOptions['input'][] = [await shown(page.data, page.width, page.height, 3)];
  for (const photo of photos.keys()) {
    for (const strength of [0, 0.5, 1]) row.push(await draw(photo, strength, styles[i]!));
  }
  rows.push(row);
}
// The first page with the right half of the second.
const [first, second] = await Promise.all(
  pages.slice(0, 2).map((page) => shown(page.data, page.width, page.height, 3)),
);
const left = Math.round(side / 2);
const half = await sharp(second!)
  .extract({ left, top: 0, width: side - left, height: side })
  .toBuffer();
const blended: OverlayOptions['input'][] = [
  await sharp(first!)
    .composite([{ input: half, left, top: 0 }])
    .png()
    .toBuffer(),
];
for (const photo of photos.keys()) {
  blended.push(await draw(photo, 1, styles[0]), await draw(photo, 1, blend), await draw(photo, 1, styles[1]));
}
rows.push(blended);
await pipeline.close();

const tiles: OverlayOptions[] = rows.flatMap((row, y) =>
  row.map((input, x) => ({ input, left: GAP + x * (side + GAP), top: GAP + y * (side + GAP) })),
);
const width = GAP + rows[0]!.length * (side + GAP);
const height = GAP + rows.length * (side + GAP);
await sharp({ create: { width, height, channels: 3, background: PAPER } })
  .composite(tiles)
  .webp({ quality: 80 })
  .toFile(out);
console.log(out);
