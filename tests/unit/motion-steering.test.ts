import assert from 'node:assert/strict';
import test from 'node:test';
import { composeMotions } from '../../lib/motion/compose.ts';
import { CONTROLS, noiseOf } from '../../lib/motion/controls.ts';
import { ease, easeRows } from '../../lib/motion/easing.ts';
import type { FrameMotion, Geometry } from '../../lib/motion/frame-scalars.ts';
import type { CanvasPoint, Size } from '../../lib/motion/geometry.ts';
import { phaseFeatures } from '../../lib/motion/phases.ts';
import { DEPTH_REACH } from '../../lib/motion/steady-fields.ts';
import { steeringOf } from '../../lib/motion/steering.ts';
import { trajectory } from '../../lib/motion/trajectory.ts';
import { CAMERA_OUTPUTS } from '../../lib/network/blocks/motion-tcn.ts';
import { type ClipSettings, clipSchema, EASINGS, MOTIONS } from '../../lib/settings/settings.ts';

const BASES = 4;
const OUTPUTS = CAMERA_OUTPUTS + BASES;
const NOISE = 16;
const CENTRE = { x: 0, y: 0 };

function geometryOf(frame: Size, canvas: Size): Geometry {
  return { frame, canvas, drawn: canvas, padded: canvas };
}
/** Of a canvas that is given. */
const LARGER = 1.16;
const SQUARE = geometryOf({ width: 400, height: 400 }, { width: 400, height: 400 });

const settingsOf = (settings: Partial<Record<keyof ClipSettings, unknown>>): ClipSettings => clipSchema.parse(settings);

/** The motion of a clip, of a network that has learned its label (trajectory.ts) perfectly. */
function motionsOf(
  given: Partial<Record<keyof ClipSettings, unknown>>,
  geometry = SQUARE,
  focal: CanvasPoint = CENTRE,
): FrameMotion[] {
  const settings = settingsOf(given);
  const { frames, fps, loop, easing, seed } = settings;
  const steering = steeringOf(settings);
  const z = noiseOf(steering.controls, frames, NOISE, seed);
  const rows = trajectory(z, NOISE, phaseFeatures(0, frames, frames, fps, loop === 'seamless'), BASES);
  const frame = (t: number) => rows.subarray(t * OUTPUTS, (t + 1) * OUTPUTS);
  const uneased = Array.from({ length: frames }, (_, t) => frame(t));
  return composeMotions(
    steering.eased && loop !== 'seamless' ? easeRows(uneased, easing) : uneased,
    settings,
    steering,
    focal,
    geometry,
  );
}

const first = (motions: readonly FrameMotion[]) => motions[0]!;
const last = (motions: readonly FrameMotion[]) => motions.at(-1)!;

test('easings begin at 0, end at 1, and are what their names say', () => {
  for (const easing of EASINGS) {
    assert.equal(Math.abs(ease(easing, 0)) < 1e-9, true, easing);
    assert.equal(Math.abs(ease(easing, 1) - 1) < 1e-9, true, easing);
  }
  const step = (easing: ClipSettings['easing'], p: number) => ease(easing, p + 0.1) - ease(easing, p);
  assert.ok(step('ease-in', 0) < step('linear', 0) && step('ease-in', 0.9) > step('linear', 0.9));
  assert.ok(step('ease-out', 0) > step('linear', 0) && step('ease-out', 0.9) < step('linear', 0.9));
  assert.ok(step('ease-in-out', 0) < 0.05 && step('ease-in-out', 0.9) < 0.05 && step('ease-in-out', 0.45) > 0.1);
  const peak = Math.max(...Array.from({ length: 100 }, (_, i) => ease('overshoot', i / 100)));
  assert.ok(peak > 1.05 && peak < 1.15);
});

test('easing changes when a clip gets where, not from where to where; a seamless loop does not use it', () => {
  const zoom = (easing: string, more = {}) => motionsOf({ motion: 'zoom', easing, ...more }).map((m) => m.zoom);
  const middle = EASINGS.map((easing) => zoom(easing)[8]!);
  assert.equal(new Set(middle).size, EASINGS.length);
  for (const easing of EASINGS) {
    assert.ok(Math.abs(zoom(easing)[0]! - 1) < 1e-6, easing);
    assert.ok(Math.abs(zoom(easing)[23]! - zoom('linear')[23]!) < 1e-6, easing);
    assert.deepEqual(zoom(easing, { loop: 'seamless' }), zoom('linear', { loop: 'seamless' }));
  }
});

