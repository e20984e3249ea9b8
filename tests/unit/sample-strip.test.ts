/** What a sample strip shows. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { framesAt, mostInk } from '../../lib/training/gan/sample-strip.ts';

test('of a batch the sequence with the most ink is shown: not the bare sky', () => {
  const [frames, side] = [2, 2];
  const size = frames * side * side;
  const batch = new Float32Array(3 * size).fill(1);
  batch.set([0.2, 0.9, 0, 1], size);
  batch[2 * size] = 0.4;
  assert.equal(mostInk(batch, size), 1);
  assert.deepEqual(
    framesAt(batch, 1, frames, side).map((frame) => [...frame]),
    [
      [51, 229, 0, 255],
      [255, 255, 255, 255],
    ],
  );
  // What a network gives beyond paper and ink is cut off.
  assert.deepEqual([...framesAt(Float32Array.of(-1, 2, 0.5, 1), 0, 1, 2)[0]!], [0, 255, 127, 255]);
});
