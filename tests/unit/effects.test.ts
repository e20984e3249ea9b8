import assert from 'node:assert/strict';
import test from 'node:test';
import { focusLines } from '../../lib/effects/focus-lines.ts';
import { drawEffects, type EffectSettings } from '../../lib/effects/frame-effects.ts';
import { speedLines } from '../../lib/effects/speed-lines.ts';
import { drawStroke, type Stroke } from '../../lib/effects/strokes.ts';
import type { FrameMotion, Geometry } from '../../lib/motion/frame-scalars.ts';
import type { Plates } from '../../lib/pipeline/raster/types.ts';
import { Random } from '../../lib/random.ts';

const WIDTH = 160;
const HEIGHT = 120;
const frame = { width: WIDTH, height: HEIGHT };
const canvas = { width: 1.16 * WIDTH, height: 1.16 * HEIGHT };
const GEOMETRY: Geometry = { frame, canvas, drawn: canvas, padded: canvas };

const grey = (value = 255): Plates => ({
  grey: new Uint8Array(WIDTH * HEIGHT).fill(value),
  line: null,
  tone: null,
  colour: null,
});
const inkOf = (bytes: Uint8Array) => bytes.reduce((sum, v) => sum + 255 - v, 0) / 255;

function motionOf(
  more: Partial<FrameMotion> & { focal?: { x: number; y: number }; flash?: boolean } = {},
): FrameMotion {
  const { focal = { x: 0, y: 0 }, flash = false, ...rest } = more;
  const still = { zoom: 1, rotation: 0, panX: 0, panY: 0, parallaxX: 0, parallaxY: 0, dolly: 0, weights: [] };
  return { ...still, staging: { focal, heading: 0, flash }, ...rest };
}

function framesOf(settings: Partial<EffectSettings>, motion = motionOf(), t = 0, plates = grey()): Uint8Array {
  drawEffects(plates, motion, t, GEOMETRY, { focusLines: 0, speedLines: 0, hold: 1, seed: 1, ...settings });
  return plates.grey!;
}

test('a stroke covers as much as it is large, whatever its angle and how thin it is', () => {
  for (const angle of [0, 0.3, Math.PI / 4, 1.2, Math.PI / 2, 2.5, 4]) {
    for (const [start, end] of [
      [3, 3],
      [0, 4],
      [2, 0],
      [0.2, 0.2],
    ] as const) {
      // The mean over places between pixels.
      const [area, shifts] = [45 * (start + end), 8];
      let ink = 0;
      for (let i = 0; i < shifts; i++) {
        const [x, y] = [80 + i / shifts, 60 + ((3 * i) % shifts) / shifts];
        const stroke: Stroke = { x, y, dx: Math.cos(angle), dy: Math.sin(angle), length: 45, start, end };
        const plates = grey();
        drawStroke(plates, WIDTH, HEIGHT, stroke, 'black');
        ink += inkOf(plates.grey!) / shifts;
        drawStroke(plates, WIDTH, HEIGHT, { ...stroke, start: start + 2, end: end + 2 }, 'white');
        assert.ok(inkOf(plates.grey!) < 0.12 * area + 2, 'white takes it away again');
      }
      assert.ok(Math.abs(ink - area) < 0.06 * area + 0.5, `${angle} ${start}-${end}: ${ink} for ${area}`);
    }
  }
});

test('strokes are anti-aliased, and those outside the frame draw nothing', () => {
  const plates = grey();
  drawStroke(plates, WIDTH, HEIGHT, { x: 10, y: 20, dx: 0.96, dy: 0.28, length: 120, start: 2, end: 2 }, 'black');
  const levels = new Set(plates.grey);
  assert.ok(levels.has(0) && levels.has(255) && levels.size > 20);
  const outside = grey();
  drawStroke(outside, WIDTH, HEIGHT, { x: -50, y: -20, dx: -1, dy: 0, length: 40, start: 5, end: 5 }, 'black');
  drawStroke(outside, WIDTH, HEIGHT, { x: 300, y: 60, dx: 0, dy: 1, length: 40, start: 5, end: 5 }, 'black');
  assert.ok(outside.grey!.every((v) => v === 255));
});

test('focus lines point at the focal point, sharp end first, and leave it clear', () => {
  const focal = { x: 60, y: 50 };
  for (const strength of [0.1, 0.5, 1]) {
    const lines = focusLines(new Random(3), WIDTH, HEIGHT, focal, strength);
    const halfDiagonal = Math.hypot(WIDTH, HEIGHT) / 2;
    for (const { x, y, dx, dy, start, end } of lines) {
      const [outX, outY] = [x - focal.x, y - focal.y];
      assert.ok(Math.abs(outX * dy - outY * dx) < 1e-6 && outX * dx + outY * dy > 0);
      assert.ok(Math.hypot(outX, outY) >= (0.6 - 0.25 * strength) * halfDiagonal - 1e-6);
      assert.ok(start === 0 && end > 0);
    }
  }
  const count = (strength: number) => focusLines(new Random(3), WIDTH, HEIGHT, focal, strength).length;
  assert.ok(count(1) > count(0.5) && count(0.5) > count(0.1));
});

