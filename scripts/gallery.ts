/**
 * The gallery of the docs: every photo of a folder in every shipped style, as a moving clip, and all of them side by side.
 *   node scripts/gallery.ts PHOTOS_FOLDER docs [NAME...]
 * Writes gallery.md (what stands under "What fails" stays), gallery/PHOTO-STYLE.webp and images/gallery-N.webp, and of the
 * named photos images/styles.webp. Look at
 * each of them.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import sharp, { type OverlayOptions } from 'sharp';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import { clipSchema, MODELS, parseSettings } from '../lib/settings/settings.ts';

const TILE = 360;
const GAP = 6;
const ROWS = 7;
/** Of the WebPs: soft colours show blocks where black on white shows none. */
const QUALITY = { ink: 40, pencil: 40, webtoon: 75 } as const;
/** Heading of what is written by hand: it stays. */
const NOTES = '\n## What fails';
/** Different motions in turn, so that the gallery shows what there is. */
const MOVES = [
  { motion: 'zoom', direction: 'in' },
  { motion: 'sway' },
  { motion: 'pan', direction: 'right' },
  { motion: 'parallax', direction: 'left' },
  { motion: 'dolly', direction: 'in' },
  { motion: 'orbit' },
] as const;

const [folder, docs, ...chosen] = process.argv.slice(2);
if (!folder || !docs) {
  console.error('Usage: node scripts/gallery.ts PHOTOS_FOLDER docs [NAME...]');
  process.exit(2);
}
const photos = (await readdir(folder)).filter((name) => /\.(jpe?g|png|webp)$/i.test(name)).sort();
await mkdir(join(docs, 'gallery'), { recursive: true });
await mkdir(join(docs, 'images'), { recursive: true });
const session = new SessionHost(parseSettings(sessionSchema, { id: 'gallery' }));
const rows: Buffer[][] = [];
const lines = ['| photo | ink | pencil | webtoon |', '| --- | --- | --- | --- |'];

for (const [index, name] of photos.entries()) {
  const file = join(folder, name);
  const title = basename(name, extname(name));
  const arena = await session.openArena(title);
  const image = await session.loadPicture(arena, { path: file });
  const row = [await sharp(file).rotate().resize(TILE, TILE, { fit: 'cover' }).png().toBuffer()];
  const cells: string[] = [];
  for (const model of MODELS) {
    const move = MOVES[index % MOVES.length]!;
    const still = parseSettings(clipSchema, { size: `${TILE}x${TILE}`, frames: 1, amount: 0, model });
    const { data, shape } = await session.read(await session.decode(await session.encode(image, still), still), 0, 1);
    const raw = { width: TILE, height: TILE, channels: shape[3] as 1 | 3 };
    row.push(
      await sharp(data as Uint8Array, { raw })
        .toColourspace('srgb')
        .png()
        .toBuffer(),
    );
    const clip = parseSettings(clipSchema, { size: '256', frames: 16, fps: 8, loop: 'ping-pong', model, ...move });
    const frames = await session.decode(await session.encode(image, clip), clip);
    const path = join(docs, 'gallery', `${title}-${model}.webp`);
    const written = await session.writeClip(frames, { path, format: 'webp', encoder: 'auto', quality: QUALITY[model] });
    cells.push(`![${title}, ${model}, ${move.motion}](gallery/${title}-${model}.webp)`);
    console.log(`${path}: ${Math.round(written.bytes / 1000)} kB`);
  }
  lines.push(`| ${title} | ${cells.join(' | ')} |`);
  rows.push(row);
  await session.closeArena(arena);
}
await session.close();

/** Photo and styles side by side, one row a photo. */
async function writeSheet(part: readonly (readonly Buffer[])[], path: string): Promise<void> {
  const tiles: OverlayOptions[] = part.flatMap((row, y) =>
    row.map((input, x) => ({ input, left: x * (TILE + GAP), top: y * (TILE + GAP) })),
  );
  const size = { width: (1 + MODELS.length) * (TILE + GAP) - GAP, height: part.length * (TILE + GAP) - GAP };
  await sharp({ create: { ...size, channels: 3, background: '#8a8a8a' } })
    .composite(tiles)
    .webp({ quality: 80 })
    .toFile(join(docs!, path));
}

const sheets: string[] = [];
for (let from = 0; from < rows.length; from += ROWS) {
  const path = `images/gallery-${sheets.length + 1}.webp`;
  await writeSheet(rows.slice(from, from + ROWS), path);
  sheets.push(`![Photo, ink, pencil, webtoon](${path})`);
}
const named = rows.filter((_, i) => chosen.includes(basename(photos[i]!, extname(photos[i]!))));
if (named.length > 0) await writeSheet(named, 'images/styles.webp');
const known = await readFile(join(docs, 'gallery.md'), 'utf8').catch(() => '');
const notes = known.includes(NOTES) ? known.slice(known.indexOf(NOTES)) : '';
const text = `# Gallery

Photos that training never saw, in the three styles that ship. Made by \`node scripts/gallery.ts PHOTOS\`; nothing was retouched.

${sheets.join('\n\n')}

## Moving

${lines.join('\n')}
${notes}`;
await writeFile(join(docs, 'gallery.md'), text);
