import assert from 'node:assert/strict';
import test from 'node:test';
import {
  CONTROLS,
  type Control,
  type Controls,
  FREE_AT,
  JITTER_AT,
  noiseOf,
  STILL,
} from '../../lib/motion/controls.ts';
import { frameMotion, type Geometry } from '../../lib/motion/frame-scalars.ts';
import { phaseFeatures } from '../../lib/motion/phases.ts';
import { trajectory } from '../../lib/motion/trajectory.ts';
import { CAMERA_OUTPUTS, PHASE_FEATURES } from '../../lib/network/blocks/motion-tcn.ts';
import { Random } from '../../lib/random.ts';

const BASES = 4;
const OUTPUTS = CAMERA_OUTPUTS + BASES;
const NOISE = 16;
const STEPS = 24;
const [ZOOM, ROTATION, PAN_X, PAN_Y, PARALLAX_X, PARALLAX_Y, DOLLY, SWAY, SWAY2, BREATH, RIPPLE] =
  Array(OUTPUTS).keys();

/** Which outputs each control drives. */
const DRIVES: Record<Control, (number | undefined)[]> = {
  panX: [PAN_X],
  panY: [PAN_Y],
  zoom: [ZOOM, DOLLY],
  rotation: [ROTATION],
  shake: [ROTATION, PAN_X, PAN_Y],
  parallax: [PARALLAX_X],
  orbit: [PAN_X, PARALLAX_X, PARALLAX_Y],
  sway: [SWAY, SWAY2, RIPPLE],
  breathe: [BREATH],
};

const close = (a: number, b: number) => Math.abs(a - b) < 1e-6;

/** Motion of some controls; the free noise is 0. */
function move(controls: Partial<Controls>, seamless = false): Float32Array {
  const all = Object.fromEntries(CONTROLS.map((name) => [name, controls[name] ?? 0])) as Controls;
  const z = noiseOf(all, STEPS, NOISE, 5);
  for (let i = 0; i < z.length; i++) if (i % NOISE >= FREE_AT) z[i] = 0;
  return trajectory(z, NOISE, phaseFeatures(0, STEPS, STEPS, 12, seamless), BASES);
}

/** The largest size of each output over the clip. */
const reach = (motion: Float32Array) =>
  Array.from({ length: OUTPUTS }, (_, output) =>
    Math.max(...Array.from({ length: STEPS }, (_, step) => Math.abs(motion[step * OUTPUTS + output]!))),
  );

for (const name of CONTROLS) {
  test(`control ${name} drives its own outputs, in proportion`, () => {
    const one = move({ [name]: 0.5 });
    const driven = reach(one).flatMap((size, output) => (size > 0.02 ? [output] : []));
    assert.deepEqual(driven, DRIVES[name]);
    assert.ok(reach(one).every((size, output) => size === 0 || driven.includes(output)));
    assert.ok(move({ [name]: 1 }).every((value, i) => close(value, 2 * one[i]!)));
    if (name === 'zoom') return;
    assert.ok(move({ [name]: -0.5 }).every((value, i) => close(value, -one[i]!)));
  });
}

test('zoom of either sign never leaves the canvas: in, or out from what is already enlarged', () => {
  const at = (motion: Float32Array, step: number) => motion[step * OUTPUTS + ZOOM!]!;
  const [zoomIn, zoomOut] = [move({ zoom: 1 }), move({ zoom: -1 })];
  assert.deepEqual([at(zoomIn, 0), at(zoomIn, STEPS - 1)], [0, 1]);
  assert.deepEqual([at(zoomOut, 0), at(zoomOut, STEPS - 1)], [1, 0]);
});

test('controls add up: none changes what another does', () => {
  const parts = CONTROLS.map((name, i) => move({ [name]: 0.9 - i / 10 }));
  const together = move(Object.fromEntries(CONTROLS.map((name, i) => [name, 0.9 - i / 10])));
  assert.ok(
    together.every((value, i) =>
      close(
        value,
        parts.reduce((sum, part) => sum + part[i]!, 0),
      ),
    ),
  );
});

test('no controls, no motion', () => {
  assert.ok(move({}).every((value) => value === 0));
});

