import assert from 'node:assert/strict';
import test from 'node:test';
import type { Box, View } from '../../lib/data/camera.ts';
import { splitOf } from '../../lib/data/manga109/catalogue.ts';
import { hasMove, type MangaPage, planMove, showsText } from '../../lib/data/manga109/moves.ts';
import { readingOrder, sheetOf, splitSpread } from '../../lib/data/manga109/reading-order.ts';
import { Random } from '../../lib/random.ts';

const box = (x: number, y: number, width: number, height: number): Box => ({ x, y, width, height });

/** Frames named in the order in which they should be read; they are given in another. */
function order(frames: Readonly<Record<string, Box>>): string {
  const named = Object.entries(frames).map(([name, b]) => ({ name, box: b }));
  const random = new Random(1);
  const shuffled = named.map((frame) => ({ frame, at: random.uniform() })).sort((a, b) => a.at - b.at);
  return readingOrder(shuffled.map(({ frame }) => frame))
    .map(({ name }) => name)
    .join('');
}

test('rows top to bottom, right to left in each', () => {
  const frames = {
    a: box(0, 0, 100, 30),
    b: box(55, 35, 45, 30),
    c: box(0, 35, 50, 30),
    d: box(70, 70, 30, 30),
    e: box(35, 70, 30, 30),
    f: box(0, 70, 30, 30),
  };
  assert.equal(order(frames), 'abcdef');
});

test('a tall frame beside two others', () => {
  assert.equal(order({ a: box(60, 0, 40, 100), b: box(0, 0, 55, 45), c: box(0, 50, 55, 50) }), 'abc');
  assert.equal(order({ a: box(60, 0, 40, 45), b: box(60, 50, 40, 50), c: box(0, 0, 55, 100) }), 'abc');
});

test('frames that overlap a little are still cut', () => {
  assert.equal(order({ a: box(48, 0, 52, 52), b: box(0, 0, 51, 51), c: box(0, 49, 100, 51) }), 'abc');
});

test('where no gutter goes through, from the top right corner on', () => {
  // A pinwheel around e.
  const frames = {
    a: box(40, 0, 60, 30),
    b: box(0, 0, 35, 60),
    e: box(40, 35, 25, 30),
    c: box(70, 35, 30, 65),
    d: box(0, 65, 65, 35),
  };
  assert.equal(order(frames)[0], 'a');
  assert.equal([...order(frames)].sort().join(''), 'abcde');
  assert.equal(order({}), '');
});

test('a spread is split at its middle, the right page first, unless a frame crosses it', () => {
  const frames = [box(110, 10, 80, 80), box(10, 10, 92, 80)];
  const sheets = splitSpread(200, 100, frames);
  assert.deepEqual(
    sheets.map((sheet) => sheet.box),
    [box(100, 0, 100, 100), box(0, 0, 100, 100)],
  );
  assert.deepEqual(
    frames.map((frame) => sheets.indexOf(sheetOf(frame, sheets))),
    [0, 1],
  );
  const wide = splitSpread(200, 100, [...frames, box(20, 0, 160, 10)]);
  assert.deepEqual(wide, [{ box: box(0, 0, 200, 100), pageWidth: 100 }]);
  assert.deepEqual(splitSpread(100, 200, []), [{ box: box(0, 0, 100, 200), pageWidth: 100 }]);
});

test('the split depends on the seed and the title alone', () => {
  const titles = Array.from({ length: 2000 }, (_, i) => `Title${i}`);
  const held = (splitSeed: number) =>
    titles.filter((title) => splitOf(title, { splitSeed, validationShare: 0.1 }) === 'validation');
  assert.ok(held(1).length > 150 && held(1).length < 250, `${held(1).length} of 2000 held out`);
  assert.deepEqual(held(1), held(1));
  assert.notDeepEqual(held(1), held(2));
  const more = titles.filter((title) => splitOf(title, { splitSeed: 1, validationShare: 0.2 }) === 'validation');
  assert.ok(held(1).every((title) => more.includes(title)));
  assert.ok(titles.every((title) => splitOf(title, { splitSeed: 1, validationShare: 0 }) === 'train'));
});

const onPage = (panels: MangaPage['panels'], texts: readonly Box[] = []): MangaPage => ({
  title: 'T',
  file: 'f',
  width: 1000,
  height: 1000,
  box: box(0, 0, 1000, 1000),
  pageWidth: 1000,
  panels,
  texts,
});

