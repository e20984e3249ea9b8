import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Engine, Program, TensorData, Weights } from '../../lib/engines/engine.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { Random } from '../../lib/random.ts';
import { bind, type OpCase, opCases, SIZES } from './op-cases.ts';
import { type Reference, referenceOps } from './reference-ops.ts';

export const title = ({ op, variant }: OpCase) => (variant ? `${op}: ${variant}` : op);

function randomTensor(
  random: Random,
  shape: readonly number[],
  [low, high]: readonly [number, number] = [-1.5, 1.5],
): TensorData {
  const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.uniform(low, high));
  return { shape, dtype: 'float32', data };
}

const exact = ({ shape, data }: TensorData): Reference => ({ shape, data: Float64Array.from(data) });

const programOf = (row: OpCase): Program => ({
  name: title(row),
  inputs: Object.fromEntries(Object.entries(row.inputs).map(([name, { axes }]) => [name, axes])),
  outputs: ['out'],
  build: (ops, weight, inputs) => ({
    out: row.build(ops, inputs, Object.fromEntries(Object.keys(row.weights ?? {}).map((name) => [name, weight(name)]))),
  }),
});

/** One test a row: the engine gives what the reference gives, at both sizes, and holds no more memory than before. */
export function checkEngine(engine: Engine, tolerance: number): void {
  after(() => engine.close());
  for (const [i, row] of opCases.entries()) {
    test(`${engine.name}: ${title(row)}`, async () => {
      const random = new Random(i);
      const program = programOf(row);
      const tensors = new Map(
        Object.entries(row.weights ?? {}).map(([name, shape]) => [name, randomTensor(random, shape)]),
      );
      const weights: Weights = { id: title(row), tensors };
      for (const size of SIZES) {
        const inputs = Object.fromEntries(
          Object.entries(row.inputs).map(([name, { axes, range }]) => [
            name,
            randomTensor(
              random,
              axes.map((axis) => bind(axis, size)),
              range,
            ),
          ]),
        );
        const expected = reference(row, inputs, tensors);
        const actual = await runOnce(engine, program, weights, inputs);
        assert.equal(actual.dtype, row.op === 'toBytes' ? 'uint8' : 'float32');
        assert.deepEqual([...actual.shape], [...expected.shape]);
        assertClose(actual.data, expected.data, tolerance);
      }
    });
  }
}

function reference(row: OpCase, inputs: Record<string, TensorData>, weights: Map<string, TensorData>): Reference {
  const values = (tensors: [string, TensorData][]) =>
    Object.fromEntries(tensors.map(([name, tensor]) => [name, exact(tensor)]));
  return row.build(referenceOps, values(Object.entries(inputs)), values([...weights]));
}

async function runOnce(engine: Engine, program: Program, weights: Weights, inputs: Record<string, TensorData>) {
  const before = engine.memory();
  const uploaded = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, engine.upload(data)]));
  const { out } = await engine.run(program, weights, uploaded);
  assert.deepEqual(engine.memory().tensors, before.tensors + Object.keys(inputs).length + 1);
  const result = await engine.read(out);
  for (const tensor of [...Object.values(uploaded), out]) engine.dispose(tensor);
  assert.deepEqual(engine.memory(), before);
  return result;
}

function assertClose(actual: ArrayLike<number>, expected: Float64Array, tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const close = Math.abs(actual[i] - expected[i]) <= tolerance; // false for NaN
    if (!close) assert.fail(`element ${i} is ${actual[i]}, not ${expected[i]}`);
  }
}

/** For engines that a machine may lack: checks it, or registers one skipped test that says what is missing. */
export async function checkEngineIfPresent(create: () => Promise<Engine>, tolerance: number): Promise<void> {
  let engine: Engine;
  try {
    engine = await create();
  } catch (error) {
    if (!(error instanceof MangaError) || error.code !== 'ENGINE_MISSING') throw error;
    test('parity of every op', { skip: error.message });
    return;
  }
  checkEngine(engine, tolerance);
}
