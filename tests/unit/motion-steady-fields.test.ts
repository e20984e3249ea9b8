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

test('however far depth moves it, the picture is nowhere stretched or pressed by more than a half', () => {
  const raw = steepest(plane(FIELDS, 0));
  for (const parallaxX of [0.02, 0.07, 0.14, 0.5]) {
    const motions = [moving({ parallaxX }), moving({ parallaxX: -parallaxX, dolly: 0.1 })];
    const depth = plane(steadyFields(FIELDS, motions, GEOMETRY, CENTRE), 0);
    const slope = steepest(depth) * (parallaxX + 0.05) * LONG;
    assert.ok(slope <= 0.5 + 1e-4, `${parallaxX}: ${slope}`);
    assert.ok(parallaxX < 0.07 || raw * parallaxX * LONG > 0.9, 'it would have folded');
  }
});

test('sway is as smooth as it needs to be, and nothing at the edges', () => {
  const fields = steadyFields(FIELDS, [moving({ weights: [0.1, 0] })], GEOMETRY, CENTRE);
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
  const gentle = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.002 })], GEOMETRY, CENTRE), 0);
  const strong = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.1 })], GEOMETRY, CENTRE), 0);
  assert.ok(steepest(gentle) > 2 * steepest(strong));
});

test('the depth of the focal point stands still, within what the camera has room for', () => {
  const depthAt = (focal: { x: number; y: number }, x: number, y: number) =>
    plane(steadyFields(FIELDS, [moving({ parallaxX: 0.03 })], GEOMETRY, focal), 0)[y * WIDTH + x]!;
  // The near disc is at .9: it comes as near to .5 as .7 is to it, and the background goes away from it.
  assert.ok(Math.abs(depthAt(CENTRE, 50, 36) - 0.7) < 0.06, String(depthAt(CENTRE, 50, 36)));
  const background = { x: -0.4, y: 0.4 };
  assert.ok(Math.abs(depthAt(background, 8, 64) - 0.3) < 0.06, String(depthAt(background, 8, 64)));
  for (const focal of [CENTRE, background, { x: 0.5, y: 0.5 }, { x: -0.5, y: -0.5 }]) {
    const depth = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.03 })], GEOMETRY, focal), 0);
    assert.ok(depth.every((v) => Math.abs(v - 0.5) <= DEPTH_REACH + 1e-6));
  }
});

test('the edges repeat what is inside, not the nonsense that the network says there', () => {
  const depth = plane(steadyFields(FIELDS, [moving({ parallaxX: 0.01 })], GEOMETRY, CENTRE), 0);
  const inner = depth[30 * WIDTH + 8]!;
  assert.ok(Math.abs(depth[30 * WIDTH]! - inner) < 0.08, `${depth[30 * WIDTH]} beside ${inner}`);
});
