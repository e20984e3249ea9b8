import assert from 'node:assert/strict';
import test from 'node:test';
import { fromHalf, toHalf } from '../../lib/checkpoint/half.ts';
import { readSafetensors, writeSafetensors } from '../../lib/checkpoint/safetensors.ts';
import type { TensorData } from '../../lib/engines/engine.ts';
import { Random } from '../../lib/random.ts';

const some = new Map<string, TensorData>([
  ['z.bytes', { shape: [3], dtype: 'uint8', data: Uint8Array.of(1, 2, 255) }],
  ['a.weight', { shape: [2, 3], dtype: 'float32', data: Float32Array.of(0, -1.5, 1e-8, 3, 65504, 1 / 3) }],
  ['count', { shape: [], dtype: 'int32', data: Int32Array.of(-7) }],
  ['empty', { shape: [0, 4], dtype: 'float32', data: new Float32Array(0) }],
]);

/** A file with the given header text and as many bytes of data. */
function file(header: string | object, dataBytes: number): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(dataBytes)]);
}

test('what is written is read back: values, shapes, types, metadata', () => {
  const { tensors, metadata } = readSafetensors(writeSafetensors(some, { name: 'Größe "x"', empty: '' }));
  assert.deepEqual(metadata, { name: 'Größe "x"', empty: '' });
  assert.deepEqual(new Map([...tensors].sort()), new Map([...some].sort()));
});

test('data of the file begins at a multiple of 8 and tensors at multiples of their element size', () => {
  const bytes = writeSafetensors(some, { a: '1' }, { half: true });
  const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assert.equal(header % 8, 0);
  const entries = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + header)));
  assert.equal(entries.count.data_offsets[0] % 4, 0);
  assert.equal(entries['a.weight'].dtype, 'F16');
  assert.equal(entries['a.weight'].data_offsets[0] % 2, 0);
});

test('a file at an odd offset of its buffer is read', () => {
  const bytes = writeSafetensors(some, {});
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  assert.deepEqual(readSafetensors(shifted.subarray(3)).tensors.get('count')?.data, Int32Array.of(-7));
});

test('every half survives the way to float and back; conversion rounds to the nearest, ties to even', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = fromHalf(bits);
    if (!Number.isNaN(value)) assert.equal(toHalf(value), bits, `bits ${bits.toString(16)}`);
  }
  assert.ok(Number.isNaN(fromHalf(toHalf(Number.NaN))));
  assert.equal(fromHalf(toHalf(65519)), 65504);
  assert.equal(fromHalf(toHalf(65520)), Number.POSITIVE_INFINITY);
  assert.equal(fromHalf(toHalf(1 + 2 ** -11)), 1);
  assert.equal(fromHalf(toHalf(1 + 3 * 2 ** -11)), 1 + 2 ** -9);
  assert.equal(fromHalf(toHalf(2 ** -25)), 0);
  assert.equal(fromHalf(toHalf(-(2 ** -24) * 1.5)), -(2 ** -23));
  const random = new Random(1);
  for (let i = 0; i < 1000; i++) {
    const value = Math.fround(random.normal() * 10 ** random.uniform(-4, 4));
    const half = fromHalf(toHalf(value));
    assert.ok(Math.abs(half - value) <= Math.max(Math.abs(value) * 2 ** -11, 2 ** -25), `${value} became ${half}`);
  }
});

test('half precision halves the file and keeps three digits', () => {
  const data = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i));
  const tensors = new Map<string, TensorData>([['w', { shape: [4000], dtype: 'float32', data }]]);
  const bytes = writeSafetensors(tensors, {}, { half: true });
  assert.ok(bytes.length < 8200);
  const read = readSafetensors(bytes).tensors.get('w');
  assert.equal(read?.dtype, 'float32');
  for (let i = 0; i < data.length; i++) assert.ok(Math.abs(read.data[i] - data[i]) < 5e-4);
});

const tensor = (fields: object) => ({ w: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } });

for (const [what, bytes, message] of [
  ['an empty file', new Uint8Array(0), /too short/],
  ['a file of 7 bytes', new Uint8Array(7), /too short/],
  ['text', Buffer.from('this is not a model at all'), /header is longer/],
  ['a header length of 2^64-1', Buffer.alloc(20, 0xff), /header is longer/],
  ['a header that is no JSON', file('{"w":', 0), /not JSON/],
  ['a header that is no UTF-8', Buffer.concat([file('', 0).with(0, 2), Buffer.of(0xff, 0xfe)]), /not JSON/],
  ['a header that is an array', file('[]', 0), /not a JSON object/],
  ['a header that is null', file('null', 0), /not a JSON object/],
  ['metadata that is not text', file({ __metadata__: { a: 1 } }, 0), /metadata/],
  ['metadata that is an array', file({ __metadata__: ['a'] }, 0), /metadata/],
  ['a tensor that is null', file({ w: null }, 0), /type "undefined"/],
  ['a type we do not know', file(tensor({ dtype: 'BF16' }), 8), /"BF16"/],
  ['a type named like an object member', file(tensor({ dtype: 'toString' }), 8), /"toString"/],
  ['a negative size', file(tensor({ shape: [-2] }), 8), /no usable shape/],
  ['a fractional size', file(tensor({ shape: [1.5] }), 8), /no usable shape/],
  ['a huge size', file(tensor({ shape: [2 ** 40, 2 ** 40] }), 8), /does not fit/],
  ['hundreds of axes', file(tensor({ shape: new Array(500).fill(1) }), 8), /no usable shape/],
  ['one offset', file(tensor({ data_offsets: [0] }), 8), /no usable offsets/],
  ['reversed offsets', file(tensor({ data_offsets: [8, 0] }), 8), /beyond the end/],
  ['a truncated file', writeSafetensors(some, {}).slice(0, -1), /cut off/],
  ['bytes after the last tensor', Buffer.concat([writeSafetensors(some, {}), Buffer.of(0)]), /cover/],
  ['overlapping tensors', file({ ...tensor({}), v: tensor({}).w }, 8), /does not begin/],
  ['a gap', file({ ...tensor({}), v: { dtype: 'U8', shape: [1], data_offsets: [9, 10] } }, 10), /does not begin/],
] as const) {
  test(`refuses ${what}`, () => {
    assert.throws(() => readSafetensors(bytes), { name: 'MangaError', code: 'BAD_INPUT', message });
  });
}
