/** Training on WebGPU in the real Node-RED: three steps by Chromium's SwiftShader, which needs no GPU. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import test, { after, before } from 'node:test';
import { swiftShaderEnvironment } from '../../lib/engines/load-tfjs.ts';
import { Runtime } from './support/runtime.ts';
import { progressUntil, smallTraining } from './support/training-run.ts';

const environment = swiftShaderEnvironment();
/** The first step builds the shaders. */
const LONGEST_STEP_MS = 150_000;
const skip = !environment && !process.env.VK_DRIVER_FILES && 'there is no SwiftShader';

let runtime: Runtime;
before(async () => {
  if (skip) return;
  // The session's process inherits it.
  if (!process.env.VK_DRIVER_FILES) Object.assign(process.env, environment);
  runtime = await Runtime.start();
});
after(() => runtime?.stop());

test('three steps on webgpu, one of each phase, and a checkpoint', { skip, timeout: 280_000 }, async (t) => {
  const training = smallTraining({
    'manga-session': { engine: 'webgpu', model: '' },
    'manga-dataset': { side: '32', frames: '2' },
    'manga-tcn-decoder': { trainSide: '32', trainFrames: '2' },
    'manga-discriminator': { channels: '4' },
    'manga-trainer': { steps: '3', batch: '1', microBatch: '1', sampleEvery: '0' },
  });
  await runtime.deploy(training.flow);
  runtime.send(training.trainer, { action: 'start' });
  const reports = await progressUntil(runtime, training, ({ state }) => state === 'finished', LONGEST_STEP_MS);
  const last = reports.at(-1)!;
  assert.deepEqual([last.engine, last.step], ['webgpu', 3]);
  for (const name of ['adversarial', 'discriminator', 'content', 'style', 'temporal'] as const) {
    assert.ok(Number.isFinite(last.losses[name]), `${name}: ${last.losses[name]}`);
  }
  const saved = await runtime.message(training.checkpoint);
  assert.ok(existsSync(saved.payload));
  t.diagnostic(`${(1 / last.stepsPerSecond!).toFixed(1)} s a step`);
});
