/**
 * Trains the small perceptual network (lib/perceptual/small.ts) to give what VGG-19 gives, and measures on held-out
 * pictures how well it does. A 1x1 convolution a layer (a linear map) carries its channels to the teacher's while
 * training; it is not kept. Losses a layer: the map's squared error in units of the teacher's variance (FitNets, Romero
 * 2015), and how far distances between pictures, in units of their mean, differ from the teacher's (relational
 * distillation, Park 2019, with L1): distances are what the content loss measures.
 *
 *   node scripts/distill-perceptual.ts --teacher vgg19.pth --images DIR [--images DIR …] --out DIR
 *     [--steps 3000] [--minutes 60] [--lessons 120] [--pairs 6] [--side 64] [--seed 1]
 * A lesson is a batch of crops and as many disturbed ones. Training ends after so many steps or minutes.
 * Several teachers may be given: each layer is taken from the first that has it. Every tenth picture is held out.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type * as core from '@tensorflow/tfjs-core';
import { writeSafetensors } from '../lib/checkpoint/safetensors.ts';
import { writeFileAtomically } from '../lib/checkpoint/write-file.ts';
import type { TensorData, Weights } from '../lib/engines/engine.ts';
import { loadTensorflow } from '../lib/engines/load-tfjs.ts';
import { createTfjsOps } from '../lib/network/tfjs/ops.ts';
import { convSpecs, randomWeights, type WeightSpecs } from '../lib/network/weights.ts';
import type { FeatureNetwork } from '../lib/perceptual/feature-network.ts';
import {
  loadSmallNetwork,
  SMALL_FILE,
  SMALL_LAYERS,
  type SmallLayer,
  smallChannels,
  smallFeatures,
  smallNeighbours,
  smallSpecs,
} from '../lib/perceptual/small.ts';
import { loadVgg19 } from '../lib/perceptual/vgg19.ts';
import { Random } from '../lib/random.ts';
import { Parameters } from '../lib/training/parameters.ts';
import { type LossParts, Optimiser } from '../lib/training/step.ts';
import { agreement, distances } from './distill-agreement.ts';
import { cropPairs, readPictures } from './distill-pictures.ts';

type T = core.Tensor;

const RATE = { from: 2e-3, to: 2e-5 };
const AVERAGE_DECAY = 0.995;
const RELATION_WEIGHT = 0.5;
const REPORT_EVERY = 50;
const HOLD_OUT = 10;
const MEASURED = { pairs: 24, side: 96, seed: 2024 };

const { values: options } = parseArgs({
  options: {
    teacher: { type: 'string', multiple: true, default: [] },
    images: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
    steps: { type: 'string', default: '3000' },
    minutes: { type: 'string', default: '60' },
    lessons: { type: 'string', default: '120' },
    pairs: { type: 'string', default: '6' },
    side: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
  },
});
if (!options.out || options.teacher.length === 0 || options.images.length === 0)
  throw new Error('Give --teacher FILE, --images DIR and --out DIR.');
const [steps, minutes, lessonCount] = [options.steps, options.minutes, options.lessons].map(Number);
const [pairs, side, seed] = [options.pairs, options.side, options.seed].map(Number);

const { tf } = await loadTensorflow();
const ops = createTfjsOps(tf);
const random = new Random(seed!);
const pictures = await readPictures(options.images);
const heldOut = pictures.filter((_, i) => i % HOLD_OUT === HOLD_OUT - 1);
const training = pictures.filter((_, i) => i % HOLD_OUT !== HOLD_OUT - 1);
console.log(`${training.length} pictures, ${heldOut.length} held out`);

const teachers: FeatureNetwork[] = [];
for (const path of options.teacher) teachers.push(await loadVgg19(tf, path));
const layers = SMALL_LAYERS.filter((layer) => teachers.some((teacher) => teacher.layers.includes(layer)));
const teacherOf = (layer: SmallLayer) => teachers.find((teacher) => teacher.layers.includes(layer))!;
/** Features of the wanted layers by the teachers, in the order of `layers`. */
const teach = (images: T): T[] => {
  const found = new Map<string, T>();
  for (const teacher of teachers) {
    const own = layers.filter((layer) => teacherOf(layer) === teacher);
    if (own.length === 0) continue;
    for (const [i, x] of teacher.features(images, own).entries()) found.set(own[i]!, x);
  }
  return layers.map((layer) => found.get(layer)!);
};

