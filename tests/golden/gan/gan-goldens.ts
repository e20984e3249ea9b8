/** Discriminator, GAN losses and VGG-19 on a TensorFlow.js backend against the numbers that PyTorch gave. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import type * as core from '@tensorflow/tfjs-core';
import { writeSafetensors } from '../../../lib/checkpoint/safetensors.ts';
import type { TensorData } from '../../../lib/engines/engine.ts';
import type { LoadedTfjs } from '../../../lib/engines/load-tfjs.ts';
import { MangaError } from '../../../lib/errors/manga-error.ts';
import {
  type AdversarialOptions,
  discriminatorLoss,
  generatorLoss,
  meanScore,
} from '../../../lib/losses/adversarial.ts';
import { contentLoss } from '../../../lib/losses/content.ts';
import { gramStyleLoss, layerStyleLoss } from '../../../lib/losses/style.ts';
import { lowPass, temporalLoss } from '../../../lib/losses/temporal.ts';
import { type DiscriminatorConfig, discriminatorProgram } from '../../../lib/network/blocks/discriminator.ts';
import { permute } from '../../../lib/network/onnx/value.ts';
import { createTfjsOps } from '../../../lib/network/tfjs/ops.ts';
import { loadVgg19 } from '../../../lib/perceptual/vgg19.ts';
import { Random } from '../../../lib/random.ts';
import { ensureGradients } from '../../../lib/training/gradients.ts';
import { SpectralNorm } from '../../../lib/training/spectral-norm.ts';
import { checkCase } from '../check-goldens.ts';
import { assertSummary, type Case, pattern, type Summary, seedOf, weightPattern } from '../golden.ts';

type Tf = LoadedTfjs['tf'];
type T = core.Tensor;
type Tensors = Readonly<Record<string, T>>;

export const readGanGolden = async <G>(name: string): Promise<G> =>
  JSON.parse(await readFile(new URL(`./${name}.json`, import.meta.url), 'utf8'));

export interface DiscriminatorGoldens {
  readonly config: DiscriminatorConfig;
  readonly discriminator: Case & { readonly frames: number };
  readonly spectralNorm: readonly {
    readonly shape: readonly number[];
    readonly steps: readonly { readonly weight: Summary; readonly gradient: Summary; readonly u: Summary }[];
  }[];
}

interface LossGoldens {
  readonly frames: number;
  readonly adversarial: Readonly<Record<string, Case>>;
}

type CaseName = 'content' | 'style gram' | 'style layers' | 'temporal low-pass';

interface Vgg19Goldens {
  readonly widths: readonly number[];
  readonly torchvision: Case;
  readonly 'caffe-like': Case;
}

/** The backend, able to differentiate; or one skipped test that says what is missing. */
export async function start(load: () => Promise<LoadedTfjs>, what: string): Promise<Tf | null> {
  try {
    const { tf } = await load();
    ensureGradients(tf);
    return tf;
  } catch (error) {
    if (!(error instanceof MangaError) || error.code !== 'ENGINE_MISSING') throw error;
    test(`${what} against PyTorch`, { skip: error.message });
    return null;
  }
}

export async function checkDiscriminator(load: () => Promise<LoadedTfjs>, tolerance: number): Promise<void> {
  const tf = await start(load, 'discriminator');
  if (!tf) return;
  const { config, discriminator, spectralNorm } = await readGanGolden<DiscriminatorGoldens>('discriminator');
  const ops = createTfjsOps(tf);
  const program = discriminatorProgram(config, discriminator.frames);
  const leaves = Object.fromEntries(
    Object.entries(discriminator.gradients).map(([name, { shape }]) => [
      name,
      name === 'sequence' ? pattern(shape, seedOf(name), 0.5, 0.5) : weightPattern(name, shape),
    ]),
  );
  test(`${tf.getBackend()}: the discriminator and its gradients are PyTorch's`, () =>
    checkCase(tf, discriminator, leaves, (x) => program.build(ops, (name) => x[name]!, x), tolerance));

  for (const { shape, steps } of spectralNorm) {
    test(`${tf.getBackend()}: spectral normalisation of [${shape}] over ${steps.length} steps is PyTorch's`, async () => {
      const name = 'layer.weight';
      const data = pattern(shape, seedOf('weight'));
      const weight = tf.tidy(() => tf.variable(tf.tensor(data, [...shape])));
      const norm = new SpectralNorm(tf, () => weight, { [name]: { shape, deviation: 1 } }, new Random(1));
      const u = pattern(shape.slice(-1), seedOf('u'));
      const length = Math.hypot(...u);
      norm.restore(
        new Map([[`${name}.u`, { shape: [u.length, 1], dtype: 'float32', data: u.map((x) => x / length) }]]),
      );
      for (const [step, expected] of steps.entries()) {
        norm.advance();
        const against = tf.tensor(pattern(shape, seedOf('weight') + 1), [...shape]);
        const { grads, value } = tf.variableGrads(
          () => tf.sum(tf.mul(norm.weight(name), against)) as core.Scalar,
          [weight],
        );
        const normalised = tf.tidy(() => norm.weight(name));
        const gradient = grads[weight.name]!;
        const left = (await norm.state()).get(`${name}.u`)!;
        assertSummary({ shape, data: await normalised.data() }, expected.weight, tolerance, 'weight');
        assertSummary({ shape, data: await gradient.data() }, expected.gradient, tolerance, 'gradient');
        assertSummary({ shape: [u.length], data: left.data }, expected.u, tolerance, 'u');
        tf.tidy(() => weight.assign(tf.add(weight, tf.tensor(pattern(shape, 30 + step, 0.2), [...shape]))));
        tf.dispose([against, value, normalised, gradient]);
      }
      norm.dispose();
      weight.dispose();
    });
  }
}

