/** Drawings measured as pages: lib/metrics/drawn-pages.ts. */
import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { drawnPages, pageDistance } from '../../lib/metrics/drawn-pages.ts';
import { loadSmallFeatures } from '../../lib/metrics/features/small.ts';
import { cropsOfPages } from '../../lib/metrics/page-crops.ts';
import { photoSubject } from '../../lib/metrics/photo-subject.ts';
import type { Picture } from '../../lib/metrics/picture.ts';
import { styleStatistics } from '../../lib/metrics/set-distance.ts';
import type { Photo, Subject } from '../../lib/metrics/subject.ts';
import { temporaryFolder } from './media-support.ts';

const photos: readonly Photo[] = Array.from({ length: 6 }, (_, i) => ({ name: String(i), file: `${i}.jpg` }));

/** Draws each photo as `draw` says. */
function subject(draw: (photo: number, x: number, y: number) => number): Subject {
  return {
    ...photoSubject(null),
    panel: async ({ name }, { width, height }) => ({
      ...{ width, height, channels: 1 as const },
      data: Uint8Array.from({ length: width * height }, (_, i) => draw(Number(name), i % width, Math.floor(i / width))),
    }),
  };
}

const at = ({ data, width }: Picture, x: number, y: number) => data[y * width + x];

test('six photos are two pages, read from the right, with borders and white between the panels', async () => {
  const pages = await drawnPages(
    subject((photo) => 100 + photo),
    photos,
  );
  assert.deepEqual(
    pages!.map(({ width, height, channels }) => [width, height, channels]),
    [
      [830, 1170, 1],
      [830, 1170, 1],
    ],
  );
  const [first, second] = pages!;
  assert.equal(at(first!, 1, 1), 255, 'margin');
  // wide-top: the first panel above, then right, then left; tall-first: the first panel to the right.
  assert.deepEqual([at(first!, 400, 200), at(first!, 700, 900), at(first!, 100, 900)], [100, 101, 102]);
  assert.deepEqual([at(second!, 700, 600), at(second!, 100, 200), at(second!, 100, 1000)], [103, 104, 105]);
  const row = [...first!.data.subarray(900 * 830, 901 * 830)];
  const runs = row
    .filter((value, x) => x === 0 || value !== row[x - 1])
    .filter((value) => [0, 255, 101, 102].includes(value));
  assert.deepEqual(runs, [255, 0, 102, 0, 255, 0, 101, 0, 255], 'border, picture, border, white …');
});

test('pages have the distance of their crops; too few photos or no drawing have none', async (t) => {
  const network = await loadSmallFeatures();
  t.after(() => network.close());
  const stripes = subject((photo, x, y) => (((x + y) >> (1 + photo)) & 1 ? 255 : 0));
  const own = await drawnPages(stripes, photos);
  const pages = await styleStatistics(network, cropsOfPages('own', own!, { size: 256 }));
  assert.equal(await pageDistance(stripes, photos, network, pages), 0, 'the same crops of the same pages');
  const grey = await pageDistance(
    subject(() => 128),
    photos,
    network,
    pages,
  );
  assert.ok(grey! > 0.3, String(grey));
  assert.equal(await pageDistance(stripes, photos.slice(0, 3), network, pages), null);
  const absent: Subject = {
    ...stripes,
    panel: async ({ name }) => (name === '5' ? null : stripes.panel(photos[0]!, { width: 9, height: 9 })),
  };
  assert.equal(await pageDistance(absent, photos, network, pages), null);
});

test('a photo fills its panel: covered, cut in the middle', async (t) => {
  const file = path.join(temporaryFolder(t), 'halves.png');
  const half = { create: { width: 200, height: 100, channels: 3 as const, background: '#fff' } };
  await sharp({ create: { width: 400, height: 100, channels: 3, background: '#000' } })
    .composite([{ input: await sharp(half).png().toBuffer(), left: 200, top: 0 }])
    .png()
    .toFile(file);
  const panel = await photoSubject(null).panel({ name: 'halves', file }, { width: 60, height: 120 });
  assert.deepEqual([panel!.width, panel!.height], [60, 120]);
  const middle = [...panel!.data.subarray(60 * 60 * 3, 61 * 60 * 3)];
  assert.deepEqual([middle[0], middle.at(-1)], [0, 255]);
});