test('noise: controls and free noise stay, jitter is fresh at every step; same seed, same noise', () => {
  const controls = { ...STILL, panX: 0.7, zoom: -0.4, sway: 0.2 };
  const z = noiseOf(controls, STEPS, NOISE, 9);
  assert.deepEqual(z, noiseOf(controls, STEPS, NOISE, 9));
  assert.notDeepEqual(z, noiseOf(controls, STEPS, NOISE, 10));
  const column = (i: number) => new Set(Array.from({ length: STEPS }, (_, step) => z[step * NOISE + i]));
  for (let i = 0; i < NOISE; i++) {
    const jitter = i >= JITTER_AT && i < FREE_AT;
    assert.equal(column(i).size, jitter ? STEPS : 1, `column ${i}`);
    if (jitter) assert.ok([...column(i)].every((value) => Math.abs(value!) <= 1));
    if (i < JITTER_AT) assert.ok(close([...column(i)][0]!, controls[CONTROLS[i]!]));
  }
});

test('phase: a seamless clip goes on into its own start', () => {
  for (const [length, fps] of [
    [24, 12],
    [7, 24],
    [60, 8],
  ] as const) {
    const features = phaseFeatures(-5, 2 * length + 5, length, fps, true);
    const row = (step: number) => features.subarray((step + 5) * PHASE_FEATURES, (step + 6) * PHASE_FEATURES);
    for (const step of [-5, -1, 0, 3])
      assert.ok(row(step).every((v, i) => Math.abs(v - row(step + length)[i]!) < 1e-5));
    assert.ok(features.every((v) => Math.abs(v) <= 1 + 1e-6));
    assert.ok(Array.from({ length }, (_, step) => row(step)[0]).every((v) => v === 1));
  }
});

test('phase: a plain clip goes from one end to the other and stands still outside', () => {
  const features = phaseFeatures(-3, 30, 24, 12, false);
  const row = (step: number) => Array.from(features.subarray((step + 3) * PHASE_FEATURES, (step + 4) * PHASE_FEATURES));
  assert.deepEqual(row(-3), row(0));
  assert.deepEqual(row(26), row(23));
  assert.deepEqual(row(0).slice(0, 3), [1, -1, 0]);
  assert.deepEqual(row(23).slice(0, 3), [1, 1, 1]);
  for (let step = 1; step < 24; step++) assert.ok(row(step)[1]! > row(step - 1)[1]!, 'the course goes one way');
});

test('a seamless motion ends as it starts', () => {
  const seamless = { panX: 1, panY: -0.5, zoom: 0.7, rotation: 0.4, parallax: 1, orbit: 0.6, sway: 1, breathe: 1 };
  const motion = move(seamless, true);
  const step = (a: number, b: number) =>
    Math.max(
      ...Array.from({ length: OUTPUTS }, (_, i) => Math.abs(motion[a * OUTPUTS + i]! - motion[b * OUTPUTS + i]!)),
    );
  const largest = Math.max(...Array.from({ length: STEPS - 1 }, (_, i) => step(i, i + 1)));
  assert.ok(step(STEPS - 1, 0) <= 1.05 * largest);
});

test('whatever the motion, the frame stays on the canvas', () => {
  const random = new Random(11);
  const frames = [
    [1920, 1080],
    [512, 512],
    [300, 1200],
    [1600, 200],
  ] as const;
  for (const [width, height] of frames) {
    const canvas = { width: width * 1.16, height: height * 1.16 };
    const geometry: Geometry = { frame: { width, height }, canvas, drawn: canvas, padded: canvas };
    for (let i = 0; i < 50; i++) {
      const motion = Float32Array.from({ length: OUTPUTS }, () => random.uniform(-2.5, 2.5));
      const { zoom, rotation, panX, panY } = frameMotion(motion, geometry);
      for (const [x, y] of [
        [width / 2, height / 2],
        [-width / 2, height / 2],
      ] as const) {
        const seenX = (Math.cos(rotation) * x - Math.sin(rotation) * y) / zoom;
        const seenY = (Math.sin(rotation) * x + Math.cos(rotation) * y) / zoom;
        assert.ok(Math.abs(seenX) + Math.abs(panX) * canvas.width <= canvas.width / 2 + 1e-6, `${width}x${height} x`);
        assert.ok(Math.abs(seenY) + Math.abs(panY) * canvas.height <= canvas.height / 2 + 1e-6, `${width}x${height} y`);
      }
    }
  }
});
