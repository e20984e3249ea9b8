import assert from 'node:assert/strict';
import test from 'node:test';
import type { Pixels } from '../../lib/pipeline/types.ts';
import { FLOW_BASES, flowBases, motionTargets } from '../../lib/render/depth.ts';

/** A red standing figure (x 80..120, y 50..160) before a pale wall; 202 x 181 px. */
function figure(): Pixels {
  const width = 202;
  const height = 181;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const y = Math.floor(i / width);
    const inside = x >= 80 && x < 120 && y >= 50 && y < 160;
    data.set(inside ? [190, 40, 30] : [210, 215, 220], 3 * i);
  }
  return { width, height, data };
}

const targets = motionTargets(figure());
const at = (map: Uint8Array, x: number, y: number) => map[Math.floor(y / 4) * targets.width + Math.floor(x / 4)];

test('maps are a quarter of the picture, rounded up', () => {
  assert.deepEqual([targets.width, targets.height], [51, 46]);
  assert.equal(targets.subject.length, 51 * 46);
  assert.equal(targets.disparity.length, 51 * 46);
});

test('the figure is the subject and nearer than the wall beside it', () => {
  assert.ok(at(targets.subject, 100, 100) > 200, `inside ${at(targets.subject, 100, 100)}`);
  assert.ok(at(targets.subject, 20, 100) < 30, `outside ${at(targets.subject, 20, 100)}`);
  assert.ok(at(targets.disparity, 100, 100) > at(targets.disparity, 20, 100) + 60);
  assert.ok(at(targets.disparity, 20, 175) > at(targets.disparity, 20, 10), 'what is low is nearer');
});

test('disparity never rises so fast that parallax of 4 quarter pixels folds', () => {
  const { width, height, disparity } = targets;
  for (let y = 0; y < height; y++) {
    for (let x = 1; x < width; x++) {
      const step = Math.abs(disparity[y * width + x] - disparity[y * width + x - 1]) / 255;
      assert.ok(step < 0.25, `step ${step} at ${x}, ${y}`);
    }
  }
});

test('a picture of one colour has no subject and finite maps', () => {
  const flat = motionTargets({ width: 40, height: 30, data: new Uint8Array(3600).fill(128) });
  assert.equal(Math.max(...flat.subject), 0);
  assert.ok(flowBases(flat).every(Number.isFinite));
});

test('a 1 x 1 picture has 1 x 1 maps', () => {
  const tiny = motionTargets({ width: 1, height: 1, data: new Uint8Array(3) });
  assert.deepEqual([tiny.width, tiny.height], [1, 1]);
});

test('flow bases: unit length, still at the foot and on the background, growing to the tip', () => {
  const { width, height } = targets;
  const bases = flowBases(targets);
  assert.equal(bases.length, width * height * FLOW_BASES * 2);
  const vector = (k: number, x: number, y: number) => {
    const p = ((Math.floor(y / 4) * width + Math.floor(x / 4)) * FLOW_BASES + k) * 2;
    return [bases[p], bases[p + 1]];
  };
  for (let k = 0; k < FLOW_BASES; k++) {
    let longest = 0;
    for (let i = 0; i < width * height; i++) {
      longest = Math.max(longest, Math.hypot(bases[(i * FLOW_BASES + k) * 2], bases[(i * FLOW_BASES + k) * 2 + 1]));
    }
    assert.ok(Math.abs(longest - 1) < 1e-5, `basis ${k}: ${longest}`);
  }
  for (const k of [0, 1, 2]) {
    const [x, y] = vector(k, 8, 172);
    assert.ok(Math.hypot(x, y) < 0.02, `basis ${k} moves the background`);
  }
  assert.ok(Math.hypot(...vector(0, 100, 156)) < 0.05, 'the foot stands');
  assert.ok(vector(0, 100, 60)[0] > vector(0, 100, 100)[0] && vector(0, 100, 100)[0] > 0.1);
  assert.equal(vector(0, 100, 60)[1], 0);
  assert.ok(vector(1, 100, 60)[0] < 0 && vector(1, 100, 120)[0] > 0, 'the second mode is S-shaped');
  assert.ok(vector(2, 88, 100)[0] < 0 && vector(2, 112, 100)[0] > 0, 'breathing expands');
  assert.ok(Math.hypot(...vector(3, 100, 100)) < 0.1, 'the ripple leaves the subject alone');
});

test('flow bases are smooth: no jump over .25 between neighbours', () => {
  const bases = flowBases(targets);
  const row = targets.width * FLOW_BASES * 2;
  for (let p = row; p < bases.length; p++) assert.ok(Math.abs(bases[p] - bases[p - row]) < 0.25);
});
