/**
 * The gallery of the docs: photos in every shipped style, as moving clips and side by side, and what else clips can do.
 *   node scripts/gallery.ts PHOTOS_FOLDER docs [--only PHOTO|EXTRA]... [--hero PHOTO]...
 * The folder holds the photos of gallery/list.ts. Writes gallery.md (what stands under "What fails" stays), gallery/*.webp and
 * images/gallery-N.webp, and of the hero photos images/styles.webp; with --only just the clips of these. Look at each of them.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, extname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import sharp, { type OverlayOptions } from 'sharp';
import { panelSizes } from '../lib/scenes/panel-sizes.ts';
import { sceneSchema } from '../lib/scenes/settings.ts';
import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import type { Handle } from '../lib/session/types.ts';
import { type ClipSettings, clipSchema, MODELS, parseSettings } from '../lib/settings/settings.ts';
import { videoSchema } from '../lib/video/settings.ts';
import { EXTRAS, type Extra, loopOf, PHOTOS } from './gallery/list.ts';
import { writeWebp } from './gallery/write-webp.ts';

const TILE = 360;
const GAP = 6;
const ROWS = 7;
const CLIP = { size: '336x336', frames: 12, fps: 8 } as const;
const SAMPLES = resolve(import.meta.dirname, '..', 'samples');
/** Heading of what is written by hand: it stays. */
const NOTES = '\n## What fails';
/** The whole canvas' middle, unmoved: the same part of the photo as a square cut from its middle. */
const CENTRE = [{ zoom: 1, rotation: 0, panX: 0, panY: 0 }];

const { values, positionals } = parseArgs({
  options: { only: { type: 'string', multiple: true }, hero: { type: 'string', multiple: true } },
  allowPositionals: true,
});
const [folder, docs] = positionals;
if (!folder || !docs) {
  console.error('Usage: node scripts/gallery.ts PHOTOS_FOLDER docs [--only PHOTO|EXTRA]... [--hero PHOTO]...');
  process.exit(2);
}
const files = new Map((await readdir(folder)).map((name) => [basename(name, extname(name)), join(folder, name)]));
const missing = [...PHOTOS.map(({ photo }) => photo), ...EXTRAS.flatMap(({ photos }) => photos)].filter(
  (name) => !files.has(name),
);
if (missing.length > 0 && !values.only) throw new Error(`${folder} lacks ${[...new Set(missing)].join(', ')}.`);
const wanted = (name: string): boolean => !values.only || values.only.includes(name);
await mkdir(join(docs, 'gallery'), { recursive: true });
await mkdir(join(docs, 'images'), { recursive: true });
const session = new SessionHost(parseSettings(sessionSchema, { id: 'gallery', idleSeconds: 3600 }));

async function write(frames: Handle, name: string): Promise<void> {
  const { data, shape } = await session.read(frames);
  const [count, height, width, channels] = shape as [number, number, number, 1 | 3];
  const path = join(docs!, 'gallery', `${name}.webp`);
  console.log(await writeWebp({ count, height, width, channels, data: data as Uint8Array, fps: CLIP.fps }, path));
}

const load = (arena: string, photo: string): Promise<Handle> =>
  session.loadPicture(arena, { path: resolve(files.get(photo)!) });

async function draw(image: Handle, settings: Partial<ClipSettings>, style?: Handle): Promise<Handle> {
  const clip = parseSettings(clipSchema, { ...CLIP, loop: loopOf(settings), ...settings });
  return session.decode(await session.encode(image, clip), clip, style);
}

/** The drawing that lies exactly over the photo's tile. */
async function still(image: Handle, model: ClipSettings['model']): Promise<Buffer> {
  const [, height, width] = image.shape as [number, number, number];
  const canvas = Math.ceil((TILE * Math.max(width, height)) / Math.min(width, height));
  const clip = parseSettings(clipSchema, { size: `${TILE}x${TILE}`, canvas, frames: 1, model });
  const frames = await session.decode(await session.encode(image, clip), clip, undefined, CENTRE);
  const { data, shape } = await session.read(frames, 0, 1);
  const raw = { width: TILE, height: TILE, channels: shape[3] as 1 | 3 };
  return sharp(data as Uint8Array, { raw })
    .toColourspace('srgb')
    .png()
    .toBuffer();
}

