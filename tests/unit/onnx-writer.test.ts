import assert from 'node:assert/strict';
import test from 'node:test';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Program, TensorData, Weights } from '../../lib/engines/engine.ts';
import { ProtoWriter } from '../../lib/network/onnx/protobuf.ts';
import { permute } from '../../lib/network/onnx/value.ts';
import { writeOnnx } from '../../lib/network/onnx/write-onnx.ts';

const floats = (shape: readonly number[], ...values: number[]): TensorData => ({
  shape,
  dtype: 'float32',
  data: Float32Array.from(values),
});
const weightsOf = (tensors: Record<string, TensorData>): Weights => ({
  id: 'w',
  tensors: new Map(Object.entries(tensors)),
});
const none = weightsOf({});

test('protobuf: integers, floats, text and nesting as in the encoding guide', () => {
  const hex = (writer: ProtoWriter) => Buffer.from(writer.finish()).toString('hex');
  assert.equal(hex(new ProtoWriter().int(1, 150)), '089601');
  assert.equal(hex(new ProtoWriter().int(1, 0)), '0800');
  assert.equal(hex(new ProtoWriter().int(1, -2)), '08feffffffffffffffff01');
  assert.equal(hex(new ProtoWriter().int(20, 2 ** 40)), 'a001808080808020');
  assert.equal(hex(new ProtoWriter().float(2, 1)), '150000803f');
  assert.equal(hex(new ProtoWriter().string(2, 'tésting')), '120874c3a97374696e67');
  assert.equal(hex(new ProtoWriter().message(3, new ProtoWriter().int(1, 150))), '1a03089601');
  assert.equal(hex(new ProtoWriter().packedInts(4, [3, 270, 86942])), '2206038e029ea705');
});

test('permute reorders axes', () => {
  const rows = floats([2, 3], 1, 2, 3, 4, 5, 6);
  assert.deepEqual(permute(rows, [1, 0]), floats([3, 2], 1, 4, 2, 5, 3, 6));
  const cube = floats([1, 2, 3], 1, 2, 3, 4, 5, 6);
  assert.deepEqual(permute(cube, [2, 0, 1]), floats([3, 1, 2], 1, 4, 2, 5, 3, 6));
});

async function load(program: Program, weights: Weights): Promise<InferenceSession> {
  return InferenceSession.create(writeOnnx(program, weights));
}

test('ports: images channels first, named axes symbolic, the rest as declared', async () => {
  const program: Program = {
    name: 'ports',
    inputs: { photo: ['B', 'H', 'W', 3], code: ['B', 5] },
    outputs: ['half', 'code2'],
    build: (ops, weight, { photo, code }) => ({
      half: ops.conv2d(photo, weight('filter'), null, 2),
      code2: ops.affine(code, 2, 0),
    }),
  };
  const session = await load(program, weightsOf({ filter: floats([1, 1, 3, 2], 1, 2, 3, 4, 5, 6) }));
  const shapes = Object.fromEntries(
    [...session.inputMetadata, ...session.outputMetadata].map((port) => [port.name, port.isTensor && port.shape]),
  );
  assert.deepEqual(shapes.photo, ['B', 3, 'H', 'W']);
  assert.deepEqual(shapes.code, ['B', 5]);
  assert.equal((shapes.half as unknown[]).length, 4);
  assert.equal((shapes.half as unknown[])[1], 2);
  await session.release();
});

test('an output may be an input, a weight or another output', async () => {
  const program: Program = {
    name: 'shared',
    inputs: { x: ['N'] },
    outputs: ['a', 'b', 'same', 'constant', 'next'],
    build(ops, weight, { x }) {
      const a = ops.affine(x, 2, 1);
      return { a, b: a, same: x, constant: weight('c'), next: ops.relu(a) };
    },
  };
  const session = await load(program, weightsOf({ c: floats([2], 7, 8) }));
  const result = await session.run({ x: new Tensor('float32', [-3, 1], [2]) });
  const values = Object.fromEntries(
    Object.entries(result).map(([name, { data }]) => [name, [...(data as Float32Array)]]),
  );
  assert.deepEqual(values, { a: [-5, 3], b: [-5, 3], same: [-3, 1], constant: [7, 8], next: [0, 3] });
  await session.release();
});

