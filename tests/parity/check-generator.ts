import assert from 'node:assert/strict';
import test, { after } from 'node:test';
import type { Engine, Program, TensorData, Weights } from '../../lib/engines/engine.ts';
import { createOnnxEngine } from '../../lib/engines/onnx.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { PHASE_FEATURES } from '../../lib/network/blocks/motion-tcn.ts';
import { renderProgram, SCALARS, type Scalar } from '../../lib/network/blocks/render-frames.ts';
import { DEFAULT_CONFIG, type NetworkConfig } from '../../lib/network/config.ts';
import { generatorPrograms, generatorSpecs } from '../../lib/network/generator.ts';
import { randomWeights } from '../../lib/network/weights.ts';
import { Random } from '../../lib/random.ts';

const TOLERANCE = 1e-3;
/** Of a plate's 256 levels: edges are steep, so a difference of 1e-3 in a layer may be one of some levels in a plate. */
const LEVELS = 2;
const FRAMES = 3;

const config: NetworkConfig = DEFAULT_CONFIG;
/** Multiples of 8, as the encoder wants, but of nothing more. */
const SIZES = [
  { height: 40, width: 56 },
  { height: 72, width: 24 },
];

const SCALAR_VALUES: Record<Scalar, number> = {
  ...{ xx: 0.024, xy: 0.002, x0: 0.05, yx: -0.002, yy: 0.031, y0: -0.04 },
  ...{ parallaxX: 0.02, parallaxY: 0.01, dolly: 0.05 },
  ...{ screenUX: 6, screenUY: 5, screenU0: 0.2, screenVX: -5, screenVY: 6, screenV0: 0.7 },
  ...{ edgeGain: 3, lineThreshold: 0.1, screenGain: 5 },
};

type Tensors = Record<string, TensorData>;

/**
 * The whole generator on random weights: the engine gives what the ONNX engine gives. Skipped, saying why, where the
 * engine is missing.
 */
export async function checkGenerator(create: () => Promise<Engine>): Promise<void> {
  let engine: Engine;
  try {
    engine = await create();
  } catch (error) {
    if (!(error instanceof MangaError) || error.code !== 'ENGINE_MISSING') throw error;
    test('parity of the generator', { skip: error.message });
    return;
  }
  const onnx = await createOnnxEngine();
  after(() => Promise.all([engine.close(), onnx.close()]));
  for (const size of SIZES) {
    test(`${engine.name} and onnx: the generator at ${size.width}x${size.height}`, async () => {
      const expected = await generate(onnx, size);
      const actual = await generate(engine, size);
      assert.deepEqual(Object.keys(actual), Object.keys(expected));
      for (const [name, { shape, dtype, data }] of Object.entries(expected)) {
        assert.deepEqual([...actual[name].shape], [...shape], name);
        assert.ok(spread(data) > 0, `${name} is the same everywhere: nothing to compare`);
        const worst = largestDifference(actual[name].data, data);
        assert.ok(worst <= (dtype === 'uint8' ? LEVELS : TOLERANCE), `${name} differs by ${worst}`);
      }
    });
  }
}

/** Photo to frames, with every block. @returns all that each block gives; nothing stays in the engine */
async function generate(engine: Engine, { height, width }: { height: number; width: number }): Promise<Tensors> {
  const random = new Random(7);
  const weights = randomWeights(generatorSpecs(config), random, 'parity');
  const programs = generatorPrograms(config);
  const noise = (...shape: number[]) => tensor(shape, () => random.uniform(-1, 1));
  const before = engine.memory();

  const features = await run(engine, programs.encoder, weights, { photo: noise(1, height, width, 3) });
  const page = await run(engine, programs['style-encoder'], weights, { page: noise(1, 50, 33, 1) });
  const canonical = await run(engine, programs['canonical-decoder'], weights, {
    half: features.half,
    quarter: features.quarter,
    eighth: features.eighth,
    style: page.style,
    position: noise(1, height / 4, width / 4, 2),
  });
  const { motion } = await run(engine, programs['motion-tcn'], weights, {
    z: noise(1, 40, config.noise),
    phase: noise(1, 40, PHASE_FEATURES),
    code: features.code,
  });

  const frame = { width: 64, height: 48 };
  const axis = (size: number, step: number) =>
    Float32Array.from({ length: size / step }, (_, i) => (i + 0.5) * step - size / 2);
  const row = (step: number) => floats([1, 1, frame.width / step, 1], axis(frame.width, step));
  const column = (step: number) => floats([1, frame.height / step, 1, 1], axis(frame.height, step));
  const plates = await run(engine, renderProgram(config, { frames: FRAMES, flow: true, output: 'colour' }), weights, {
    layers: canonical.layers,
    fields: canonical.fields,
    scalars: tensor([FRAMES, SCALARS.length], (i) => SCALAR_VALUES[SCALARS[i % SCALARS.length]]),
    weights: tensor([FRAMES, 2 * config.flowBases], () => random.uniform(-0.05, 0.05)),
    px: row(1),
    py: column(1),
    coarseX: row(4),
    coarseY: column(4),
    colours: tensor([1, height, width, 3], () => random.uniform()),
  });
  assert.deepEqual(engine.memory(), before, `${engine.name} keeps tensors`);
  return { ...features, ...page, ...canonical, motion, ...plates };
}

async function run(engine: Engine, program: Program, weights: Weights, inputs: Tensors): Promise<Tensors> {
  const uploaded = Object.fromEntries(Object.entries(inputs).map(([name, data]) => [name, engine.upload(data)]));
  const outputs = await engine.run(program, weights, uploaded);
  const results: Tensors = {};
  for (const [name, output] of Object.entries(outputs)) results[name] = await engine.read(output);
  for (const used of [...Object.values(uploaded), ...Object.values(outputs)]) engine.dispose(used);
  return results;
}

function floats(shape: readonly number[], data: Float32Array): TensorData {
  return { shape, dtype: 'float32', data };
}

function tensor(shape: readonly number[], value: (i: number) => number): TensorData {
  const length = shape.reduce((a, b) => a * b, 1);
  return floats(
    shape,
    Float32Array.from({ length }, (_, i) => value(i)),
  );
}

function spread(data: TensorData['data']): number {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of data) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high - low;
}

/** NaN when any element is NaN. */
function largestDifference(a: TensorData['data'], b: TensorData['data']): number {
  let worst = 0;
  for (let i = 0; i < b.length; i++) worst = Math.max(worst, Math.abs(a[i] - b[i]));
  return worst;
}
