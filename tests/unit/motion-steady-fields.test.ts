import assert from 'node:assert/strict';
import test from 'node:test';
import type { FrameMotion, Geometry } from '../../lib/motion/frame-scalars.ts';
import { DEPTH_REACH, steadyFields } from '../../lib/motion/steady-fields.ts';

const BASES = 2;
const CHANNELS = 1 + 2 * BASES;
const drawn = { width: 390, height: 290 };
const padded = { width: 392, height: 296 };
const GEOMETRY: Geometry = { frame: { width: 300, height: 220 }, canvas: drawn, drawn, padded };
const [WIDTH, HEIGHT] = [padded.width / 4, padded.height / 4];
const LONG = drawn.width / 4;
const CENTRE = { x: 0, y: 0 };

const moving = (more: Partial<FrameMotion>): FrameMotion => ({
  ...{ zoom: 1, rotation: 0, panX: 0, panY: 0, parallaxX: 0, parallaxY: 0, dolly: 0 },
  weights: Array(BASES).fill(0),
  ...more,
});

/** Fields as a network gives them: a step in depth and in a basis, noise, and nonsense along the edges. */
const FIELDS = Float32Array.from({ length: WIDTH * HEIGHT * CHANNELS }, (_, i) => {
  const [x, y] = [Math.floor(i / CHANNELS) % WIDTH, Math.floor(i / CHANNELS / WIDTH)];
  const c = i % CHANNELS;
  if (x === 0 || y === 0 || x >= drawn.width / 4 - 1) return -0.4;
  const noise = 0.04 * Math.sin(12.9898 * x + 78.233 * y + c);
  const near = Math.hypot(x - 50, y - 36) < 15 ? 0.9 : 0.1;
  return c === 0 ? near + noise : c % 2 === 1 ? 0.6 * near : 0;
});

/** Nothing drawn. */
const BLANK = new Float32Array(padded.width * padded.height * 4);

const plane = (fields: Float32Array, c: number) =>
  Float32Array.from({ length: WIDTH * HEIGHT }, (_, i) => fields[i * CHANNELS + c]!);

function steepest(values: Float32Array): number {
  let most = 0;
  for (let y = 0; y + 1 < HEIGHT; y++) {
    for (let x = 0; x + 1 < WIDTH; x++) {
      const i = y * WIDTH + x;
      most = Math.max(most, Math.hypot(values[i + 1]! - values[i]!, values[i + WIDTH]! - values[i]!));
    }
  }
  return most;
}

/**
 * Determinants of the map from where the camera looks to what is drawn there, of all cells, from the fields as rendering samples
 * them: pixels a pixel. 1 where nothing is stretched; 0 where it folds.
 */
function areas(fields: Float32Array, motion: FrameMotion): number[] {
  const displaced = (x: number, y: number): [number, number] => {
    const at = (y * WIDTH + x) * CHANNELS;
    const depth = fields[at]! - 0.5;
    let u = depth * (motion.parallaxX * LONG + motion.dolly * (x - (drawn.width / 4 - 1) / 2));
    let v = depth * (motion.parallaxY * LONG + motion.dolly * (y - (drawn.height / 4 - 1) / 2));
    motion.weights.forEach((weight, k) => {
      u += weight * LONG * fields[at + 1 + 2 * k]!;
      v += weight * LONG * fields[at + 2 + 2 * k]!;
    });
    return [x + u, y + v];
  };
  const found: number[] = [];
  for (let y = 0; y + 1 < HEIGHT; y++) {
    for (let x = 0; x + 1 < WIDTH; x++) {
      const [here, right, below] = [displaced(x, y), displaced(x + 1, y), displaced(x, y + 1)];
      const [ax, ay] = [right[0] - here[0], right[1] - here[1]];
      const [bx, by] = [below[0] - here[0], below[1] - here[1]];
      found.push(ax * by - ay * bx);
    }
  }
  return found;
}

test('however far all that moves it moves it together, no area is pressed to less than .4 or stretched over 1.9', () => {
  for (const way of [0.02, 0.07, 0.14, 0.5]) {
    const one = moving({ parallaxX: way, parallaxY: -way / 2, dolly: 0.3, weights: [way, -way] });
    const other = moving({ parallaxX: -way, dolly: -0.3, weights: [-way, way] });
    const fields = steadyFields(FIELDS, [one, other], GEOMETRY, CENTRE, BLANK);
    for (const motion of [one, other]) {
      const found = areas(fields, motion);
      assert.ok(
        Math.min(...found) >= 0.4 && Math.max(...found) <= 1.9,
        `${way}: ${Math.min(...found)}, ${Math.max(...found)}`,
      );
      assert.ok(Math.max(...found) > 1.1, `${way}: it still moves ${Math.max(...found)}`);
      assert.ok(way < 0.07 || Math.min(...areas(FIELDS, motion)) < 0, 'it would have folded');
    }
  }
});

