import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import {
  type CheckpointMetadata,
  exportOnnx,
  loadCheckpoint,
  saveCheckpoint,
} from '../../lib/checkpoint/checkpoint.ts';
import { writeSafetensors } from '../../lib/checkpoint/safetensors.ts';
import type { Program, TensorData } from '../../lib/engines/engine.ts';

const metadata: CheckpointMetadata = {
  format: 'motion-manga-1',
  name: 'test',
  config: { widths: [8, 16], flowBases: 2 },
  training: { steps: 3, seconds: 1.5, recipe: { phases: ['a', 'b'] } },
  dataLicence: 'CC0',
  gitCommit: '0123abc',
  created: '2026-01-01T00:00:00Z',
};
const tensors = new Map<string, TensorData>([
  ['dense.weight', { shape: [2, 3], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6) }],
]);
const program: Program = {
  name: 'dense-{"width":3}',
  inputs: { x: ['batch', 2] },
  outputs: ['y'],
  build: (ops, weight, { x }) => ({ y: ops.dense(x, weight('dense.weight'), null) }),
};

async function folder(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'manga-checkpoint-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

test('a saved checkpoint is loaded again; its id is the SHA-256 of the file', async (t) => {
  const directory = join(await folder(t), 'new', 'folder');
  const path = await saveCheckpoint(directory, tensors, metadata);
  const loaded = await loadCheckpoint(directory);
  assert.deepEqual(loaded.metadata, metadata);
  assert.deepEqual(loaded.weights.tensors, tensors);
  assert.equal(
    loaded.weights.id,
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex'),
  );
});

test('saving replaces the file and leaves nothing else behind', async (t) => {
  const directory = await folder(t);
  await saveCheckpoint(directory, tensors, metadata);
  await saveCheckpoint(directory, tensors, { ...metadata, name: 'second' }, { half: true });
  assert.equal((await loadCheckpoint(directory)).metadata.name, 'second');
  assert.deepEqual(await readdir(directory), ['generator.safetensors']);
});

test('saving where a file is in the way fails with IO and keeps what was there', async (t) => {
  const directory = await folder(t);
  await writeFile(join(directory, 'file'), 'mine');
  await assert.rejects(saveCheckpoint(join(directory, 'file'), tensors, metadata), { code: 'IO' });
  assert.equal(await readFile(join(directory, 'file'), 'utf8'), 'mine');
});

test('exports one ONNX file a program, which ONNX Runtime runs', async (t) => {
  const { InferenceSession, Tensor } = await import('onnxruntime-node');
  const directory = await folder(t);
  const [path, ...rest] = await exportOnnx(directory, [program], { id: 'test', tensors }, { licence: 'CC0' });
  assert.equal(path, join(directory, 'dense.onnx'));
  assert.deepEqual(rest, []);
  const session = await InferenceSession.create(path);
  const { y } = await session.run({ x: new Tensor('float32', [1, 10], [1, 2]) });
  assert.deepEqual(y.data, Float32Array.of(41, 52, 63));
  await session.release();
});

test('exporting without a weight says which', async (t) => {
  const weights = { id: 'none', tensors: new Map() };
  await assert.rejects(exportOnnx(await folder(t), [program], weights), {
    code: 'MODEL_MISSING',
    message: /no weight "dense.weight"/,
  });
});

test('no model: MODEL_MISSING names the place', async (t) => {
  const directory = await folder(t);
  await assert.rejects(loadCheckpoint(join(directory, 'nothing')), {
    code: 'MODEL_MISSING',
    message: /nothing.generator\.safetensors/,
  });
});

test('a model that is cut off: BAD_INPUT names the file', async (t) => {
  const directory = await folder(t);
  const path = await saveCheckpoint(directory, tensors, metadata);
  await truncate(path, (await readFile(path)).length - 5);
  await assert.rejects(loadCheckpoint(directory), {
    code: 'BAD_INPUT',
    message: /generator\.safetensors is damaged.*cut off/,
  });
});

test('weights of another program: BAD_INPUT says what they are', async (t) => {
  const directory = await folder(t);
  const path = join(directory, 'generator.safetensors');
  await writeFile(path, writeSafetensors(tensors, { format: 'pt' }));
  await assert.rejects(loadCheckpoint(directory), { code: 'BAD_INPUT', message: /format "pt", not "motion-manga-1"/ });
  await writeFile(path, writeSafetensors(tensors, {}));
  await assert.rejects(loadCheckpoint(directory), { code: 'BAD_INPUT', message: /has no format/ });
});

test('broken metadata: BAD_INPUT names the fields', async (t) => {
  const directory = await folder(t);
  const text = { ...metadata, config: '{not json', training: JSON.stringify(metadata.training), created: '' };
  const { created: _, ...withoutCreated } = text;
  await writeFile(join(directory, 'generator.safetensors'), writeSafetensors(tensors, withoutCreated));
  await assert.rejects(loadCheckpoint(directory), { code: 'BAD_INPUT', message: /wrong: config, created\./ });
});