const headSpecs: Record<string, WeightSpecs[string]> = {};
const probe = tf.tidy(() => teach(tf.zeros([1, 32, 32, 3])).map((x) => x.shape[3]!));
for (const [i, layer] of layers.entries())
  Object.assign(headSpecs, convSpecs(`head.${layer}`, 1, smallChannels(layer), probe[i]!));
const start: Weights = randomWeights({ ...smallSpecs(), ...headSpecs }, random, 'start');
const parameters = new Parameters(tf, start, () => false);
const optimiser = new Optimiser(tf, parameters.variables, {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: 10,
});

const head = (layer: SmallLayer, x: T) =>
  ops.conv2d(x, parameters.weight(`head.${layer}.weight`), parameters.weight(`head.${layer}.bias`), 1);

/** Every other row and column of a fine layer: neighbours say the same, and all lessons must fit the memory. */
function thin(x: T): T {
  return x.shape[1]! > side! / 4 ? tf.maxPool(x as core.Tensor4D, 1, 2, 'valid') : x;
}

/** Squared error in units of the variance of each picture set's channels. */
function unexplained(mine: T, target: T): T {
  const variance = tf.mean(tf.square(tf.sub(target, tf.mean(target, [0, 1, 2], true))));
  return tf.div(tf.mean(tf.square(tf.sub(mine, target))), variance);
}

/** Distances of each picture to the next and to its disturbed version, in units of their mean. */
function relations(x: T): T {
  const rolled = (by: number) => tf.concat([tf.slice(x, [by], [-1]), tf.slice(x, [0], [by])], 0);
  const apart = [1, x.shape[0]! / 2].map((by) => tf.mean(tf.abs(tf.sub(x, rolled(by))), [1, 2, 3]));
  const all = tf.concat(apart, 0);
  return tf.div(all, tf.mean(all));
}

function objective(images: T, targets: readonly T[]): LossParts {
  const found = smallFeatures(ops, parameters.weight, images);
  const features = layers.map((layer) => thin(found.get(layer)!));
  const map = features.map((x, i) => unexplained(head(layers[i]!, x), targets[i]!));
  const relation = features.map((x, i) => tf.mean(tf.abs(tf.sub(relations(x), relations(targets[i]!)))));
  return {
    map: tf.addN(map) as core.Scalar,
    relation: tf.mul(tf.addN(relation), RELATION_WEIGHT) as core.Scalar,
  };
}

const batchOf = (from: typeof pictures, generator: Random, count: number, size: number): T =>
  tf.tensor(cropPairs(from, generator, count, size), [2 * count, size, size, 3]);

/** Crops and what the teachers give for them, computed once: a teacher costs ten times the student. */
interface Lesson {
  readonly images: T;
  readonly targets: readonly T[];
}

const began = performance.now();
const seconds = () => (performance.now() - began) / 1000;
const lessons: Lesson[] = Array.from({ length: lessonCount! }, () => {
  const images = batchOf(training, random, pairs!, side!);
  return { images, targets: tf.tidy(() => teach(images).map(thin)) };
});
console.log(`${lessons.length * 2 * pairs!} crops seen by the teachers after ${seconds().toFixed(0)} s`);

let sums: Record<string, number> = {};
let step = 0;
for (let progress = 0; progress < 1; ) {
  step++;
  progress = Math.max(step / steps!, seconds() / 60 / minutes!);
  const { images, targets } = random.pick(lessons);
  const rate = RATE.to + (RATE.from - RATE.to) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, progress)));
  const losses = await optimiser.step(() => objective(images, targets), rate);
  parameters.updateAverage(Math.min(AVERAGE_DECAY, step / (step + 10)));
  for (const [name, value] of Object.entries(losses)) sums[name] = (sums[name] ?? 0) + value;
  if (step % REPORT_EVERY === 0) {
    const means = Object.entries(sums).map(([name, sum]) => `${name} ${(sum / REPORT_EVERY).toFixed(4)}`);
    console.log(`${step} ${seconds().toFixed(0)} s ${means.join(' ')}`);
    sums = {};
  }
}