export async function checkLosses(load: () => Promise<LoadedTfjs>, tolerance: number): Promise<void> {
  const tf = await start(load, 'losses');
  if (!tf) return;
  const golden = await readGanGolden<LossGoldens & Record<CaseName, Case>>('losses');
  const ops = createTfjsOps(tf);
  const leavesOf = (expected: Case, scale = 1, offset = 0) =>
    Object.fromEntries(
      Object.entries(expected.gradients).map(([name, { shape }]) => [
        name,
        pattern(shape, seedOf(name), scale, offset),
      ]),
    );
  const check = (
    name: string,
    expected: Case,
    leaves: Record<string, Float32Array>,
    build: (x: Tensors) => core.Scalar,
  ) =>
    test(`${tf.getBackend()}: ${name} loss and its gradients are PyTorch's`, () =>
      checkCase(tf, expected, leaves, (x) => ({ loss: build(x) }), tolerance));
  const pairs = (x: Tensors, name: string) => [x[`${name}0`]!, x[`${name}1`]!];

  for (const [name, expected] of Object.entries(golden.adversarial)) {
    check(name, expected, leavesOf(expected, 3), (x) => adversarial(tf, name, x));
  }
  check('content', golden.content, leavesOf(golden.content), (x) =>
    contentLoss(tf, pairs(x, 'real'), pairs(x, 'generated')),
  );
  check('style (gram)', golden['style gram'], leavesOf(golden['style gram']), (x) =>
    gramStyleLoss(tf, pairs(x, 'real'), pairs(x, 'generated')),
  );
  check('style (layers)', golden['style layers'], leavesOf(golden['style layers'], 1.2, 0.5), (x) => {
    const { shape } = x.layers!;
    return layerStyleLoss(tf, ops, tf.tensor(pattern(shape, seedOf('target'), 0.5, 0.5), shape), x.layers!);
  });
  check('temporal (low-pass)', golden['temporal low-pass'], leavesOf(golden['temporal low-pass']), (x) =>
    temporalLoss(tf, lowPass(tf, x.real!), lowPass(tf, x.generated!), golden.frames),
  );
}

/** A row of losses.py: whose loss, the pairing, and the label or what G minimises. */
function adversarial(tf: Tf, name: string, x: Tensors): core.Scalar {
  const [player, pairing, option] = name.split(' ');
  // A loss that does not look at x gets zeros.
  const real = x.real ?? tf.zerosLike(x.fake!);
  if (player === 'score') return meanScore(tf, real);
  const options = { pairing, objective: option, realLabel: Number(option) } as AdversarialOptions;
  return player === 'discriminator'
    ? discriminatorLoss(tf, real, x.fake!, options)
    : generatorLoss(tf, real, x.fake!, options);
}

export async function checkVgg19(load: () => Promise<LoadedTfjs>, tolerance: number): Promise<void> {
  const tf = await start(load, 'VGG-19');
  if (!tf) return;
  const golden = await readGanGolden<Vgg19Goldens>('vgg19');
  for (const layout of ['torchvision', 'caffe-like'] as const) {
    test(`${tf.getBackend()}: VGG-19 (${layout}) and its gradient are PyTorch's`, async () => {
      const folder = await mkdtemp(join(tmpdir(), 'manga-vgg19-'));
      try {
        const path = join(folder, 'weights.safetensors');
        await writeFile(path, writeSafetensors(vgg19Weights(layout, golden.widths), {}));
        const network = await loadVgg19(tf, path);
        const expected = golden[layout];
        const names = Object.keys(expected.outputs);
        const { shape } = expected.gradients.images!;
        await checkCase(
          tf,
          expected,
          { images: pattern(shape, seedOf('images'), 0.5, 0.5) },
          ({ images }) => Object.fromEntries(network.features(images!, names).map((x, i) => [names[i]!, x])),
          tolerance,
        );
        network.dispose();
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
}

const CONVOLUTIONS = [2, 2, 4, 4, 4];

/** The weights of vgg19.py: patterns in our order of axes, stored in PyTorch's. */
export function vgg19Weights(layout: 'torchvision' | 'caffe-like', widths: readonly number[]): Map<string, TensorData> {
  const tensors = new Map<string, TensorData>();
  const add = (name: string, kernel: number, inC: number, outC: number) => {
    const shape = [kernel, kernel, inC, outC];
    const data = weightPattern(`${name}.weight`, shape);
    tensors.set(`${name}.weight`, permute({ shape, dtype: 'float32', data }, [3, 2, 0, 1]));
    const bias = weightPattern(`${name}.bias`, [outC]);
    tensors.set(`${name}.bias`, { shape: [outC], dtype: 'float32', data: bias });
  };
  if (layout === 'caffe-like') add('conv0', 1, 3, 3);
  let inC = 3;
  let index = 0;
  for (const [block, count] of CONVOLUTIONS.entries()) {
    for (let i = 0; i < count; i++) {
      add(layout === 'torchvision' ? `features.${index}` : `conv${block + 1}_${i + 1}`, 3, inC, widths[block]!);
      inC = widths[block]!;
      index += 2;
    }
    index++;
  }
  return tensors;
}