test('a mast on a ramp of ground: its foot and its tip move alike, its surroundings still lie behind each other', () => {
  const [mast, tip, foot] = [48, 14, 60];
  const ramp = Float32Array.from({ length: WIDTH * HEIGHT * CHANNELS }, (_, i) => {
    const [x, y] = [Math.floor(i / CHANNELS) % WIDTH, Math.floor(i / CHANNELS / WIDTH)];
    // The subject's own depth fades towards its tip, too.
    const subject = Math.abs(x - mast) < 3 && y >= tip && y <= foot ? 0.5 * ((y - tip) / (foot - tip)) : 0;
    return i % CHANNELS === 0 ? 0.5 * (y / HEIGHT) ** 2 + subject : 0;
  });
  const layers = new Float32Array(padded.width * padded.height * 4);
  for (let y = 4 * tip; y < 4 * foot; y++) {
    for (const side of [-5, 5]) {
      for (let x = 0; x < 3; x++) layers[(y * padded.width + 4 * mast + side + x) * 4] = 1;
    }
  }
  for (const parallaxX of [0.04, 0.1]) {
    const motions = [moving({ parallaxX }), moving({ parallaxX: -parallaxX })];
    const along = (drawing: Float32Array) => {
      const depth = plane(steadyFields(ramp, motions, GEOMETRY, { x: 0, y: 0.3 }, drawing), 0);
      const column = Array.from({ length: foot - tip - 1 }, (_, i) => depth[(tip + 1 + i) * WIDTH + mast]!);
      const range = Math.max(...depth) - Math.min(...depth);
      return { bend: Math.max(...column) - Math.min(...column), range };
    };
    const { bend, range } = along(layers);
    assert.ok(range > 0.3, `${parallaxX}: depth goes from end to end by ${range}`);
    assert.ok(bend < 0.1 * range, `${parallaxX}: foot and tip differ by ${bend} of ${range}`);
    assert.ok(along(BLANK).bend > 3 * bend, 'it is the drawing that says so');
  }
});

test('sway is as smooth as it needs to be, and nothing at the edges', () => {
  const fields = steadyFields(FIELDS, [moving({ weights: [0.1, 0] })], GEOMETRY, CENTRE, BLANK);
  const sway = plane(fields, 1);
  assert.ok(steepest(sway) * 0.1 * LONG < 0.6);
  assert.ok(Math.max(...sway) > 0.3, 'it still moves');
  for (let x = 0; x < WIDTH; x++) assert.ok(sway[x] === 0);
  assert.ok(
    plane(fields, 3).every((v) => v === 0),
    'a basis without weight is left out',
  );
});

test('a little motion leaves the fields nearly as they are', () => {
  const gentle = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.002 })], GEOMETRY, CENTRE, BLANK), 0);
  const strong = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.1 })], GEOMETRY, CENTRE, BLANK), 0);
  assert.ok(steepest(gentle) > 2 * steepest(strong), `${steepest(gentle)} and ${steepest(strong)}`);
});

test('the depth of the focal point stands still, within what the camera has room for', () => {
  const depthAt = (focal: { x: number; y: number }, x: number, y: number) =>
    plane(steadyFields(FIELDS, [moving({ parallaxX: 0.03 })], GEOMETRY, focal, BLANK), 0)[y * WIDTH + x]!;
  // The near disc is at .9: it comes as near to .5 as .7 is to it, and the background goes away from it.
  assert.ok(Math.abs(depthAt(CENTRE, 50, 36) - 0.7) < 0.06, String(depthAt(CENTRE, 50, 36)));
  const background = { x: -0.4, y: 0.4 };
  assert.ok(Math.abs(depthAt(background, 8, 64) - 0.3) < 0.06, String(depthAt(background, 8, 64)));
  for (const focal of [CENTRE, background, { x: 0.5, y: 0.5 }, { x: -0.5, y: -0.5 }]) {
    const depth = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.03 })], GEOMETRY, focal, BLANK), 0);
    assert.ok(depth.every((v) => Math.abs(v - 0.5) <= DEPTH_REACH + 1e-6));
  }
});

test('the edges repeat what is inside, not the nonsense that the network says there', () => {
  const depth = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.01 })], GEOMETRY, CENTRE, BLANK), 0);
  const inner = depth[30 * WIDTH + 8]!;
  assert.ok(Math.abs(depth[30 * WIDTH]! - inner) < 0.08, `${depth[30 * WIDTH]} beside ${inner}`);
});
