import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Engine, EngineTensor, Program, TensorData, Weights } from '../../lib/engines/engine.ts';
import { createOnnxEngine } from '../../lib/engines/onnx.ts';

const none: Weights = { id: 'none', tensors: new Map() };
const engine = await createOnnxEngine({ threads: 1 });
after(() => engine.close());

const double: Program = {
  name: 'double',
  inputs: { x: ['B', 'H', 'W', 3] },
  outputs: ['y'],
  build: (ops, _weight, { x }) => ({ y: ops.affine(x, 2, 0) }),
};

function tensor(shape: readonly number[], value: (i: number) => number = (i) => i): TensorData {
  const length = shape.reduce((a, b) => a * b, 1);
  return { shape, dtype: 'float32', data: Float32Array.from({ length }, (_, i) => value(i)) };
}

/** Runs and disposes; the result is copied out. */
async function result(on: Engine, program: Program, weights: Weights, inputs: Record<string, TensorData>) {
  const uploaded = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, on.upload(data)]));
  const outputs = await on.run(program, weights, uploaded);
  const first = await on.read(outputs[program.outputs[0]]);
  for (const used of [...Object.values(uploaded), ...Object.values(outputs)]) on.dispose(used);
  return first;
}

test('upload and read keep shape and order of every rank', async () => {
  const before = engine.memory();
  for (const shape of [[], [5], [2, 3], [2, 3, 4], [2, 3, 5, 1], [2, 3, 5, 4], [1, 0, 4, 3]]) {
    const data = tensor(shape);
    const uploaded = engine.upload(data);
    assert.deepEqual([...uploaded.shape], shape);
    assert.deepEqual(await engine.read(uploaded), data);
    engine.dispose(uploaded);
  }
  assert.deepEqual(engine.memory(), before);
});

test('upload copies: later changes of the host array do not show', async () => {
  for (const channels of [1, 3]) {
    const host = tensor([1, 2, 2, channels], () => 1);
    const uploaded = engine.upload(host);
    host.data.fill(9);
    assert.deepEqual((await engine.read(uploaded)).data, tensor([1, 2, 2, channels], () => 1).data);
    engine.dispose(uploaded);
  }
});

test('bytes are uploaded as floats of the same value', async () => {
  const pixels: TensorData = { shape: [1, 1, 2, 3], dtype: 'uint8', data: Uint8Array.of(0, 1, 2, 253, 254, 255) };
  const y = await result(engine, double, none, { x: pixels });
  assert.deepEqual(y, { shape: [1, 1, 2, 3], dtype: 'float32', data: Float32Array.of(0, 2, 4, 506, 508, 510) });
});

test('memory counts what is uploaded and computed, in bytes, until it is disposed', async () => {
  const { tensors, bytes } = engine.memory();
  const x = engine.upload(tensor([1, 2, 2, 3]));
  const { y } = await engine.run(double, none, { x });
  assert.deepEqual(engine.memory(), { tensors: tensors + 2, bytes: bytes + 2 * 48 });
  engine.dispose(x);
  engine.dispose(x);
  engine.dispose(y);
  assert.deepEqual(engine.memory(), { tensors, bytes });
});

test('wrong inputs: BAD_INPUT names the input, what is expected and what came', async () => {
  const x = engine.upload(tensor([1, 2, 2, 4]));
  await assert.rejects(engine.run(double, none, { x }), {
    code: 'BAD_INPUT',
    message: /double.*'x'.*\[B, H, W, 3\].*\[1, 2, 2, 4\]/,
  });
  await assert.rejects(engine.run(double, none, {}), { code: 'BAD_INPUT', message: /'x'.*missing/ });
  engine.dispose(x);
  await assert.rejects(engine.run(double, none, { x: { ...x, shape: [1, 1, 1, 3] } }), { code: 'INTERNAL' });
  assert.throws(() => engine.upload({ shape: [2, 2], dtype: 'float32', data: new Float32Array(3) }), {
    code: 'BAD_INPUT',
    message: /\[2,2\] has 4 elements, but 3 came/,
  });
});

