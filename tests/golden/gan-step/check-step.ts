/** One full step, discriminator then generator with all of its losses, on a TensorFlow.js backend against the numbers that PyTorch gave. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import type * as core from '@tensorflow/tfjs-core';
import type { TensorData } from '../../../lib/engines/engine.ts';
import type { LoadedTfjs } from '../../../lib/engines/load-tfjs.ts';
import { pixelGrid } from '../../../lib/motion/frame-scalars.ts';
import { discriminatorConfig, discriminatorSpecs } from '../../../lib/network/blocks/discriminator.ts';
import {
  motionSize,
  PHASE_FEATURES,
  receptiveField,
  weightNormalised,
} from '../../../lib/network/blocks/motion-tcn.ts';
import { FLOW_STEP } from '../../../lib/network/blocks/render-frames.ts';
import type { NetworkConfig } from '../../../lib/network/config.ts';
import { createTfjsOps } from '../../../lib/network/tfjs/ops.ts';
import { loadVgg19 } from '../../../lib/perceptual/vgg19.ts';
import { Random } from '../../../lib/random.ts';
import { ADAM_DEFAULTS } from '../../../lib/training/adam.ts';
import { Flat } from '../../../lib/training/flat.ts';
import type { CompiledPlan } from '../../../lib/training/gan/compiled-plan.ts';
import { DiscriminatorPlayer } from '../../../lib/training/gan/discriminator-player.ts';
import { GeneratorObjective } from '../../../lib/training/gan/generator-objective.ts';
import type { PhaseWeights } from '../../../lib/training/gan/phases.ts';
import { under } from '../../../lib/training/gan/run-folder.ts';
import { generate, type Sample } from '../../../lib/training/gan/sequences.ts';
import { Parameters } from '../../../lib/training/parameters.ts';
import { SpectralNorm } from '../../../lib/training/spectral-norm.ts';
import { Optimiser, readScalars } from '../../../lib/training/step.ts';
import { viewOf } from '../../../lib/training/view.ts';
import { start } from '../gan/gan-goldens.ts';
import { assertSummary, pattern, type Summary, seedOf, sizeOf, weightPattern } from '../golden.ts';

type Named = Readonly<Record<string, Summary>>;
type Shapes = Readonly<Record<string, readonly number[]>>;

interface Golden {
  readonly config: NetworkConfig;
  readonly sizes: { readonly [K in 'batch' | 'frames' | 'side' | 'frame' | 'channels']: number };
  readonly shapes: { readonly generator: Shapes; readonly discriminator: Shapes };
  readonly weights: Readonly<Record<string, number>>;
  readonly layers: { readonly content: readonly string[]; readonly style: readonly string[] };
  readonly frames: Summary;
  readonly discriminator: {
    readonly loss: number;
    readonly scores: { readonly real: number; readonly fake: number };
    readonly weights: Named;
    readonly u: Named;
  };
  readonly generator: {
    readonly losses: Readonly<Record<string, number>>;
    readonly norm: number;
    readonly gradients: Named;
    readonly weights: Named;
  };
}

const RATE = 2e-4;
const WARM_UP = 15;
/** The random VGG-19 of the case: its first five convolutions. */
const NETWORK = fileURLToPath(new URL('../gan/state-dicts/vgg19-to-relu3_1.pth', import.meta.url));
const read = async (name: string): Promise<Golden> =>
  JSON.parse(await readFile(new URL(`./${name}.json`, import.meta.url), 'utf8'));
const goldens = { clip: await read('golden'), patches: await read('golden-patches') } as const;
const { config, sizes, weights: lossWeights, layers, shapes } = goldens.clip;
const { batch, frames, side } = sizes;

const plan: CompiledPlan = {
  dataset: {},
  frames,
  side,
  discriminator: null,
  adversarial: { weight: lossWeights.adversarial!, objective: 'non-saturating', realLabel: 0.9 },
  content: { weight: lossWeights.content!, network: '', layers: layers.content, against: 'real' },
  style: { weight: lossWeights.style!, network: '', layers: layers.style, transform: 'gram' },
  temporal: { weight: lossWeights.temporal!, lowPass: false },
};