async function extra(arena: string, { kind, photos, settings }: Extra): Promise<Handle> {
  if (kind === 'video') {
    const video = parseSettings(videoSchema, { size: CLIP.size, fps: CLIP.fps });
    return session.openVideo(arena, join(SAMPLES, 'videos', 'nagasaki.webp'), video);
  }
  if (kind === 'scene') {
    const scene = parseSettings(sceneSchema, { layout: 'page', size: '340x480', stagger: 0 });
    const panels: Handle[] = [];
    for (const [index, size] of panelSizes(photos.length, scene)!.entries()) {
      panels.push(await draw(await load(arena, photos[index]!), { ...settings, size, seed: index + 1 }));
    }
    return session.compose(arena, panels, scene);
  }
  const page =
    kind === 'style' ? await session.loadPicture(arena, { path: join(SAMPLES, 'pages', 'bold.png') }) : undefined;
  return draw(await load(arena, photos[0]!), settings, page && (await session.encodeStyle(page)));
}

const rows = new Map<string, Buffer[]>();
for (const { photo, move } of PHOTOS) {
  if (!wanted(photo)) continue;
  const arena = await session.openArena(photo);
  const image = await load(arena, photo);
  const tile = sharp(files.get(photo)!).rotate().resize(TILE, TILE, { fit: 'cover' });
  const row: Buffer[] = [await tile.png().toBuffer()];
  for (const model of MODELS) {
    row.push(await still(image, model));
    await write(await draw(image, { ...move, model }), `${photo}-${model}`);
  }
  rows.set(photo, row);
  await session.closeArena(arena);
}
for (const each of EXTRAS) {
  if (!wanted(each.title)) continue;
  const arena = await session.openArena(each.title);
  await write(await extra(arena, each), each.title);
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

if (values.only) {
  if (rows.size > 0) await writeSheet([...rows.values()], 'images/gallery-only.webp');
  process.exit(0);
}
const sheets: string[] = [];
for (let from = 0; from < rows.size; from += ROWS) {
  const path = `images/gallery-${sheets.length + 1}.webp`;
  await writeSheet([...rows.values()].slice(from, from + ROWS), path);
  sheets.push(`![Photo, ink, pencil, webtoon](${path})`);
}
const heroes = (values.hero ?? []).flatMap((name) => (rows.has(name) ? [rows.get(name)!] : []));
if (heroes.length > 0) await writeSheet(heroes, 'images/styles.webp');
const moving = PHOTOS.map(({ photo, move }) => {
  const cells = MODELS.map((model) => `![${photo}, ${model}, ${move.motion}](gallery/${photo}-${model}.webp)`);
  return `| ${photo}: ${move.motion} | ${cells.join(' | ')} |`;
});
const more = EXTRAS.map(({ title, told }) => `| ${told} | ![${title}](gallery/${title}.webp) |`);
const credits = PHOTOS.map(({ photo, credit }) => `- ${photo}: ${credit}`);
const known = await readFile(join(docs, 'gallery.md'), 'utf8').catch(() => '');
const notes = known.includes(NOTES) ? known.slice(known.indexOf(NOTES)) : '';
const text = `# Gallery

Photos that training never saw, in the three styles that ship. Made by \`node scripts/gallery.ts PHOTOS docs\`; nothing was retouched.
The clips stand in the repository only: with them the npm package would be half as large again.

${sheets.join('\n\n')}

## Moving

| photo | ink | pencil | webtoon |
| --- | --- | --- | --- |
${moving.join('\n')}

## More than one motion

| | |
| --- | --- |
${more.join('\n')}

## The photos

All may be shown, changed and sold by anyone:

${credits.join('\n')}
${notes}`;
await writeFile(join(docs, 'gallery.md'), text);
