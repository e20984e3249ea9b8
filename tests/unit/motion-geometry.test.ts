import assert from 'node:assert/strict';
import test from 'node:test';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { canvasSize, frameSize, MAX_DRAWN, planDrawing, type Size } from '../../lib/motion/geometry.ts';
import { positionMap } from '../../lib/motion/position-map.ts';

const size = (width: number, height: number): Size => ({ width, height });
const badSetting = (error: unknown) => error instanceof MangaError && error.code === 'BAD_SETTING' && !!error.hint;

const PHOTOS = {
  landscape: size(4000, 3000),
  portrait: size(3000, 4000),
  square: size(700, 700),
  odd: size(641, 479),
  panorama: size(9000, 1100),
  tower: size(900, 9000),
  'one pixel': size(1, 1),
  strip: size(300, 1),
};

test('a frame has the photo’s shape and the long side asked for, or the size asked for, in even numbers', () => {
  assert.deepEqual(frameSize(PHOTOS.landscape, '512'), size(512, 384));
  assert.deepEqual(frameSize(PHOTOS.portrait, '512'), size(384, 512));
  assert.deepEqual(frameSize(PHOTOS['one pixel'], '512'), size(512, 512));
  assert.deepEqual(frameSize(PHOTOS.odd, '511'), size(512, 382));
  assert.deepEqual(frameSize(PHOTOS.landscape, '1920x1080'), size(1920, 1080));
  assert.deepEqual(frameSize(PHOTOS.portrait, '31x17'), size(32, 18));
});

test('a frame too small or too large to be encoded is refused, saying what to set', () => {
  for (const wrong of ['8', '5000', '14x512', '512x4098'])
    assert.throws(() => frameSize(size(9, 9), wrong), badSetting);
  assert.throws(() => frameSize(PHOTOS.strip, '512'), badSetting); // 512x2
});

for (const [name, photo] of Object.entries(PHOTOS)) {
  test(`a canvas just covers the frame, and what is drawn is a middle part of it: ${name}`, () => {
    for (const asked of ['512', '1920x1080', '200x600', '64x64']) {
      if (name === 'strip' && asked === '512') continue; // refused, see above
      const settings = { size: asked, canvas: 0, detail: 1 };
      const frame = frameSize(photo, asked);
      const canvas = canvasSize(photo, settings);
      const slack = Math.min(canvas.width / frame.width, canvas.height / frame.height);
      assert.ok(Math.abs(slack - 1) < 1e-9, `${asked}: ${slack}`);

      const { crop, drawn } = planDrawing(photo, settings);
      for (const [at, side] of [
        ['left', 'width'],
        ['top', 'height'],
      ] as const) {
        assert.ok(Number.isInteger(crop[at]) && Number.isInteger(crop[side]) && Number.isInteger(drawn[side]));
        assert.ok(crop[side] >= 1 && crop[at] >= 0 && crop[at] + crop[side] <= photo[side], `${asked}: outside`);
        assert.ok(Math.abs(photo[side] - crop[side] - 2 * crop[at]) <= 1, `${asked}: not the middle`);
        assert.ok(drawn[side] >= 8 && drawn[side] <= MAX_DRAWN, `${asked}: draws ${drawn[side]}`);
      }
      // Decoding knows the crop only: it must find the same canvas, cut.
      const cut = canvasSize(crop, settings);
      assert.ok(Math.abs(cut.width / crop.width - canvas.width / photo.width) < 1e-9);
      assert.ok(Math.abs(cut.height / crop.height - canvas.height / photo.height) < 1e-9);
    }
  });
}

test('what a clip could never see of a panorama is not drawn', () => {
  const { crop, drawn } = planDrawing(PHOTOS.panorama, { size: '200x200', canvas: 0, detail: 1 });
  assert.ok(crop.width < 3300 && crop.height === 1100);
  assert.ok(drawn.width / drawn.height < 3);
  const about = (x: number) =>
    planDrawing(PHOTOS.panorama, { size: '200x200', canvas: 0, detail: 1 }, { x, y: 0.4 }).crop;
  assert.equal(about(0.2).left + crop.width / 2, 0.7 * 9000, 'what is interesting lies in the middle of it');
  assert.deepEqual([about(-0.5).left, about(0.5).left + crop.width], [0, 9000], 'and it never leaves the photo');
  assert.deepEqual([about(0.2).top, about(0.2).width], [0, crop.width]);
});

test('a canvas that is given is drawn whole, pixel for pixel', () => {
  for (const [photo, canvas, expected] of [
    [PHOTOS.landscape, 800, size(800, 600)],
    [PHOTOS.portrait, 1600, size(1200, 1600)],
    [size(1000, 333), 500, size(500, 167)],
    [size(333, 1000), 500, size(167, 500)],
    [PHOTOS.panorama, 3000, size(3000, 367)],
    [PHOTOS['one pixel'], 64, size(64, 64)],
  ] as const) {
    const settings = { size: '64x64', canvas, detail: 1 };
    assert.deepEqual(canvasSize(photo, settings), expected);
    const { crop, drawn } = planDrawing(photo, settings);
    assert.deepEqual(drawn, expected);
    assert.deepEqual(crop, { left: 0, top: 0, ...photo });
  }
});

test('detail draws larger, but no larger than 1280 unless the canvas is', () => {
  const drawn = (detail: number, canvas: number, asked = '512') =>
    planDrawing(PHOTOS.landscape, { size: asked, canvas, detail }).drawn;
  assert.deepEqual(drawn(1, 512), size(512, 384));
  assert.deepEqual(drawn(1.5, 512), size(768, 576));
  assert.deepEqual(drawn(0.5, 800), size(400, 300));
  assert.deepEqual(drawn(2, 1000), size(1280, 960));
  assert.deepEqual(drawn(2, 1600), size(1600, 1200));
  const [plain, finer] = [drawn(1, 0), drawn(1.5, 0)];
  assert.ok(Math.abs(finer.width / plain.width - 1.5) < 0.01, `${plain.width} -> ${finer.width}`);
  assert.equal(drawn(1.5, 0, '1024').width, MAX_DRAWN);
});

test('a canvas that does not cover the frame is refused, saying what to do', () => {
  assert.throws(() => canvasSize(PHOTOS.landscape, { size: '512', canvas: 400 }), badSetting);
  assert.throws(() => planDrawing(PHOTOS.panorama, { size: '640x480', canvas: 640, detail: 1 }), badSetting);
  assert.doesNotThrow(() => planDrawing(PHOTOS.landscape, { size: '512', canvas: 512, detail: 1 }));
});

test('the position map runs from edge to edge, and a crop’s is a part of the whole’s', () => {
  const whole = size(64, 32);
  const { shape, data } = positionMap(whole, whole);
  assert.deepEqual(shape, [1, 8, 16, 2]);
  // Centres of 4-pixel cells: the first lies 2 pixels in.
  assert.deepEqual([data[0], data[1]], [4 / 64 - 1, 4 / 32 - 1]);
  assert.deepEqual([data.at(-2), data.at(-1)], [1 - 4 / 64, 1 - 4 / 32]);

  const crop = positionMap(whole, size(16, 8), { x: 20, y: 12 });
  for (let y = 0; y < 2; y++) {
    for (let x = 0; x < 4; x++) {
      const [at, from] = [(y * 4 + x) * 2, ((y + 3) * 16 + x + 5) * 2];
      assert.deepEqual([crop.data[at], crop.data[at + 1]], [data[from], data[from + 1]]);
    }
  }
});
