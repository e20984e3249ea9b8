import assert from 'node:assert/strict';
import test from 'node:test';
import { LAYERS } from '../../lib/network/blocks/canonical-decoder.ts';
import { Random } from '../../lib/random.ts';
import { FLOW_BASES, flowBases } from '../../lib/render/depth.ts';
import { DrawnSet, PAGE_SIDE, type PairedBatch } from '../../lib/training/drawn-set.ts';
import { scheduleAt } from '../../lib/training/schedule.ts';
import { holdOut } from '../../lib/training/train-generator.ts';
import { placedPhoto } from './training-photos.ts';

const WIDTH = 200;
const HEIGHT = 148;
const SIDE = 32;
const FIELDS = 1 + 2 * FLOW_BASES;
const photo = placedPhoto(WIDTH, HEIGHT);
const bases = flowBases(photo.targets);
const set = new DrawnSet([photo], 64);

/** Where crop b lies, as its photo tells: its first pixel in the photo, and whether it is mirrored. */
function placeOf(batch: PairedBatch, b: number) {
  const pixel = (u: number, v: number, c: number) =>
    Math.round((batch.photo[((b * SIDE + v) * SIDE + u) * 3 + c]! + 1) * 127.5);
  const flip = pixel(1, 0, 0) < pixel(0, 0, 0);
  return { x: pixel(flip ? SIDE - 1 : 0, 0, 0), y: pixel(0, 0, 1), flip };
}

test('photo, layers, fields and position of a crop show the same place, mirrored or not', () => {
  const batch = set.batch(new Random(1), 24, SIDE, 1);
  const places = Array.from({ length: batch.size }, (_, b) => placeOf(batch, b));
  assert.deepEqual(new Set(places.map(({ flip }) => flip)), new Set([true, false]));
  assert.ok(new Set(places.map(({ x, y }) => `${x},${y}`)).size > 12, 'places are drawn at random');
  const quarter = SIDE / 4;
  places.forEach(({ x, y, flip }, b) => {
    assert.ok(x % 4 === 0 && y % 4 === 0 && x + SIDE <= WIDTH && y + SIDE <= HEIGHT, `${x},${y}`);
    for (let v = 0; v < SIDE; v++) {
      for (let u = 0; u < SIDE; u++) {
        const at = (b * SIDE + v) * SIDE + u;
        const [px, py] = [x + (flip ? SIDE - 1 - u : u), y + v];
        [px, py, (px + py) >> 1].forEach((value, c) => {
          assert.ok(Math.abs(batch.photo[at * 3 + c]! - (value / 127.5 - 1)) < 1e-6);
        });
        const { line, tone } = photo.drawings[1]!;
        const [drawn, light, dark, black] = batch.layers.subarray(at * LAYERS, (at + 1) * LAYERS);
        assert.ok(Math.abs(drawn! - line[py * WIDTH + px]! / 255) < 1e-6);
        const same = [-1, 0, 1].every((dy) =>
          [-1, 0, 1].every((dx) => tone[(py + dy) * WIDTH + px + dx] === tone[py * WIDTH + px]),
        );
        // Away from edges a place is wholly in or out of each tone; at edges in between.
        const level = tone[py * WIDTH + px]! / 85;
        if (same)
          assert.deepEqual(
            [light, dark, black],
            [1, 2, 3].map((step) => (level >= step ? 1 : 0)),
          );
        else assert.ok([light!, dark!, black!].every((value) => value >= 0 && value <= 1));
      }
    }
    for (let v = 0; v < quarter; v++) {
      for (let u = 0; u < quarter; u++) {
        const at = (b * quarter + v) * quarter + u;
        const [cx, cy] = [x / 4 + (flip ? quarter - 1 - u : u), y / 4 + v];
        const cell = cy * (WIDTH / 4) + cx;
        const fields = batch.fields.subarray(at * FIELDS, (at + 1) * FIELDS);
        assert.ok(Math.abs(fields[0]! - photo.targets.disparity[cell]! / 255) < 1e-6);
        const expected = bases.subarray(cell * 2 * FLOW_BASES, (cell + 1) * 2 * FLOW_BASES);
        // Breathing goes outwards on either side; up and down stays.
        assert.ok(Math.abs(fields[5]! - (flip ? -1 : 1) * expected[4]!) < 1e-6);
        for (const c of [2, 4, 6, 8]) assert.ok(Math.abs(fields[c]! - expected[c - 1]!) < 1e-6);
        const [where, height] = batch.position.subarray(at * 2, at * 2 + 2);
        assert.ok(Math.abs(where! - (flip ? -1 : 1) * ((2 * (4 * cx + 2)) / WIDTH - 1)) < 1e-6);
        assert.ok(Math.abs(height! - ((2 * (4 * cy + 2)) / HEIGHT - 1)) < 1e-6);
      }
    }
  });
});