/** Divides each layer by its mean activation: ReLU networks keep their function when the next layer multiplies. */
function normalise(tensors: Map<string, TensorData>): Map<string, number> {
  const scale = (name: string, by: number) => {
    const { data, ...rest } = tensors.get(name)!;
    tensors.set(name, { ...rest, data: Float32Array.from(data, (value) => value * by) });
  };
  const images = batchOf(training, new Random(MEASURED.seed), 8, side!);
  const means = tf.tidy(() => {
    const weight = (name: string) => tf.tensor(tensors.get(name)!.data, [...tensors.get(name)!.shape], 'float32');
    return SMALL_LAYERS.map((layer) => tf.mean(smallFeatures(ops, weight, images).get(layer)!).dataSync()[0]!);
  });
  images.dispose();
  SMALL_LAYERS.forEach((layer, i) => {
    const { from, to } = smallNeighbours(layer);
    scale(`${from}.weight`, 1 / means[i]!);
    scale(`${from}.bias`, 1 / means[i]!);
    if (to) scale(`${to}.weight`, means[i]!);
  });
  return new Map(SMALL_LAYERS.map((layer, i) => [layer, means[i]!]));
}

const exported = (await parameters.export('distilled')).tensors;
const network = new Map([...exported].filter(([name]) => !name.startsWith('head.')));
const trainedSeconds = Math.round(seconds());
tf.dispose(lessons as unknown as core.TensorContainer);
const means = normalise(network);
await writeFileAtomically(
  join(options.out, SMALL_FILE),
  writeSafetensors(
    network,
    {
      format: 'motion-manga-perceptual-1',
      layers: layers.join(),
      steps: String(step),
      pictures: `${training.length}`,
    },
    { half: true },
  ),
);

// Measured: the file that was written, against the teachers, on pictures not trained on.
const images = batchOf(heldOut, new Random(MEASURED.seed), MEASURED.pairs, MEASURED.side);
const small = await loadSmallNetwork(tf, options.out);
const untrained = randomWeights(smallSpecs(), new Random(99), 'untrained').tensors;
const random0 = (layer: SmallLayer) => (x: T) => {
  const weight = (name: string) => tf.tensor(untrained.get(name)!.data, [...untrained.get(name)!.shape], 'float32');
  return smallFeatures(ops, weight, x, layer).get(layer)!;
};
const pixels = distances(tf, images, (x) => x);
const report: Record<string, unknown> = {
  steps: step,
  seconds: trainedSeconds,
  training: training.length,
  heldOut: heldOut.length,
};
for (const [i, layer] of layers.entries()) {
  const wide = (x: T) => teacherOf(layer).features(x, [layer])[0]!;
  const teacher = distances(tf, images, wide);
  const [cosine, explained] = tf.tidy(() => {
    const few = tf.slice(images, [0], [MEASURED.pairs]);
    const target = wide(few);
    const weight = (part: string) => {
      const { data, shape } = exported.get(`head.${layer}.${part}`)!;
      return tf.tensor(data, [...shape], 'float32');
    };
    const own = small.features(few, [layer])[0]!;
    const mine = ops.conv2d(tf.mul(own, means.get(layer)!), weight('weight'), weight('bias'), 1);
    const dot = (a: T, b: T) => tf.sum(tf.mul(a, b), 3);
    const cosines = tf.div(dot(mine, target), tf.add(tf.sqrt(tf.mul(dot(mine, mine), dot(target, target))), 1e-8));
    return [tf.mean(cosines).dataSync()[0]!, 1 - unexplained(mine, target).dataSync()[0]!];
  });
  report[layer] = {
    channels: [smallChannels(layer), probe[i]],
    cosine,
    explained,
    small: agreement(
      distances(tf, images, (x) => small.features(x, [layer])[0]!),
      teacher,
    ),
    untrained: agreement(distances(tf, images, random0(layer)), teacher),
    pixels: agreement(pixels, teacher),
  };
}
console.log(JSON.stringify(report, (_, value) => (typeof value === 'number' ? Number(value.toFixed(4)) : value), 1));