test('a pan goes where it is told: sides, and angles in pixels of the picture', () => {
  const wide = geometryOf({ width: 400, height: 200 }, { width: 400 * LARGER, height: 200 * LARGER });
  const way = (direction: string | number) => {
    const motions = motionsOf({ motion: 'pan', direction, amount: 0.5 }, wide);
    return [
      (last(motions).panX - first(motions).panX) * wide.canvas.width,
      (last(motions).panY - first(motions).panY) * wide.canvas.height,
    ] as [number, number];
  };
  const [[rightX, rightY], [leftX], [upX, upY], [, downY]] = (['right', 'left', 'up', 'down'] as const).map(way) as [
    [number, number],
    [number, number],
    [number, number],
    [number, number],
  ];
  assert.ok(rightX > 30 && Math.abs(rightY) < 3, `right ${rightX} ${rightY}`);
  assert.ok(leftX < -30);
  assert.ok(upY < -15 && Math.abs(upX) < 3, `up ${upX} ${upY}`);
  assert.ok(downY > 15);
  for (const angle of [20, 135, -60]) {
    const [x, y] = way(angle);
    const turned = (Math.atan2(-y, x) * 180) / Math.PI;
    assert.ok(Math.abs(turned - angle) < 6, `${angle} became ${turned}`);
  }
});

test('in and out, left and right', () => {
  const change = (motion: string, direction: string, of: 'zoom' | 'rotation' | 'dolly' | 'parallaxX') => {
    const motions = motionsOf({ motion, direction });
    return last(motions)[of] - first(motions)[of];
  };
  assert.ok(change('zoom', 'in', 'zoom') > 0.2 && change('zoom', 'out', 'zoom') < -0.2);
  assert.ok(change('dolly', 'in', 'zoom') > 0.1 && change('dolly', 'out', 'zoom') < -0.1);
  // Negative: what is near grows more than what is far.
  assert.ok(change('dolly', 'in', 'dolly') < -0.1 && change('dolly', 'out', 'dolly') > 0.1);
  assert.equal(change('zoom', 'in', 'dolly'), 0);
  assert.ok(change('rotate', 'right', 'rotation') * change('rotate', 'left', 'rotation') < 0);
  assert.ok(change('parallax', 'right', 'parallaxX') * change('parallax', 'left', 'parallaxX') < 0);
  const orbit = (direction: string) => motionsOf({ motion: 'orbit', direction })[6]!.parallaxX;
  assert.ok(orbit('left') * orbit('right') < 0);
});

test('a direction that a motion cannot take is refused, saying which it can', () => {
  for (const [motion, direction, takes] of [
    ['zoom', 'left', /'zoom' cannot take the direction 'left'\. It takes in, out/],
    ['dolly', '30', /in, out/],
    ['pan', 'in', /left, right, up, down, an angle/],
    ['orbit', 'up', /left, right, or auto/],
    ['sway', 'out', /left, right, up, down, an angle/],
  ] as const) {
    assert.throws(() => motionsOf({ motion, direction }), { code: 'BAD_SETTING', message: takes });
  }
  for (const wrong of ['sideways', '1e3', '12345', '']) {
    assert.equal(clipSchema.safeParse({ direction: wrong }).success, false, wrong);
  }
  assert.equal(clipSchema.parse({ direction: -22.5 }).direction, '-22.5');
});

test('a focal point is two fractions', () => {
  for (const right of ['auto', '0,1', '0.5,.25', '1.0, 0', '.3 , 0.75']) {
    assert.equal(clipSchema.parse({ focal: right }).focal, right);
  }
  for (const wrong of ['0.5', '2,0', '-0.1,0.5', '0.5;0.5', 'middle', '0.5,0.5,0.5', '1.5,0']) {
    const result = clipSchema.safeParse({ focal: wrong });
    assert.match(result.error!.issues[0]!.message, /two fractions/, wrong);
  }
});

test('zoom and dolly bring the focal point nearer to the middle of the frame', () => {
  const focal = { x: 0.22, y: -0.18 };
  for (const [motion, direction] of [
    ['zoom', 'in'],
    ['dolly', 'in'],
    ['zoom', 'out'],
  ] as const) {
    const motions = motionsOf({ motion, direction }, SQUARE, focal);
    const near = direction === 'in' ? last(motions) : first(motions);
    const far = direction === 'in' ? first(motions) : last(motions);
    const seen = (m: FrameMotion) => Math.hypot((focal.x - m.panX) * m.zoom, (focal.y - m.panY) * m.zoom);
    assert.ok(seen(near) < 0.9 * seen(far), `${motion} ${direction}: ${seen(far)} to ${seen(near)}`);
  }
});

test('every named motion differs from every other, and amount 0 stands still', () => {
  const named = MOTIONS.filter((motion) => motion !== 'auto');
  const courses = named.map((motion) => motionsOf({ motion, seed: 3 }));
  courses.forEach((a, i) => {
    courses.forEach((b, j) => {
      if (i < j) assert.ok(distance(a, b) > 0.02, `${named[i]} and ${named[j]}: ${distance(a, b)}`);
    });
  });
  for (const motion of MOTIONS) {
    const { controls } = steeringOf(settingsOf({ motion, amount: 0 }));
    assert.ok(CONTROLS.every((name) => controls[name] === 0));
    const half = steeringOf(settingsOf({ motion, amount: 0.5, seed: 9 })).controls;
    const whole = steeringOf(settingsOf({ motion, seed: 9 })).controls;
    assert.ok(CONTROLS.every((name) => Math.abs(whole[name]) <= 1 && half[name] === whole[name] / 2));
  }
});