test('an axis of one name must have one size', async () => {
  const add: Program = {
    name: 'add-named',
    inputs: { x: ['B', 'N'], y: [1, 'N'] },
    outputs: ['z'],
    build: (ops, _weight, { x, y }) => ({ z: ops.add(x, y) }),
  };
  const x = engine.upload(tensor([2, 3]));
  const y = engine.upload(tensor([1, 4]));
  await assert.rejects(engine.run(add, none, { x, y }), {
    code: 'BAD_INPUT',
    message: /N is 3 in input 'x', but 4 in 'y' \[1, 4\]/,
  });
  engine.dispose(x);
  engine.dispose(y);
});

test('a tensor cannot be used after it was disposed', async () => {
  const x = engine.upload(tensor([1, 1, 1, 3]));
  engine.dispose(x);
  await assert.rejects(engine.run(double, none, { x }), { code: 'INTERNAL', message: /disposed/ });
  await assert.rejects(engine.read(x), { code: 'INTERNAL', message: /disposed/ });
});

test('sizes that only the graph can refuse end in an error, and the engine goes on', async () => {
  const before = engine.memory();
  const add: Program = {
    name: 'add',
    inputs: { x: ['N'], y: ['M'] },
    outputs: ['z'],
    build: (ops, _weight, { x, y }) => ({ z: ops.add(x, y) }),
  };
  const x = engine.upload(tensor([2]));
  const y = engine.upload(tensor([3]));
  await assert.rejects(engine.run(add, none, { x, y }), {
    name: 'MangaError',
    code: 'INTERNAL',
    message: /could not run add/,
  });
  const { z } = await engine.run(add, none, { x, y: x });
  assert.deepEqual((await engine.read(z)).data, Float32Array.of(0, 2));
  for (const used of [x, y, z]) engine.dispose(used);
  assert.deepEqual(engine.memory(), before);
});

test('a program serves any size, and weights by their id', async () => {
  const scale: Program = {
    name: 'scale',
    inputs: { x: ['N', 1] },
    outputs: ['y'],
    build: (ops, weight, { x }) => ({ y: ops.dense(x, weight('w'), null) }),
  };
  const weights = (id: string, w: number): Weights => ({ id, tensors: new Map([['w', tensor([1, 1], () => w)]]) });
  for (const n of [1, 4, 2]) {
    assert.deepEqual(
      (await result(engine, scale, weights('a', 3), { x: tensor([n, 1]) })).data,
      tensor([n], (i) => 3 * i).data,
    );
    assert.deepEqual(
      (await result(engine, scale, weights('b', 5), { x: tensor([n, 1]) })).data,
      tensor([n], (i) => 5 * i).data,
    );
  }
});

test('more programs than stay compiled: each still gives its own result, also in one burst', async () => {
  const plus = (n: number): Program => ({
    name: `plus-${n}`,
    inputs: { x: ['N'] },
    outputs: ['y'],
    build: (ops, _weight, { x }) => ({ y: ops.affine(x, 1, n) }),
  });
  const before = engine.memory();
  const order = [...Array(40).keys(), 0, 39, 20];
  const burst = await Promise.all(order.map((n) => result(engine, plus(n), none, { x: tensor([1]) })));
  assert.deepEqual(
    burst.map(({ data }) => data[0]),
    order,
  );
  assert.deepEqual(engine.memory(), before);
});

test('a program that does not compile rejects every time and harms nothing', async () => {
  const broken: Program = {
    ...double,
    name: 'broken',
    build: (ops, weight, { x }) => ({ y: ops.add(x, weight('gone')) }),
  };
  const x: EngineTensor = engine.upload(tensor([1, 1, 1, 3]));
  for (let i = 0; i < 2; i++) await assert.rejects(engine.run(broken, none, { x }), { code: 'MODEL_MISSING' });
  engine.dispose(x);
  assert.deepEqual((await result(engine, double, none, { x: tensor([1, 1, 1, 3]) })).data, Float32Array.of(0, 2, 4));
});

test('closing frees everything, after what is running, and refuses more', async () => {
  const other = await createOnnxEngine({ threads: 1 });
  const x = other.upload(tensor([1, 1, 1, 3]));
  const running = other.run(double, none, { x });
  const closing = other.close();
  assert.ok((await running).y);
  await closing;
  assert.deepEqual(other.memory(), { tensors: 0, bytes: 0 });
  await assert.rejects(other.run(double, none, { x }), { code: 'SESSION_CLOSED' });
  assert.throws(() => other.upload(tensor([1])), { code: 'SESSION_CLOSED' });
  await other.close();
});