test('speed lines run along the motion and end before the focal point', () => {
  const focal = { x: 90, y: 50 };
  for (const heading of [0, 0.7, Math.PI / 2, 3, -2]) {
    const lines = speedLines(new Random(5), WIDTH, HEIGHT, focal, heading, 0.8);
    for (const { x, y, dx, dy, length } of lines) {
      assert.ok(Math.abs(dx * Math.sin(heading) + dy * Math.cos(heading)) < 1e-9, 'parallel');
      for (const share of [0, 0.5, 1]) {
        const way = Math.hypot(x + share * length * dx - focal.x, y + share * length * dy - focal.y);
        assert.ok(way > 0.25 * Math.min(WIDTH, HEIGHT), `${heading}: ${way}`);
      }
    }
    assert.ok(
      lines.some(({ dx, dy }) => dx * Math.cos(heading) - dy * Math.sin(heading) > 0),
      'from behind',
    );
    assert.ok(
      lines.some(({ dx, dy }) => dx * Math.cos(heading) - dy * Math.sin(heading) < 0),
      'from ahead',
    );
  }
});

test('off, effects change nothing; the more, the more ink', () => {
  assert.ok(framesOf({}).every((v) => v === 255));
  const withoutStaging = { ...motionOf(), staging: undefined };
  assert.ok(
    framesOf({ focusLines: 1 }, withoutStaging).every((v) => v === 255),
    'a camera path has no effects',
  );
  for (const effect of ['focusLines', 'speedLines'] as const) {
    const ink = [0.2, 0.6, 1].map((strength) => inkOf(framesOf({ [effect]: strength })));
    assert.ok(ink[0]! > 50 && ink[1]! > ink[0]! && ink[2]! > ink[1]!, `${effect}: ${ink}`);
  }
});

test('on black, lines keep paper beside them', () => {
  const bytes = framesOf({ focusLines: 1 }, motionOf(), 0, grey(0));
  assert.ok(bytes.some((v) => v > 100));
});

test('lines are drawn anew on threes, on twos when drawings are held for two; same seed, same lines', () => {
  const settings = { focusLines: 0.5, speedLines: 0.5 };
  const at = (t: number, more = {}) =>
    Buffer.from(framesOf({ ...settings, ...more }, motionOf(), t)).toString('base64');
  assert.equal(at(0), at(2));
  assert.notEqual(at(2), at(3));
  assert.equal(at(3), at(5));
  assert.equal(at(0, { hold: 2 }), at(1, { hold: 2 }));
  assert.notEqual(at(0, { hold: 2 }), at(2, { hold: 2 }));
  assert.notEqual(at(0), at(0, { seed: 2 }));
});

test('lines follow the focal point as the camera sees it', () => {
  /** Middle of the paper that the lines leave. */
  const clear = (motion: FrameMotion) => {
    const bytes = framesOf({ focusLines: 1 }, motion);
    const sum = { x: 0, y: 0, n: 0 };
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        let free = true;
        for (let r = -8; r <= 8 && free; r += 4) {
          for (let c = -8; c <= 8; c += 4) {
            const [row, column] = [y + r, x + c];
            if (row < 0 || column < 0 || row >= HEIGHT || column >= WIDTH || bytes[row * WIDTH + column]! < 250)
              free = false;
          }
        }
        if (free) {
          sum.x += x;
          sum.y += y;
          sum.n++;
        }
      }
    }
    return { x: sum.x / sum.n, y: sum.y / sum.n };
  };
  const near = (a: { x: number; y: number }, x: number, y: number) =>
    assert.ok(Math.hypot(a.x - x, a.y - y) < 12, `${a.x},${a.y} for ${x},${y}`);
  near(clear(motionOf()), 79.5, 59.5);
  const focal = { x: 0.15, y: -0.1 };
  near(clear(motionOf({ focal })), 79.5 + 0.15 * canvas.width, 59.5 - 0.1 * canvas.height);
  near(clear(motionOf({ focal, panX: 0.15, panY: -0.1, zoom: 1.2 })), 79.5, 59.5);
});

test('the flash is the drawing inverted, in every ink', () => {
  const plates = grey();
  plates.grey!.set([0, 100, 255]);
  assert.deepEqual([...framesOf({}, motionOf({ flash: true }), 0, plates).subarray(0, 4)], [255, 155, 0, 0]);
  const inks: Plates = {
    grey: null,
    line: Uint8Array.from([255, 0, 0]),
    tone: Uint8Array.from([0, 128, 0]),
    colour: new Uint8Array(9).fill(70),
  };
  const small = { ...GEOMETRY, frame: { width: 3, height: 1 } };
  drawEffects(inks, motionOf({ flash: true }), 0, small, { focusLines: 0, speedLines: 0, hold: 1, seed: 1 });
  assert.deepEqual([...inks.line!], [0, 127, 255]);
  assert.ok(inks.tone!.every((v) => v === 0) && inks.colour!.every((v) => v === 255));
});

test('lines are printed in every ink: black over tone and colour, with paper beside', () => {
  const size = WIDTH * HEIGHT;
  const inks: Plates = {
    grey: null,
    line: new Uint8Array(size),
    tone: new Uint8Array(size).fill(200),
    colour: new Uint8Array(3 * size).fill(90),
  };
  drawEffects(inks, motionOf(), 0, GEOMETRY, { focusLines: 0.8, speedLines: 0, hold: 1, seed: 1 });
  assert.ok(inks.line!.includes(255) && inks.tone!.includes(0) && inks.tone!.includes(200));
  assert.ok(inks.colour!.includes(255) && inks.colour!.includes(90));
});