/** The largest difference of any part of two motions, in their natural units. */
function distance(a: readonly FrameMotion[], b: readonly FrameMotion[]): number {
  const parts = ({ zoom, rotation, panX, panY, parallaxX, parallaxY, dolly, weights }: FrameMotion) =>
    [Math.log(zoom), rotation, panX, panY, parallaxX, parallaxY, dolly, ...weights] as number[];
  return Math.max(...a.flatMap((m, t) => parts(m).map((v, i) => Math.abs(v - parts(b[t]!)[i]!))));
}

test('auto: eight seeds in a row, eight motions that differ pairwise by much', () => {
  for (const from of [0, 1, 777]) {
    const courses = Array.from({ length: 8 }, (_, i) => motionsOf({ seed: from + i }));
    courses.forEach((a, i) => {
      for (const b of courses.slice(i + 1)) assert.ok(distance(a, b) > 0.05, `seed ${from + i}: ${distance(a, b)}`);
    });
    assert.deepEqual(courses[0], motionsOf({ seed: from }));
    const moves = courses.map((course) => Math.max(...course.map((m) => distance(course.slice(0, 1), [m]))));
    assert.ok(
      moves.every((way) => way > 0.04),
      String(moves),
    );
  }
});

test('auto keeps to a direction that is given', () => {
  for (let seed = 0; seed < 8; seed++) {
    const pan = motionsOf({ seed, direction: 'left' });
    assert.ok(last(pan).panX - first(pan).panX < -0.03, `left, seed ${seed}`);
    const out = motionsOf({ seed, direction: 'out' });
    assert.ok(last(out).zoom < first(out).zoom - 0.1, `out, seed ${seed}`);
  }
});

test('whatever is asked, the frame stays on the canvas', () => {
  const geometries = [
    SQUARE,
    geometryOf({ width: 512, height: 288 }, { width: 512 * LARGER, height: 288 * LARGER }),
    geometryOf({ width: 200, height: 200 }, { width: 200 * 2.9, height: 200 }),
    geometryOf({ width: 300, height: 300 }, { width: 300, height: 300 }),
  ];
  for (const geometry of geometries) {
    const { frame, canvas } = geometry;
    for (const motion of MOTIONS) {
      for (const seed of [0, 1, 2, 3, 4, 5, 6, 7]) {
        const given = { motion, seed, amount: 2, impact: 1, frames: 12, easing: 'overshoot' };
        for (const move of motionsOf(given, geometry, { x: 0.5, y: -0.5 })) {
          const { zoom, rotation, panX, panY } = move;
          const long = Math.max(canvas.width, canvas.height);
          for (const sign of [1, -1]) {
            for (const depth of [DEPTH_REACH, -DEPTH_REACH]) {
              const [x, y] = [(sign * frame.width) / 2, frame.height / 2];
              // As frame-scalars.ts and render-frames.ts do it, for disparities about .5.
              const scale = (1 - move.dolly / 2) / zoom;
              const seenX = (Math.cos(rotation) * x - Math.sin(rotation) * y) * scale;
              const seenY = (Math.sin(rotation) * x + Math.cos(rotation) * y) * scale;
              for (const side of [1, -1]) {
                const at = [side * seenX + panX * canvas.width, side * seenY + panY * canvas.height] as const;
                const grown = 1 + (0.5 + depth) * move.dolly;
                const farX = grown * at[0] + depth * move.parallaxX * long;
                const farY = grown * at[1] + depth * move.parallaxY * long;
                const place = `${motion}, seed ${seed}: ${farX},${farY} of ${canvas.width}x${canvas.height}`;
                assert.ok(Math.abs(farX) <= canvas.width / 2 + 0.01, place);
                assert.ok(Math.abs(farY) <= canvas.height / 2 + 0.01, place);
              }
            }
          }
        }
      }
    }
  }
});

test('an impact hits at a third of the clip, in one drawing, and has died away at the end', () => {
  for (const hold of [1, 2, 3]) {
    const given = { motion: 'sway', frames: 30, hold, seed: 4 };
    const [calm, hit] = [motionsOf(given), motionsOf({ ...given, impact: 1 })];
    const thrown = hit.map(({ panX, panY }, t) => [panX - calm[t]!.panX, panY - calm[t]!.panY] as const);
    const jolt = thrown.map(([x, y]) => Math.hypot(x, y));
    const flashes = hit.flatMap(({ staging }, t) => (staging!.flash ? [t] : []));
    assert.deepEqual(
      flashes,
      Array.from({ length: hold }, (_, i) => Math.floor(10 / hold) * hold + i),
    );
    assert.ok(jolt.slice(0, flashes[0]).every((way) => way === 0));
    assert.ok(jolt[flashes[0]!]! > 0.03 && jolt.at(-1)! < 0.002, String(jolt));
    // Thrown to alternate sides, drawing by drawing.
    const [[x, y], [nextX, nextY]] = [thrown[flashes[0]!]!, thrown[flashes[0]! + hold]!];
    assert.ok(x * nextX + y * nextY < 0);
    const softer = motionsOf({ ...given, impact: 0.3 });
    assert.ok(Math.abs(softer[flashes[0]!]!.panX) < Math.abs(hit[flashes[0]!]!.panX));
  }
});