test('tone edges rise from 0 to 1 over few pixels, alike mirrored', () => {
  const batch = set.batch(new Random(5), 40, SIDE, 0);
  let edges = 0;
  for (let b = 0; b < batch.size; b++) {
    const { x, flip } = placeOf(batch, b);
    const edge = WIDTH / 2 + 1 - x; // the first column of the other tone
    if (edge < 4 || edge > SIDE - 4) continue;
    edges++;
    const light = (u: number) => batch.layers[((b * SIDE + 2) * SIDE + (flip ? SIDE - 1 - u : u)) * LAYERS + 1]!;
    const rise = [-2, -1, 0, 1].map((step) => light(edge + step));
    const upper = placeOf(batch, b).y + 4 < HEIGHT / 2;
    assert.deepEqual(rise, upper ? [0, 0.25, 0.75, 1] : [1, 1, 1, 1]);
  }
  assert.ok(edges >= 3, `${edges} crops show the edge`);
});

test('style pages: grey in -1..1, of their style, drawn at random', () => {
  const { page, size } = set.batch(new Random(2), 3, SIDE);
  assert.equal(page.length, size * PAGE_SIDE * PAGE_SIDE);
  assert.ok(page.every((v) => v >= -1 && v <= 1));
  const ink = (style: number) => {
    const random = new Random(3);
    let sum = 0;
    for (let i = 0; i < 4; i++) sum += set.page(random, style).filter((v) => v < 0).length;
    return sum;
  };
  assert.ok(ink(1) > ink(0), 'style 1 has twice the lines');
});

test('same random state, same batch', () => {
  const [a, b, c] = [7, 7, 8].map((seed) => set.batch(new Random(seed), 2, SIDE));
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
});

test('photos smaller than a crop or a page are left out', () => {
  assert.equal(new DrawnSet([placedPhoto(120, 200), photo], 64).size, 1);
  assert.equal(new DrawnSet([photo], 160).size, 0);
  assert.equal(new DrawnSet([], 64).size, 0);
});

test('the split holds every tenth photo out, and stays when photos are added at the end', () => {
  const photos = Array.from({ length: 25 }, (_, i) => ({ ...photo, file: `${i}` }));
  const { training, heldOut } = holdOut(photos);
  assert.deepEqual(
    heldOut.map(({ file }) => file),
    ['9', '19'],
  );
  assert.deepEqual(
    [...training, ...heldOut].sort((a, b) => Number(a.file) - Number(b.file)),
    photos,
  );
  assert.deepEqual(holdOut(photos.slice(0, 15)).heldOut, heldOut.slice(0, 1));
  assert.deepEqual(holdOut([photo]), { training: [photo], heldOut: [] });
});

test('schedule: first drawing, then motion; rates fall within each', () => {
  const moments = Array.from({ length: 1001 }, (_, i) => scheduleAt(i / 1000));
  const start = moments.findIndex(({ phase }) => phase === 'motion');
  assert.ok(start > 500 && start < 950);
  assert.ok(moments.every(({ phase }, i) => phase === (i < start ? 'drawing' : 'motion')));
  const falls = (rates: number[]) => rates.every((rate, i) => i === 0 || rate < rates[i - 1]!);
  assert.ok(falls(moments.slice(0, start).map(({ rate }) => rate)));
  assert.ok(falls(moments.slice(start).map(({ rate }) => rate)));
  assert.ok(falls(moments.slice(start).map(({ pathRate }) => pathRate)));
  const close = (a: number, b: number) => Math.abs(a - b) < 0.01 * b;
  assert.ok(close(moments[0]!.rate, 1e-3) && close(moments[start - 1]!.rate, 1e-4 + (1e-3 - 1e-4) / start));
  assert.ok(close(moments[start]!.rate, 4e-4) && close(moments[start]!.pathRate, 1e-3));
  assert.ok(close(moments[1000]!.rate, 2e-5) && close(moments[1000]!.pathRate, 2e-5));
});