const phase: PhaseWeights = {
  phase: 'C',
  adversarial: 1,
  content: 1,
  style: 1,
  temporal: 1,
  layers: lossWeights.layers!,
  trajectory: lossWeights.trajectory!,
  rate: 1,
};

/** Weights by formula; weight-normalised ones are asked for whole. */
function weightsOf(shapes: Shapes): Map<string, TensorData> {
  const entries = Object.entries(shapes).flatMap(([key, shape]): [string, TensorData][] => {
    if (key.endsWith('.length')) return [];
    const name = key.replace(/\.direction$/, '');
    return [[name, { shape, dtype: 'float32', data: weightPattern(name, shape) }]];
  });
  return new Map(entries);
}

/** @param tolerance relative to the norm of each tensor @param verdicts what the discriminator judges by */
export async function checkGanStep(
  load: () => Promise<LoadedTfjs>,
  tolerance: number,
  verdicts: readonly ('clip' | 'patches')[] = ['clip', 'patches'],
): Promise<void> {
  const loaded = await start(load, 'a full step');
  if (!loaded) return;
  const tf: LoadedTfjs['tf'] = loaded;
  const ops = createTfjsOps(tf);
  const near = (actual: number, expected: number, name: string) =>
    assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${name} is ${actual}, not ${expected}`);

  function makeSample(): Sample {
    const quarter = side / 4;
    const steps = receptiveField(config) + frames;
    const bases = config.flowBases;
    const put = (name: string, shape: number[], scale = 1, offset = 0) =>
      tf.tensor(pattern(shape, seedOf(name), scale, offset), shape);
    const whole = { width: side, height: side };
    const { inner } = viewOf(side);
    assert.equal(inner, sizes.frame);
    const axis = pixelGrid(inner, FLOW_STEP);
    const sequence = [batch * frames, inner, inner, 1];
    return {
      size: batch,
      frames,
      side: inner,
      photo: put('photo', [batch, side, side, 3]),
      page: put('page', [batch, side, side, 1]),
      position: put('position', [batch, quarter, quarter, 2]),
      z: put('z', [batch, steps, config.noise]),
      phase: put('phase', [batch, steps, PHASE_FEATURES]),
      path: put('path', [batch, frames, motionSize(config)]),
      // The drawing is there: nothing is to be moved as z asks.
      asked: { scalars: tf.zeros([0]), weights: tf.zeros([0]) },
      real: put('real', sequence, 0.5, 0.5),
      drawn: put('drawn', sequence, 0.5, 0.5),
      print: 'screentone' as const,
      layers: put('layers', [batch, side, side, 4], 0.5, 0.5),
      fields: put('fields', [batch, quarter, quarter, 1 + 2 * bases]),
      grid: {
        px: tf.tensor(axis.fine, [1, 1, inner, 1]),
        py: tf.tensor(axis.fine, [1, inner, 1, 1]),
        coarseX: tf.tensor(axis.coarse, [1, 1, inner / FLOW_STEP, 1]),
        coarseY: tf.tensor(axis.coarse, [1, inner / FLOW_STEP, 1, 1]),
      },
      geometry: { frame: { width: inner, height: inner }, canvas: whole, drawn: whole, padded: whole },
    };
  }

  /** A discriminator with weights by formula, u and v after as many iterations as at the start of any other. */
  async function makePlayer(logits: 'clip' | 'patches'): Promise<DiscriminatorPlayer> {
    const { channels } = sizes;
    const judging = { pairing: 'independent', channels, depth: 3, logits } as const;
    const options = { ...judging, objective: 'non-saturating', realLabel: 0.9 } as const;
    const player = new DiscriminatorPlayer(tf, ops, options, 1, new Random(1));
    const weights = weightsOf(shapes.discriminator);
    const held = new Parameters(tf, { id: 'start', tensors: weights }, () => false);
    const norm = new SpectralNorm(
      tf,
      held.weight,
      discriminatorSpecs(discriminatorConfig(sizes.channels)),
      new Random(1),
    );
    const first = Object.keys(goldens.clip.discriminator.u).map((name): [string, TensorData] => {
      const u = pattern(shapes.discriminator[name]!.slice(-1), seedOf(`${name}.u`));
      const length = Math.hypot(...u);
      return [`${name}.u`, { shape: [u.length, 1], dtype: 'float32', data: u.map((x) => x / length) }];
    });
    norm.restore(new Map(first));
    norm.advance(WARM_UP);
    const tensors = new Map([...under('weights/', await held.state()), ...under('norm/', await norm.state())]);
    player.restore({ tensors, step: 0 });
    norm.dispose();
    held.dispose();
    return player;
  }

  const check = async (tensor: core.Tensor, expected: Summary, name: string) =>
    assertSummary({ shape: tensor.shape, data: await tensor.data() }, expected, tolerance, name);

  for (const logits of verdicts) {
    const golden = goldens[logits];
    test(`${tf.getBackend()}: one step of the discriminator, judging by ${logits}, and one of the generator are PyTorch's`, async () => {
      const before = tf.memory().numTensors;
      const network = await loadVgg19(tf, NETWORK);
      const sample = makeSample();
      const player = await makePlayer(logits);
      const parameters = new Parameters(
        tf,
        { id: 'start', tensors: weightsOf(golden.shapes.generator) },
        weightNormalised,
      );
      assert.deepEqual([...parameters.variables.keys()].sort(), Object.keys(golden.shapes.generator).sort());
      const fake = tf.tidy(() => generate(tf, ops, parameters, config, sample).frames);
      await check(fake, golden.frames, 'frames');

      const judged = await readScalars(
        tf.tidy(() => {
          const gradient = player.judge(sample, fake);
          player.learn(gradient, player.next(RATE));
          return { loss: gradient.losses.loss!, ...gradient.notes };
        }),
      );
      near(judged.loss!, golden.discriminator.loss, "the discriminator's loss");
      near(judged.real!, golden.discriminator.scores.real, 'D(x)');
      near(judged.fake!, golden.discriminator.scores.fake, 'D(G(z))');
      const { tensors } = await player.state();
      for (const [name, expected] of Object.entries(golden.discriminator.weights))
        assertSummary(tensors.get(`weights/variable/${name}`)!, expected, tolerance, name);
      for (const [name, expected] of Object.entries(golden.discriminator.u)) {
        const { data } = tensors.get(`norm/${name}.u`)!;
        assertSummary({ shape: [data.length], data }, expected, tolerance, `u of ${name}`);
      }

      const objective = new GeneratorObjective(tf, ops, config, plan, { content: network, style: network });
      const weights = objective.weights(phase, true, true);
      const optimiser = new Optimiser(tf, parameters.variables, { ...ADAM_DEFAULTS, clipNorm: 1 });
      const { vector, norm, notes } = tf.tidy(() => {
        const gradient = optimiser.gradient((note) => objective.parts(parameters, sample, weights, player, note));
        const { vector, notes } = gradient;
        return { vector, notes: { ...notes }, norm: optimiser.descend(gradient, optimiser.next(RATE)) };
      });
      const { diversity, ...losses } = await readScalars(notes);
      assert.ok(diversity! > 0);
      assert.deepEqual(Object.keys(losses).sort(), Object.keys(golden.generator.losses).sort());
      for (const [name, expected] of Object.entries(golden.generator.losses)) near(losses[name]!, expected, name);
      near((await readScalars({ norm })).norm!, golden.generator.norm, "the gradients' norm");
      const flat = new Flat(tf, parameters.variables);
      for (const { name, ...gradient } of flat.slices((await vector.data()) as Float32Array))
        assertSummary(gradient, golden.generator.gradients[name]!, tolerance, `gradient of ${name}`);
      vector.dispose();
      for (const [name, variable] of parameters.variables) {
        assert.equal(sizeOf(variable.shape), sizeOf(golden.shapes.generator[name]!));
        await check(variable, golden.generator.weights[name]!, name);
      }
      for (const owned of [optimiser, player, parameters, network]) owned.dispose();
      fake.dispose();
      tf.dispose({ ...sample } as unknown as core.TensorContainer);
      assert.equal(tf.memory().numTensors, before, 'tensors are left');
    });
  }
}