/** Corners of a view must lie in the box. */
function assertInside({ x, y, side, angle }: View, within: Box): void {
  const half = (side * (Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle)))) / 2 - 1e-6;
  assert.ok(x - half >= within.x && x + half <= within.x + within.width, `x ${x} side ${side}`);
  assert.ok(y - half >= within.y && y + half <= within.y + within.height, `y ${y} side ${side}`);
}

test('a push ends centred on the face and stays in the frame', () => {
  const frame = box(100, 100, 700, 600);
  const face = box(400, 300, 120, 140);
  const sides = new Set<number>();
  for (let seed = 0; seed < 200; seed++) {
    const views = planMove(new Random(seed), onPage([{ box: frame, faces: [face] }]), 'face', 6)!;
    assert.equal(views.length, 6);
    for (const view of views) assertInside(view, frame);
    const last = views[5]!;
    assert.ok(Math.abs(last.x - 460) < 1e-6 && Math.abs(last.y - 370) < 1e-6, `ends at ${last.x}, ${last.y}`);
    assert.ok(last.side >= 160 && last.side <= 500);
    for (let t = 1; t < 6; t++) assert.ok(views[t]!.side < views[t - 1]!.side, 'it must come nearer');
    sides.add(last.side);
  }
  assert.ok(sides.size > 50);
});

test('towards a face in a corner, the view goes as far as the frame lets it', () => {
  const frame = box(100, 100, 700, 600);
  const views = planMove(new Random(1), onPage([{ box: frame, faces: [box(110, 105, 100, 100)] }]), 'face', 4)!;
  for (const view of views) assertInside(view, frame);
  const last = views[3]!;
  assert.ok(Math.abs(last.x - last.side / 2 - 100) < 1e-6 && Math.abs(last.y - last.side / 2 - 100) < 1e-6);
});

test('moves inside a frame never leave it, however small it is', () => {
  for (const frame of [box(50, 50, 800, 900), box(20, 700, 150, 140), box(0, 0, 1000, 130)]) {
    for (let seed = 0; seed < 100; seed++) {
      const views = planMove(new Random(seed), onPage([{ box: frame, faces: [] }]), 'inside', 6)!;
      for (const view of views) assertInside(view, frame);
      assert.ok(Math.max(...views.map((view) => view.side)) <= 500);
    }
  }
});

test('moves between frames go from one to the next in reading order', () => {
  const panels = [box(520, 0, 480, 480), box(0, 0, 480, 480), box(0, 520, 1000, 480)].map((b) => ({
    box: b,
    faces: [],
  }));
  const centres = panels.map(({ box: b }) => [b.x + b.width / 2, b.y + b.height / 2] as const);
  for (let seed = 0; seed < 100; seed++) {
    const views = planMove(new Random(seed), onPage(panels), 'between', 6)!;
    const onLeg = [0, 1].some((i) => {
      const [[ax, ay], [bx, by]] = [centres[i]!, centres[i + 1]!];
      const along = views.map(
        (v) => ((v.x - ax) * (bx - ax) + (v.y - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2),
      );
      const off = views.map((v, t) => Math.hypot(v.x - ax - along[t]! * (bx - ax), v.y - ay - along[t]! * (by - ay)));
      const forward = along.every((s, t) => s >= -1e-9 && s <= 1 + 1e-9 && (t === 0 || s >= along[t - 1]!));
      return forward && Math.max(...off) < 1e-6;
    });
    assert.ok(onLeg, `seed ${seed}`);
  }
});

test('what a page has not, it cannot be asked for', () => {
  const single = onPage([{ box: box(0, 0, 500, 500), faces: [] }]);
  assert.deepEqual(
    (['inside', 'face', 'between'] as const).map((kind) => hasMove(single, kind)),
    [true, false, false],
  );
  assert.equal(planMove(new Random(1), single, 'face', 6), null);
  assert.equal(planMove(new Random(1), single, 'between', 6), null);
  const tiny = onPage([{ box: box(0, 0, 60, 500), faces: [box(0, 0, 50, 50)] }]);
  assert.equal(hasMove(tiny, 'inside'), false);
});

test('balloons are seen', () => {
  const view: View = { x: 100, y: 100, side: 100, angle: 0 };
  assert.equal(showsText(view, [box(40, 40, 30, 30)]), true);
  assert.equal(showsText(view, [box(40, 40, 12, 12)]), false);
  assert.equal(showsText(view, [box(300, 300, 30, 30)]), false);
});
