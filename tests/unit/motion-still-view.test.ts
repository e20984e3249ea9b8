/** Which frame of a clip a photo is laid over, and how. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { FrameMotion } from '../../lib/motion/frame-scalars.ts';
import { readStillView, stillView } from '../../lib/motion/still-view.ts';

const AT_REST: FrameMotion = {
  ...{ zoom: 1, rotation: 0, panX: 0, panY: 0, parallaxX: 0, parallaxY: 0, dolly: 0 },
  weights: [0, 0],
};
const GEOMETRY = { frame: { width: 500, height: 250 }, canvas: { width: 600, height: 300 } };

test('a pan is compared where it crosses the middle, a zoom where it is farthest away', () => {
  const pan = [-0.06, -0.02, 0.01, 0.05].map((panX) => ({ ...AT_REST, panX }));
  assert.deepEqual(stillView(pan, [0, 1, 2, 3], GEOMETRY), {
    ...{ frame: 2, frames: 4, width: 1.2, height: 1.2, panX: 0.01, panY: 0, rotation: 0 },
  });
  const zoom = [1.3, 1.2, 1.1].map((each) => ({ ...AT_REST, zoom: each }));
  // Drawings that are held: each is shown twice.
  const view = stillView(zoom, [0, 0, 1, 1, 2, 2], GEOMETRY)!;
  assert.deepEqual([view.frame, view.frames], [4, 6]);
  assert.ok(Math.abs(view.width - 1.32) < 1e-9);
});

test('what bends the picture counts more than what the photo can follow; an inverted frame is not chosen', () => {
  const bent = { ...AT_REST, parallaxX: 0.03 };
  const moved = { ...AT_REST, panX: 0.05, rotation: 0.01 };
  assert.equal(stillView([bent, moved], [0, 1], GEOMETRY)!.frame, 1);
  const staging = { focal: { x: 0, y: 0 }, heading: 0, flash: true };
  assert.equal(stillView([{ ...AT_REST, staging }, moved], [0, 1], GEOMETRY)!.frame, 1);
  assert.equal(stillView([], [], GEOMETRY), undefined);
});

test('a view is read from a message or a sidecar, anything else is none', () => {
  const view = stillView([AT_REST], [0], GEOMETRY);
  assert.deepEqual(readStillView(JSON.parse(JSON.stringify(view))), view);
  for (const wrong of [undefined, null, 7, {}, { ...view, frame: '0' }]) assert.equal(readStillView(wrong), undefined);
});
