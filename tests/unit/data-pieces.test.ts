import assert from 'node:assert/strict';
import test from 'node:test';
import { ByteCache } from '../../lib/data/byte-cache.ts';
import { blendViews, keepInside, placeMoves, randomMoves } from '../../lib/data/camera.ts';
import { pickUsable } from '../../lib/data/pick-usable.ts';
import { deviation, greyOf, levelFor, rasterOf, sampleView } from '../../lib/data/raster.ts';
import { datasetSchema, type PagesSettings, stylesIn } from '../../lib/data/settings.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { Random } from '../../lib/random.ts';
import { parseSettings } from '../../lib/settings/settings.ts';

/** Brightness grows to the right by 1 and downwards by 2 a pixel. */
function ramp(width: number, height: number) {
  const grey = Uint8Array.from({ length: width * height }, (_, i) => (i % width) + 2 * Math.floor(i / width));
  return rasterOf({ width, height, grey });
}

test('a view shows what lies there, enlarged, reduced and turned', () => {
  const page = ramp(60, 50);
  const brightness = (x: number, y: number) => (x - 0.5 + 2 * (y - 0.5)) / 255;
  for (const side of [8, 16, 40]) {
    const view = { x: 30, y: 25, side, angle: 0.3 };
    const out = new Float32Array(16 * 16);
    const level = levelFor(page, [view], 16);
    assert.equal(level.grey === page.half, side === 40);
    sampleView(level.grey, level.views[0]!, 16, out);
    for (const [u, v] of [
      [0, 0],
      [15, 3],
      [7, 12],
    ] as const) {
      const [a, b] = [((u + 0.5) / 16 - 0.5) * side, ((v + 0.5) / 16 - 0.5) * side];
      const x = 30 + Math.cos(0.3) * a - Math.sin(0.3) * b;
      const y = 25 + Math.sin(0.3) * a + Math.cos(0.3) * b;
      assert.ok(Math.abs(out[v * 16 + u]! - brightness(x, y)) < 0.004, `side ${side} at ${u}, ${v}`);
    }
  }
});

test('beyond the edge the edge goes on; fine stripes become grey', () => {
  const out = new Float32Array(64);
  sampleView(ramp(20, 20), { x: -40, y: -40, side: 8, angle: 0 }, 8, out);
  assert.ok(out.every((v) => v === 0));
  const stripes = rasterOf({ width: 64, height: 64, grey: Uint8Array.from({ length: 4096 }, (_, i) => (i % 2) * 255) });
  for (const side of [16, 24, 48]) {
    const view = { x: 32.3, y: 32, side, angle: 0 };
    const level = levelFor(stripes, [view], 8);
    sampleView(level.grey, level.views[0]!, 8, out);
    assert.ok(
      out.every((v) => Math.abs(v - 0.5) < 0.17),
      `side ${side}: ${deviation(out)}`,
    );
  }
});

test('grey and deviation', () => {
  assert.deepEqual([...greyOf(Uint8Array.of(255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255, 0))], [255, 0, 76, 149]);
  assert.equal(deviation(Float32Array.of(0, 1, 0, 1)), 0.5);
});

test('camera moves start from the generator’s and stay in the box', () => {
  const box = { x: 10, y: 20, width: 300, height: 200 };
  let moved = 0;
  for (let seed = 0; seed < 100; seed++) {
    const random = new Random(seed);
    const moves = randomMoves(random, 6);
    assert.equal(moves.length, 6);
    const views = placeMoves(random, moves, box, seed % 2 ? 120 : 500);
    for (const view of views) {
      const kept = keepInside(view, box);
      assert.ok(Math.hypot(kept.x - view.x, kept.y - view.y) < 1e-6, `seed ${seed}`);
    }
    const [first, last] = [views[0]!, views[5]!];
    if (Math.hypot(last.x - first.x, last.y - first.y) > 0.5 || Math.abs(last.side - first.side) > 0.5) moved++;
  }
  assert.ok(moved > 70, `${moved} of 100 move`);
});

test('views blend from one to the other', () => {
  const a = { x: 0, y: 0, side: 100, angle: 0 };
  const b = { x: 10, y: 20, side: 25, angle: 1 };
  assert.deepEqual(blendViews(a, b, 0), a);
  assert.deepEqual(blendViews(a, b, 0.5), { x: 5, y: 10, side: 50, angle: 0.5 });
});

test('the cache keeps the newest up to its limit, and remembers what is unusable', async () => {
  const cache = new ByteCache<string>(10, (value) => value.length);
  const made: string[] = [];
  const load = (key: string, value: string | null) =>
    cache.load(key, async () => {
      made.push(key);
      return value;
    });
  await load('a', '1234');
  await load('b', '1234');
  await load('bad', null);
  await load('a', '1234');
  await load('c', '1234');
  assert.equal(cache.bytes, 8);
  await load('a', '1234');
  await load('bad', null);
  assert.deepEqual(made, ['a', 'b', 'bad', 'c']);
  await load('b', '1234');
  assert.deepEqual(made, ['a', 'b', 'bad', 'c', 'b']);
  assert.equal(await load('large', 'x'.repeat(100)), 'x'.repeat(100));
  assert.equal(cache.bytes, 100);
});

test('an unusable entry is passed over', async () => {
  const load = async (n: number) => (n % 2 ? n : null);
  for (let seed = 0; seed < 10; seed++) {
    const picked = await pickUsable(new Random(seed), [0, 1, 2, 3], load);
    assert.ok(picked && picked.value % 2 === 1);
  }
  assert.equal(await pickUsable(new Random(1), [0, 2], load), null);
});

test('settings: defaults, one folder or several, text from forms, mistakes by name', () => {
  const photos = parseSettings(datasetSchema, { kind: 'photos', photos: 'p', batch: '4', side: '64' });
  assert.ok(photos.kind === 'photos');
  assert.deepEqual(photos.photos, ['p']);
  assert.deepEqual([photos.batch, photos.side, photos.frames, stylesIn(photos).length], [4, 64, 6, 4]);
  assert.equal(stylesIn({ medium: 'colour', styles: ['webtoon-bold'] })[0]!.colour!.vivid, 1.5);
  assert.throws(() => stylesIn({ medium: 'pencil', styles: ['ink'] }), /ink is not drawn in pencil/);
  const manga = parseSettings(datasetSchema, { kind: 'manga109', root: 'r', photos: ['p', 'q'] });
  assert.ok(manga.kind === 'manga109');
  assert.deepEqual([manga.split, manga.validationShare, manga.paired, manga.moves.length], ['train', 0.1, false, 3]);
  const refused = (settings: unknown, message: RegExp) =>
    assert.throws(
      () => parseSettings(datasetSchema, settings),
      (error) => error instanceof MangaError && error.code === 'BAD_SETTING' && message.test(error.message),
    );
  const paired = (value: unknown) =>
    parseSettings(datasetSchema, { kind: 'pages', pages: 'p', photos: 'q', paired: value }) as PagesSettings;
  assert.deepEqual([paired('true').paired, paired('false').paired], [true, false]);
  refused({ kind: 'pages', pages: 'p', photos: 'q', paired: 'no' }, /paired: must be true or false/);
  refused({ kind: 'films' }, /kind/);
  refused({ kind: 'photos', photos: '' }, /photos: must name at least one folder/);
  refused({ kind: 'photos', photos: 'p', side: 100 }, /side/);
  refused({ kind: 'manga109', root: 'r', photos: 'p', annotations: '../x' }, /annotations: must be/);
});
