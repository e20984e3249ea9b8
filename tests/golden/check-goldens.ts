/** The network, its gradients and the training rules on a TensorFlow.js backend against the numbers that PyTorch gave. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type * as core from '@tensorflow/tfjs-core';
import type { LoadedTfjs } from '../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { pixelGrid } from '../../lib/motion/frame-scalars.ts';
import { renderPlates } from '../../lib/network/blocks/render-frames.ts';
import type { NetworkConfig } from '../../lib/network/config.ts';
import { DEFAULT_STYLE, generatorPrograms, generatorSpecs } from '../../lib/network/generator.ts';
import type { Ops } from '../../lib/network/ops.ts';
import { createTfjsOps } from '../../lib/network/tfjs/ops.ts';
import { ensureGradients } from '../../lib/training/gradients.ts';
import { checkRules } from './check-rules.ts';
import { assertSummary, type Case, pattern, readGolden, seedOf, weightPattern } from './golden.ts';

type T = core.Tensor;
type Tensors = Record<string, T>;
type Build = (leaves: Readonly<Tensors>) => Tensors;
type Tf = LoadedTfjs['tf'];

interface OperationCase extends Case {
  readonly inputs: Readonly<Record<string, { readonly shape: readonly number[]; readonly scale: number }>>;
}

interface NetworkGoldens extends Record<(typeof BLOCKS)[number], Case> {
  readonly config: NetworkConfig;
  readonly 'render-frames': Case & { readonly scalars: readonly number[] };
}

const BLOCKS = ['encoder', 'style-encoder', 'canonical-decoder', 'motion-tcn'] as const;
/** Of the case in network.py. */
const FRAMES = 3;
const FRAME = { width: 20, height: 12 };

const network = await readGolden<NetworkGoldens>('network');
const operations = await readGolden<Record<string, OperationCase>>('operations');

/** @param tolerance relative to the norm of each tensor */
export async function checkGoldens(load: () => Promise<LoadedTfjs>, tolerance: number): Promise<void> {
  let tf: Tf;
  try {
    ({ tf } = await load());
    ensureGradients(tf);
  } catch (error) {
    if (!(error instanceof MangaError) || error.code !== 'ENGINE_MISSING') throw error;
    test('network and gradients against PyTorch', { skip: error.message });
    return;
  }
  const ops = createTfjsOps(tf);
  const backend = tf.getBackend();
  const check = (name: string, golden: Case, leaves: Record<string, Float32Array>, build: Build) =>
    test(`${backend}: ${name} and its gradients are PyTorch's`, () => checkCase(tf, golden, leaves, build, tolerance));

  for (const [name, golden] of Object.entries(operations)) {
    const leaves = Object.fromEntries(
      Object.entries(golden.inputs).map(([key, { shape, scale }]) => [key, pattern(shape, seedOf(key), scale)]),
    );
    check(name, golden, leaves, (x) => ({ y: operation(ops, name, x) }));
  }

  const programs = generatorPrograms(network.config);
  for (const block of BLOCKS) {
    const program = programs[block];
    const golden = network[block];
    const leaves = Object.fromEntries(
      Object.entries(golden.gradients).map(([name, { shape }]) => [
        name,
        name in program.inputs ? pattern(shape, seedOf(name)) : weightPattern(name, shape),
      ]),
    );
    check(block, golden, leaves, (x) => program.build(ops, (name) => x[name]!, x));
  }

  const { gradients, scalars } = network['render-frames'];
  const leaf = (name: string, scale: number) => pattern(gradients[name]!.shape, seedOf(name), scale);
  const leaves = {
    layers: leaf('layers', 1.2),
    fields: leaf('fields', 1),
    scalars: Float32Array.from(scalars),
    weights: leaf('weights', 0.06),
  };
  check('render-frames', network['render-frames'], leaves, (x) => {
    const plates = renderPlates(ops, x.layers!, x.fields!, x.scalars!, x.weights!, grid(tf), FRAMES, 2, 'screentone');
    return { line: plates.line, tone: plates.tone };
  });

  checkRules(tf, tolerance);

  test('the goldens cover every weight of the generator', () => {
    const specs = generatorSpecs(network.config);
    const inputs = BLOCKS.flatMap((block) => Object.keys(programs[block].inputs));
    const covered = BLOCKS.flatMap((block) => Object.entries(network[block].gradients)).filter(
      ([name]) => !inputs.includes(name),
    );
    assert.deepEqual(
      Object.fromEntries(covered.map(([name, { shape }]) => [name, shape])),
      Object.fromEntries(
        Object.entries(specs)
          .filter(([name]) => name !== DEFAULT_STYLE)
          .map(([name, { shape }]) => [name, shape]),
      ),
    );
  });
}

/** A row of operations.py: the op's name, then its numbers. */
function operation(ops: Ops<T>, name: string, x: Readonly<Tensors>): T {
  const [op, a, b] = name.split(' ');
  if (op === 'conv2d') return ops.conv2d(x.x!, x.filter!, x.bias!, Number(b) as 1 | 2);
  if (op === 'enlarge') return ops.enlarge(x.x!, Number(a));
  if (op === 'warp') return ops.warp(x.x!, x.coords!);
  if (op === 'causalConv1d') return ops.causalConv1d(x.x!, x.w!, x.b!, Number(a));
  return ops[op as 'upsample2' | 'pixelShuffle2' | 'spaceToDepth2' | 'instanceNorm'](x.x!);
}

function grid(tf: Tf) {
  const x = pixelGrid(FRAME.width, 4);
  const y = pixelGrid(FRAME.height, 4);
  const row = (data: Float32Array) => tf.tensor4d(data, [1, 1, data.length, 1]);
  const column = (data: Float32Array) => tf.tensor4d(data, [1, data.length, 1, 1]);
  return { px: row(x.fine), py: column(y.fine), coarseX: row(x.coarse), coarseY: column(y.coarse) };
}

export async function checkCase(
  tf: Tf,
  golden: Case,
  leaves: Readonly<Record<string, Float32Array>>,
  build: Build,
  tolerance: number,
): Promise<void> {
  const before = tf.memory().numTensors;
  const names = Object.keys(golden.gradients);
  const inputs = names.map((name) => tf.tensor(leaves[name]!, [...golden.gradients[name]!.shape]));
  const named = (xs: readonly T[]) => Object.fromEntries(names.map((name, i) => [name, xs[i]!]));

  const outputs = tf.tidy(() => {
    const built = build(named(inputs));
    return Object.fromEntries(Object.keys(golden.outputs).map((name) => [name, built[name]!]));
  });
  const gradient = tf.grads((...xs) => {
    const built = build(named(xs));
    const terms = Object.keys(golden.outputs).map((name) => {
      const out = built[name]!;
      return tf.sum(tf.mul(out, tf.tensor(pattern(out.shape, seedOf(name)), out.shape)));
    });
    return tf.addN(terms);
  });
  const gradients = tf.tidy(() => named(gradient(inputs)));

  for (const [group, expected] of [
    [outputs, golden.outputs],
    [gradients, golden.gradients],
  ] as const) {
    for (const [name, summary] of Object.entries(expected)) {
      const { shape } = group[name]!;
      assertSummary({ shape, data: await group[name]!.data() }, summary, tolerance, name);
    }
  }
  tf.dispose([...inputs, ...Object.values(outputs), ...Object.values(gradients)]);
  assert.equal(tf.memory().numTensors, before, 'tensors are left');
}