test('a weight may serve as filter and as plain value in one program', async () => {
  const program: Program = {
    name: 'filter-twice',
    inputs: { x: [1, 'H', 'W', 1] },
    outputs: ['y', 'plain'],
    build(ops, weight, { x }) {
      const filter = weight('f');
      return { y: ops.conv2d(x, filter, null, 1), plain: ops.affine(filter, 1, 0.5) };
    },
  };
  const session = await load(program, weightsOf({ f: floats([1, 2, 1, 3], 1, 2, 3, 4, 5, 6) }));
  const { y, plain } = await session.run({ x: new Tensor('float32', [1, 10], [1, 1, 1, 2]) });
  assert.deepEqual([...(y.data as Float32Array)], [41, 10, 52, 20, 63, 30]);
  assert.deepEqual(
    [plain.dims, [...(plain.data as Float32Array)]],
    [
      [1, 3, 2, 1],
      [1.5, 4.5, 2.5, 5.5, 3.5, 6.5],
    ],
  );
  await session.release();
});

test('what no output needs is not in the file', () => {
  const program = (dead: boolean): Program => ({
    name: 'pruned',
    inputs: { x: ['N', 2] },
    outputs: ['y'],
    build(ops, weight, { x }) {
      if (dead) ops.tanh(ops.dense(x, weight('unused'), null));
      return { y: ops.dense(x, weight('used'), null) };
    },
  });
  const weights = weightsOf({ used: floats([2, 1], 1, 2), unused: floats([2, 1], 3, 4) });
  assert.deepEqual(writeOnnx(program(true), weights), writeOnnx(program(false), weights));
});

test('the same calculation twice is recorded once', () => {
  const program = (twice: boolean): Program => ({
    name: 'shared-nodes',
    inputs: { x: ['N', 2] },
    outputs: ['y'],
    build(ops, _weight, { x }) {
      const a = ops.sin(ops.affine(x, 3, 1));
      return { y: ops.mul(a, twice ? ops.sin(ops.affine(x, 3, 1)) : a) };
    },
  });
  assert.deepEqual(writeOnnx(program(true), none), writeOnnx(program(false), none));
});

test('metadata is in the file', () => {
  const program: Program = {
    name: 'm',
    inputs: { x: ['N'] },
    outputs: ['y'],
    build: (ops, _, { x }) => ({ y: ops.abs(x) }),
  };
  const text = Buffer.from(writeOnnx(program, none, { licence: 'CC0 1.0' })).toString('latin1');
  assert.match(text, /licence.{2}CC0 1\.0/s);
});

test('a missing weight is named', () => {
  const program: Program = {
    name: 'needy',
    inputs: { x: ['N', 2] },
    outputs: ['y'],
    build: (ops, weight, { x }) => ({ y: ops.dense(x, weight('not.there'), null) }),
  };
  assert.throws(() => writeOnnx(program, none), { name: 'MangaError', code: 'MODEL_MISSING', message: /"not\.there"/ });
});

test('an output that the program does not build is named', () => {
  const program: Program = {
    name: 'short',
    inputs: { x: ['N'] },
    outputs: ['y', 'z'],
    build: (_ops, _w, { x }) => ({ y: x }),
  };
  assert.throws(() => writeOnnx(program, none), { code: 'INTERNAL', message: /"z"/ });
});

test('operands that do not broadcast are refused when the graph is written', () => {
  const program: Program = {
    name: 'mismatch',
    inputs: { x: ['N', 2], y: ['N', 3] },
    outputs: ['z'],
    build: (ops, _w, { x, y }) => ({ z: ops.add(x, y) }),
  };
  assert.throws(() => writeOnnx(program, none), /sizes differ/);
});
