/** The screentone of style pages: found where there is one, at its period and angle, and carried into the print. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { automaticPeriod } from '../../lib/motion/frame-scalars.ts';
import { canvasSize, planDrawing } from '../../lib/motion/geometry.ts';
import { findScreen, type PageScreen } from '../../lib/pipeline/page-screen/page-screen.ts';
import { steerScreen } from '../../lib/pipeline/page-screen/steer-screen.ts';
import type { Pixels, Style } from '../../lib/pipeline/types.ts';
import type { ClipSettings } from '../../lib/settings/settings.ts';
import { openVideo } from '../../lib/video/open-video.ts';
import { videoSchema } from '../../lib/video/settings.ts';
import { clipOf, photoOf, pipeline, settingsOf } from './pipeline-support.ts';

const SIZE = { width: 480, height: 640 };
const photo = photoOf(160, 120);
const ROOT = Math.sqrt(SIZE.width * SIZE.height);

/** Lines, a balloon with letters and a black shape, as SVG. */
const DRAWING = `<svg width="480" height="640">${Array.from(
  { length: 20 },
  (_, i) =>
    `<path d="M${(i * 97) % 480} ${(i * 53) % 300} Q${(i * 31) % 480} ${(i * 71) % 640} ${(i * 119) % 480} ${
      250 + ((i * 41) % 380)
    }" stroke="black" stroke-width="${1 + (i % 4)}" fill="none"/>`,
).join('')}<path d="M300 420 l120 40 l-90 110z"/><ellipse cx="170" cy="190" rx="80" ry="60" fill="white"
  stroke="black" stroke-width="3"/><text x="110" y="200" font-size="26">Where are</text></svg>`;

/** A page, scanned as JPEG. @param dots their period and angle in a part of the page, and where the screen function is ink */
async function page(dots: { period: number; angle: number; ink: number } | null): Promise<Uint8Array> {
  const { width, height } = SIZE;
  const data = new Uint8Array(width * height).fill(255);
  const wave = dots ? (2 * Math.PI) / dots.period : 0;
  const [cos, sin] = dots ? [Math.cos((dots.angle * Math.PI) / 180), Math.sin((dots.angle * Math.PI) / 180)] : [0, 0];
  for (let y = 90; dots && y < 520; y++) {
    for (let x = 60; x < 400; x++) {
      let covered = 0;
      for (let k = 0; k < 9; k++) {
        const [px, py] = [x + ((k % 3) - 1) / 3, y + (Math.floor(k / 3) - 1) / 3];
        const screen = Math.cos(wave * (px * cos + py * sin)) + Math.cos(wave * (py * cos - px * sin));
        covered += 0.5 + 0.25 * screen > dots.ink ? 1 : 0;
      }
      data[y * width + x] = 255 - Math.round((255 * covered) / 9);
    }
  }
  const drawn = sharp(data, { raw: { ...SIZE, channels: 1 } }).composite([{ input: Buffer.from(DRAWING) }]);
  const scan = await drawn.jpeg({ quality: 85 }).toBuffer();
  return sharp(scan).toColourspace('b-w').raw().toBuffer();
}

const asPicture = (grey: Uint8Array): Pixels => ({
  ...SIZE,
  data: Uint8Array.from({ length: grey.length * 3 }, (_, i) => grey[Math.floor(i / 3)]!),
});

test('period and angle of dots under lines and letters', async () => {
  for (const dots of [
    { period: 2.6, angle: 45, ink: 0.72 },
    { period: 3.4, angle: 45, ink: 0.5 },
    { period: 5, angle: 30, ink: 0.3 },
    { period: 6.5, angle: 60, ink: 0.85 },
    { period: 7, angle: 15, ink: 0.72 },
    { period: 9, angle: 88, ink: 0.5 },
    { period: 11, angle: 0, ink: 0.72 },
  ]) {
    const name = JSON.stringify(dots);
    const screen = findScreen(await page(dots), SIZE.width, SIZE.height);
    assert.ok(screen, name);
    assert.ok(Math.abs(screen.period * ROOT - dots.period) < 0.02 * dots.period, `${name}: ${screen.period * ROOT}`);
    const off = Math.abs(screen.angle - dots.angle);
    assert.ok(Math.min(off, 90 - off) < 1, `${name}: ${screen.angle}`);
    assert.ok(screen.confidence > 0.5 && screen.confidence <= 1, `${name}: ${screen.confidence}`);
  }
});

test('pages without dots have no screen: lines, a photo, paper, noise, less than a patch', async () => {
  const { width, height } = SIZE;
  assert.equal(findScreen(await page(null), width, height), null);
  const grey = Uint8Array.from({ length: 160 * 120 }, (_, i) => photo.data[3 * i]!);
  assert.equal(findScreen(grey, 160, 120), null);
  assert.equal(findScreen(new Uint8Array(width * height).fill(255), width, height), null);
  const noise = Uint8Array.from({ length: width * height }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 13) & 255);
  assert.equal(findScreen(noise, width, height), null);
  assert.equal(findScreen(new Uint8Array(40 * 40), 40, 40), null);
});

test('steering: what the user set stays, shares blend, no page makes dots too fine or too coarse', () => {
  const automatic = { screenPeriod: 0, screenAngle: 45 };
  const canvas = { width: 400, height: 400 };
  const screen = (period: number, angle: number): PageScreen => ({ period: period / 800, angle, confidence: 1 });
  const steer = (settings: typeof automatic, ...parts: { screen: PageScreen | null; share: number }[]) => {
    const { screenPeriod, screenAngle } = steerScreen(settings, parts, canvas, 4);
    return [screenPeriod, screenAngle].map((value) => Math.round(value * 1e6) / 1e6);
  };
  assert.deepEqual(steer(automatic, { screen: screen(6, 30), share: 1 }), [6, 30]);
  assert.deepEqual(steer(automatic, { screen: screen(1, 30), share: 1 })[0], 3);
  assert.deepEqual(steer(automatic, { screen: screen(40, 30), share: 1 })[0], 10);
  assert.deepEqual(steer({ screenPeriod: 0, screenAngle: 20 }, { screen: screen(6, 30), share: 1 }), [6, 20]);
  assert.deepEqual(steer({ screenPeriod: 7, screenAngle: 45 }, { screen: screen(6, 30), share: 1 }), [7, 45]);
  assert.deepEqual(steer(automatic, { screen: screen(6, 30), share: 0 }), [0, 45]);
  assert.deepEqual(steer(automatic, { screen: null, share: 1 }), [0, 45]);
  // A quarter of the way from 4 to 8 in ratios; the other page has no dots.
  const blended = steer(automatic, { screen: screen(8, 45), share: 0.25 }, { screen: null, share: 0.75 });
  assert.deepEqual(blended, [Math.round(4 * 2 ** 0.25 * 1e6) / 1e6, 45]);
  // 85 and 5 degrees meet at 0, not at 45.
  const [, angle] = steer(automatic, { screen: screen(6, 85), share: 0.5 }, { screen: screen(6, 5), share: 0.5 });
  assert.ok(Math.min(angle!, 90 - angle!) < 1e-3, String(angle));
});

test('a clip is printed with the dots of its style page, unless a period is set', async () => {
  const dotted = await page({ period: 6, angle: 20, ink: 0.6 });
  const style = await pipeline.encodeStyle([asPicture(dotted)]);
  const lines = await pipeline.encodeStyle([asPicture(await page(null))]);
  const frame = async (settings: Partial<ClipSettings>, of: Style) =>
    (await clipOf(photo, { frames: 1, size: '96', ...settings }, of)).frames[0]!;
  const settings = settingsOf({ size: '96' });
  const { drawn } = planDrawing(photo, settings);
  const canvas = canvasSize(photo, settings);
  const automatic = automaticPeriod({ drawn, canvas });
  const screen = findScreen(dotted, SIZE.width, SIZE.height)!;
  const expected = steerScreen(settings, [{ screen, share: 1 }], canvas, automatic);
  assert.ok(Math.abs(expected.screenAngle - 20) < 1 && expected.screenPeriod !== automatic);
  assert.deepEqual(await frame({}, style), await frame(expected, style));
  assert.notDeepEqual(await frame({}, style), await frame({ screenPeriod: automatic }, style));
  assert.deepEqual(await frame({}, lines), await frame({ screenPeriod: automatic }, lines));
});

test('a video is printed with the dots of its style page', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'page-screen-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'video.gif');
  const { width, height } = photo;
  const frames = Buffer.concat([photo.data, photo.data.toReversed()]);
  const raw = { width, height: 2 * height, channels: 3, pageHeight: height } as const;
  await sharp(frames, { raw })
    .gif({ delay: [100, 100] })
    .toFile(file);
  const dotted = await page({ period: 6, angle: 20, ink: 0.6 });
  const style = await pipeline.encodeStyle([asPicture(dotted)]);
  const drawn = async (settings: object) => {
    const video = await openVideo(file, videoSchema.parse({ size: '160', ...settings }), { pipeline, style });
    const bytes = await video.render(0, 2);
    video.dispose();
    return bytes;
  };
  const screen = findScreen(dotted, SIZE.width, SIZE.height)!;
  const asPage = steerScreen({ screenPeriod: 0, screenAngle: 45 }, [{ screen, share: 1 }], photo, 4);
  const automatic = await drawn({});
  assert.deepEqual(automatic, await drawn(asPage));
  assert.notDeepEqual(automatic, await drawn({ screenPeriod: 4 }));
});
