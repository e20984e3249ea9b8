/** Frames rendered side by side in threads: the same bytes, whatever happens to a thread. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { Worker } from 'node:worker_threads';
import { frameScalars, type Geometry } from '../../lib/motion/frame-scalars.ts';
import { type FrameScene, renderFrame } from '../../lib/pipeline/frame-scene.ts';
import { maskOf } from '../../lib/pipeline/raster/mask.ts';
import { RenderCrew } from '../../lib/pipeline/render-crew.ts';
import { clipSchema, parseSettings } from '../../lib/settings/settings.ts';

const FRAMES = 7;

/** Waves that a camera moves over. */
function sceneOf(width: number, height: number, ink: 'black' | 'keep-colours'): FrameScene {
  const size = { width, height };
  const settings = parseSettings(clipSchema, { ink, frames: FRAMES });
  const geometry: Geometry = { frame: size, canvas: size, drawn: size, padded: size };
  const still = { parallaxX: 0.05, parallaxY: 0, dolly: 0.1, weights: [0.02, 0.01, 0, 0.03] };
  const motions = Array.from({ length: FRAMES }, (_, t) => ({
    ...{ zoom: 1 + t / 40, rotation: 0, panX: t / 100, panY: 0 },
    ...still,
  }));
  const layers = Float32Array.from({ length: width * height * 4 }, (_, i) => Math.sin(i / 9 + (i >> 12)) + 0.3);
  const fields = Float32Array.from({ length: (width / 4) * (height / 4) * 5 }, (_, i) => (i % 17) / 17);
  const colours = Uint8Array.from({ length: width * height * 3 }, (_, i) => i);
  const mask = maskOf(layers, width, height, 0.5, 1);
  const drawing = { medium: 'screentone' as const, width, height, layers, mask, fields, colours };
  return { drawing, settings, geometry, motions, ...frameScalars(motions, geometry, settings) };
}

/** Renders frames and puts them where they belong. */
async function rendered(crew: RenderCrew, scene: FrameScene, frames: readonly number[]): Promise<Uint8Array[]> {
  const received: Uint8Array[] = [];
  await crew.render(scene, frames, (bytes, place) => {
    received[place] = bytes;
  });
  return received;
}

test('a crew renders the bytes of one thread, in any order, of clips that take turns', async () => {
  const crew = new RenderCrew(3);
  const [grey, coloured] = [sceneOf(192, 160, 'black'), sceneOf(256, 200, 'keep-colours')];
  const order = [6, 0, 3, 3, 1];
  const asked = [grey, coloured, grey].map((scene) => rendered(crew, scene, order));
  for (const [i, scene] of [grey, coloured, grey].entries()) {
    assert.deepEqual(
      await asked[i],
      order.map((t) => renderFrame(scene, t)),
    );
  }
});

test('a frame that cannot be rendered says so, and the crew works on', async () => {
  const crew = new RenderCrew(2);
  const scene = sceneOf(192, 160, 'black');
  await assert.rejects(rendered(crew, scene, [0, FRAMES + 1, 1]), { code: 'INTERNAL' });
  assert.deepEqual(await rendered(crew, scene, [2]), [renderFrame(scene, 2)]);
});

test('threads that die end the call, and are replaced by the next', async () => {
  const started: Worker[] = [];
  const crew = new RenderCrew(2, () => {
    const worker = new Worker(new URL('../../lib/pipeline/render-thread.ts', import.meta.url));
    started.push(worker);
    return worker;
  });
  const scene = sceneOf(640, 480, 'black');
  const call = rendered(crew, scene, Array(4000).fill(1));
  setTimeout(() => void started[0]!.terminate(), 100);
  await assert.rejects(call, /A thread that renders frames died/);
  assert.deepEqual(await rendered(crew, scene, [0, 5]), [renderFrame(scene, 0), renderFrame(scene, 5)]);
  assert.equal(started.length, 3);
});
