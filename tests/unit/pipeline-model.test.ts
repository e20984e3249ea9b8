import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { CHECKPOINT_FORMAT, saveCheckpoint } from '../../lib/checkpoint/checkpoint.ts';
import type { TensorData } from '../../lib/engines/engine.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { createPipeline } from '../../lib/pipeline/create-pipeline.ts';
import { CONFIG, photoOf, settingsOf, WEIGHTS } from './pipeline-support.ts';

/** A checkpoint in a folder of its own. */
async function model(
  t: TestContext,
  tensors: ReadonlyMap<string, TensorData> = WEIGHTS.tensors,
  config: Record<string, unknown> = CONFIG,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manga-model-'));
  t.after(() => rm(folder, { recursive: true }));
  await saveCheckpoint(folder, tensors, {
    format: CHECKPOINT_FORMAT,
    name: 'small',
    config,
    training: {},
    dataLicence: 'none',
    gitCommit: 'none',
    created: '2026-01-01T00:00:00Z',
  });
  return folder;
}

const without = (name: string, instead?: TensorData) =>
  new Map(
    [...WEIGHTS.tensors].flatMap(([key, value]) => (key !== name ? [[key, value]] : instead ? [[key, instead]] : [])),
  );

async function refusal(folder: string): Promise<MangaError> {
  try {
    await (await createPipeline({ engine: 'onnx', model: folder })).close();
  } catch (error) {
    if (error instanceof MangaError) return error;
    throw error;
  }
  assert.fail('the model was taken');
}

test('a checkpoint is loaded, draws, and closes', async (t) => {
  const pipeline = await createPipeline({ engine: 'onnx', model: await model(t) });
  assert.deepEqual([pipeline.engineName, pipeline.modelName], ['onnx', 'small']);
  const settings = settingsOf({ size: '32', frames: 1 });
  const content = await pipeline.encode(photoOf(40, 40), settings);
  const sequence = await pipeline.decode(content, settings);
  assert.equal((await sequence.render(0, 1)).length, 32 * 32);
  sequence.dispose();
  content.dispose();
  assert.deepEqual(pipeline.memory(), { tensors: 0, bytes: 0 });
  await pipeline.close();
  await assert.rejects(pipeline.encode(photoOf(40, 40), settings), { code: 'SESSION_CLOSED' });
});

test('a checkpoint without a default style draws with a neutral one', async (t) => {
  await (await createPipeline({ engine: 'onnx', model: await model(t, without('style.default')) })).close();
});

test('no model, a config that is none, and weights of another network are told apart', async (t) => {
  const missing = await refusal(join(tmpdir(), 'there-is-no-such-model'));
  assert.equal(missing.code, 'MODEL_MISSING');
  assert.match(missing.message, /there-is-no-such-model/);

  const config = await refusal(await model(t, undefined, { ...CONFIG, widths: [8] }));
  assert.equal(config.code, 'MODEL_MISSING');
  assert.match(config.message, /'small'.*config/);

  const lost = await refusal(await model(t, without('tcn.motion.bias')));
  assert.equal(lost.code, 'MODEL_MISSING');
  assert.match(lost.message, /tcn\.motion\.bias is missing/);

  const other = { shape: [3, 3, 8, 8], dtype: 'float32', data: new Float32Array(576) } as const;
  const misfit = await refusal(await model(t, without('decoder.layers.weight', other)));
  assert.equal(misfit.code, 'MODEL_MISSING');
  assert.match(misfit.message, /decoder\.layers\.weight is \[3,3,8,8\], not \[3,3,8,16\]/);
  for (const error of [missing, config, lost, misfit]) assert.ok(error.hint, error.message);
});
