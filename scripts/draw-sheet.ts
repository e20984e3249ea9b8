/**
 * Draws photos and lays them out for looking: one row a photo, the photo and then one page per style.
 * Usage: node scripts/draw-sheet.ts PHOTO... OUT.png
 */
import { performance } from 'node:perf_hooks';
import sharp, { type OverlayOptions } from 'sharp';
import { compose } from '../lib/render/compose.ts';
import { drawPhoto } from '../lib/render/draw.ts';
import { decodePhoto } from '../lib/render/photo.ts';
import { DRAWING_STYLES } from '../lib/render/style.ts';

const longSide = 512;
const gap = 8;
const photos = process.argv.slice(2, -1);
const out = process.argv.at(-1);
if (!out || photos.length === 0) {
  console.error('Usage: node scripts/draw-sheet.ts PHOTO... OUT.png');
  process.exit(2);
}

const tiles: OverlayOptions[] = [];
let top = 0;
for (const file of photos) {
  const rgb = await decodePhoto(file, longSide);
  const { width, height } = rgb;
  const start = performance.now();
  const drawings = drawPhoto(
    rgb,
    DRAWING_STYLES.map((s) => s.style),
  );
  console.log(
    `${file}: ${width} x ${height}, ${Math.round(performance.now() - start)} ms for ${drawings.length} styles`,
  );
  tiles.push({ input: Buffer.from(rgb.data), raw: { width, height, channels: 3 }, left: 0, top });
  drawings.forEach((drawing, k) => {
    const page = compose(drawing, { screenPeriod: 5, screenAngleDeg: 45 });
    tiles.push({
      input: Buffer.from(page),
      raw: { width, height, channels: 1 },
      left: (k + 1) * (longSide + gap),
      top,
    });
  });
  top += height + gap;
}
const sheetWidth = (DRAWING_STYLES.length + 1) * (longSide + gap) - gap;
await sharp({ create: { width: sheetWidth, height: top - gap, channels: 3, background: '#808080' } })
  .composite(tiles)
  .png()
  .toFile(out);
