import assert from 'node:assert/strict';
import test from 'node:test';
import { flattenLight } from '../../lib/pipeline/flat-light.ts';

/** A ramp from black to white of one hue. */
function ramp(count: number): Float32Array {
  return Float32Array.from({ length: 4 * count }, (_, i) => {
    const light = Math.floor(i / 4) / (count - 1);
    return [0.3, light, 0.8 * light, 0.5 * light][i % 4]!;
  });
}

test('light falls in steps: flat between them, rising at them; lines, hues and order stay', () => {
  const before = ramp(1001);
  const after = before.slice();
  flattenLight(after);
  const red = (layers: Float32Array, i: number) => layers[4 * i + 1]!;
  const slopes: number[] = [];
  for (let i = 0; i < 1001; i++) {
    assert.equal(after[4 * i], before[4 * i], 'the line is not touched');
    if (red(after, i) > 0.01) {
      assert.ok(Math.abs(after[4 * i + 2]! / red(after, i) - 0.8) < 1e-3, 'hue');
      assert.ok(Math.abs(after[4 * i + 3]! / red(after, i) - 0.5) < 1e-3, 'hue');
    }
    if (i > 0) {
      assert.ok(red(after, i) >= red(after, i - 1) - 1e-6, 'never darker where it was lighter');
      slopes.push((red(after, i) - red(after, i - 1)) * 1000);
    }
    assert.ok(Math.abs(red(after, i) - red(before, i)) < 0.1, 'no colour moves by more than half a step');
  }
  slopes.sort((a, b) => a - b);
  assert.ok(slopes[200]! < 0.2, `a fifth is nearly flat, ${slopes[200]}`);
  assert.ok(slopes.at(-100)! > 1.5, `a tenth is steep, ${slopes.at(-100)}`);
});

test('black stays black, white stays white, what lies outside 0..1 is brought in', () => {
  const layers = Float32Array.of(0, 0, 0, 0, 0, 1, 1, 1, 0, 1.4, 1.2, -0.3);
  flattenLight(layers);
  assert.deepEqual([...layers.subarray(0, 4)], [0, 0, 0, 0]);
  for (const v of layers.subarray(5, 8)) assert.ok(Math.abs(v - 1) < 1e-3);
  for (const v of layers.subarray(9, 12)) assert.ok(v >= 0 && v <= 1.2);
});
