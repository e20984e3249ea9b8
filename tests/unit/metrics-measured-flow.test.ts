/** Stillness against flow that was measured: a .flo file, and frames whose error is known. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { joinFrames } from '../../lib/metrics/frames.ts';
import { measuredCorrespondence, readFlo } from '../../lib/metrics/measured-flow.ts';
import { temporalMetrics } from '../../lib/metrics/temporal.ts';
import { temporaryFolder } from './media-support.ts';

const [WIDTH, HEIGHT] = [7, 4];
/** The second frame shows the first moved by this much. */
const SHIFT = { u: 2, v: 1 };

/** As the Middlebury benchmark writes them. */
function flo(flowAt: (x: number, y: number) => readonly [number, number]): Buffer {
  const bytes = Buffer.alloc(12 + 8 * WIDTH * HEIGHT);
  bytes.write('PIEH', 'latin1');
  bytes.writeInt32LE(WIDTH, 4);
  bytes.writeInt32LE(HEIGHT, 8);
  for (let i = 0; i < WIDTH * HEIGHT; i++) {
    const [u, v] = flowAt(i % WIDTH, Math.floor(i / WIDTH));
    bytes.writeFloatLE(u, 12 + 8 * i);
    bytes.writeFloatLE(v, 16 + 8 * i);
  }
  return bytes;
}

const texture = (x: number, y: number): number => (37 * x + 91 * y + 13 * x * y) % 200;
const picture = (grey: (x: number, y: number) => number, width = WIDTH) => ({
  ...{ width, height: HEIGHT, channels: 1 as const },
  data: Uint8Array.from({ length: width * HEIGHT }, (_, i) => grey(i % width, Math.floor(i / width))),
});

test('a .flo file that lies on the disk: what moves with it has no error, a change of light has its square', (t) => {
  const file = join(temporaryFolder(t), 'flow_0001.flo');
  // One point's flow is not known, as motorcycle-gt marks it; one is marked as hidden.
  writeFileSync(
    file,
    flo((x, y) => (x === 0 && y === 0 ? [1e10, 1e10] : [SHIFT.u, SHIFT.v])),
  );
  const flow = readFlo(readFileSync(file), file);
  assert.deepEqual([flow.width, flow.height], [WIDTH, HEIGHT]);
  const valid = new Uint8Array(WIDTH * HEIGHT).fill(255);
  valid[1] = 0;
  for (const light of [0, 51]) {
    const first = picture(texture);
    const second = picture((x, y) => (x >= SHIFT.u && y >= SHIFT.v ? texture(x - SHIFT.u, y - SHIFT.v) + light : 0));
    const frames = joinFrames([first, second]);
    const { map, mask } = measuredCorrespondence(flow, valid, frames);
    // Five columns and three rows are seen in both, less the two points.
    assert.equal(
      mask.reduce((sum, seen) => sum + seen, 0),
      5 * 3 - 2,
    );
    const { eWarp1, motion } = temporalMetrics(frames, () => ({ map, mask }));
    assert.ok(Math.abs(eWarp1! - (light / 255) ** 2) < 1e-6, `${eWarp1}`);
    assert.ok(Math.abs(motion! - Math.hypot(SHIFT.u, SHIFT.v)) < 1e-6, `${motion}`);
  }
});

test('frames may be cut, not larger than their flow; what is no flow says so', () => {
  const flow = readFlo(
    flo(() => [0, 0]),
    'still.flo',
  );
  const valid = new Uint8Array(WIDTH * HEIGHT).fill(255);
  const { map, mask } = measuredCorrespondence(flow, valid, { width: 6, height: 4 });
  assert.deepEqual([map.x[6], map.y[6], mask.length], [0, 1, 24]);
  const refusals = [
    () => measuredCorrespondence(flow, valid, { width: 8, height: 4 }),
    () => readFlo(Buffer.from('nothing of the kind'), 'notes.flo'),
    () => readFlo(flo(() => [0, 0]).subarray(0, -4), 'cut.flo'),
  ];
  for (const refusal of refusals) assert.throws(refusal, { code: 'BAD_INPUT' });
});
