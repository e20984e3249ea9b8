/** One row an op and way of using it; every engine must give what {@link referenceOps} gives. */
import type { Axis } from '../../lib/engines/engine.ts';
import type { Ops } from '../../lib/network/ops.ts';

export interface Input {
  readonly axes: readonly Axis[];
  /** Range of its random values. Default -1.5 to 1.5. */
  readonly range?: readonly [number, number];
}

export interface OpCase {
  readonly op: keyof Ops<object>;
  /** How it differs from the op's other rows. */
  readonly variant?: string;
  readonly inputs: Readonly<Record<string, Input>>;
  /** Shapes of what comes from the checkpoint. */
  readonly weights?: Readonly<Record<string, readonly number[]>>;
  build<T extends object>(ops: Ops<T>, x: Readonly<Record<string, T>>, w: Readonly<Record<string, T>>): T;
}

export const SIZES: readonly { height: number; width: number }[] = [
  { height: 9, width: 13 },
  { height: 37, width: 22 },
];

/** Sizes of the named axes used below. */
export function bind(axis: Axis, { height, width }: { height: number; width: number }): number {
  if (typeof axis === 'number') return axis;
  const sizes: Record<string, number> = { B: 2, T: 3, S: 7, BT: 6, H: height, W: width, TH: 3 * height };
  Object.assign(sizes, { evenH: 2 * height, evenW: 2 * width, h: height + 3, w: width - 4 });
  return sizes[axis];
}

const image = (channels: number): Input => ({ axes: ['B', 'H', 'W', channels] });
const vector = (channels: number): Input => ({ axes: ['B', channels] });
const sequence = (channels: number): Input => ({ axes: ['B', 'S', channels] });
const positive = (input: Input): Input => ({ ...input, range: [0.4, 3] });

type Binary = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max';
type Unary = 'abs' | 'exp' | 'sqrt' | 'sin' | 'cos' | 'tanh' | 'sigmoid' | 'relu';

function binary(op: Binary): OpCase[] {
  const b = (input: Input) => (op === 'div' ? positive(input) : input);
  const pairs: [string, Input, Input][] = [
    ['images', image(3), image(3)],
    ['an image and a plane', image(3), { axes: ['B', 'H', 'W', 1] }],
    ['a plane and an image', { axes: ['B', 'H', 'W', 1] }, image(3)],
    ['an image and one number an image', image(2), { axes: ['B', 1, 1, 1] }],
    ['a row and a column', { axes: [1, 1, 'W', 1] }, { axes: [1, 'H', 1, 1] }],
    ['vectors', vector(5), { axes: [1, 5] }],
    ['sequences', sequence(4), { axes: ['B', 'S', 1] }],
    ['scalars', { axes: ['B'] }, { axes: ['B'] }],
  ];
  return pairs.map(([variant, x, y]) => ({
    op,
    variant,
    inputs: { x, y: b(y) },
    build: (ops, { x, y }) => ops[op](x, y),
  }));
}

function unary(op: Unary, range?: readonly [number, number]): OpCase[] {
  return [image(3), sequence(4)].map(({ axes }) => ({
    op,
    variant: axes.length === 4 ? 'image' : 'sequence',
    inputs: { x: { axes, range } },
    build: (ops, { x }) => ops[op](x),
  }));
}

const conv2d: OpCase[] = [
  [1, 1],
  [3, 1],
  [3, 2],
  [2, 2],
  [4, 1],
  [5, 2],
].map(([kernel, stride]) => ({
  op: 'conv2d',
  variant: `${kernel}x${kernel} stride ${stride}`,
  inputs: { x: image(3) },
  weights: { filter: [kernel, kernel, 3, 4], bias: [4] },
  build: (ops, { x }, { filter, bias }) => ops.conv2d(x, filter, bias, stride as 1 | 2),
}));

export const opCases: readonly OpCase[] = [
  ...conv2d,
  {
    op: 'conv2d',
    variant: 'oblong, no bias, computed filter',
    inputs: { x: image(2) },
    weights: { filter: [3, 5, 2, 3] },
    build: (ops, { x }, { filter }) => ops.conv2d(x, ops.affine(filter, 0.5, 0.1), null, 1),
  },
  {
    op: 'concat',
    inputs: { a: image(3), b: image(1), c: image(2) },
    build: (ops, { a, b, c }) => ops.concat([a, b, c]),
  },
  { op: 'channels', inputs: { x: image(5) }, build: (ops, { x }) => ops.channels(x, 1, 3) },
  { op: 'upsample2', inputs: { x: image(3) }, build: (ops, { x }) => ops.upsample2(x) },
  { op: 'enlarge', variant: 'x2', inputs: { x: image(3) }, build: (ops, { x }) => ops.enlarge(x, 2) },
  { op: 'enlarge', variant: 'x4', inputs: { x: image(1) }, build: (ops, { x }) => ops.enlarge(x, 4) },
  { op: 'pixelShuffle2', inputs: { x: image(8) }, build: (ops, { x }) => ops.pixelShuffle2(x) },
  {
    op: 'spaceToDepth2',
    inputs: { x: { axes: ['B', 'evenH', 'evenW', 3] } },
    build: (ops, { x }) => ops.spaceToDepth2(x),
  },
  { op: 'globalMean', inputs: { x: image(3) }, build: (ops, { x }) => ops.globalMean(x) },
  { op: 'instanceNorm', inputs: { x: image(3) }, build: (ops, { x }) => ops.instanceNorm(x) },
  {
    op: 'scaleShift',
    inputs: { x: image(3), scale: vector(3), shift: vector(3) },
    build: (ops, { x, scale, shift }) => ops.scaleShift(x, scale, shift),
  },
  {
    op: 'warp',
    variant: 'coordinates as one input',
    inputs: { x: image(3), coords: { axes: ['B', 'h', 'w', 2], range: [-1.3, 1.3] } },
    build: (ops, { x, coords }) => ops.warp(x, coords),
  },
  {
    op: 'warp',
    variant: 'coordinates joined from two planes, one channel',
    inputs: {
      image: image(1),
      x: { axes: ['B', 'h', 'w', 1], range: [-1.1, 1.1] },
      y: { axes: ['B', 'h', 'w', 1], range: [-1.1, 1.1] },
    },
    build: (ops, { image, x, y }) => ops.warp(image, ops.concat([x, y])),
  },
  {
    op: 'warp',
    variant: 'image one pixel wide',
    inputs: { x: { axes: ['B', 'H', 1, 2] }, coords: { axes: ['B', 'h', 'w', 2] } },
    build: (ops, { x, coords }) => ops.warp(x, coords),
  },
  {
    op: 'warp',
    variant: 'exactly on the edges',
    inputs: { x: image(2), coords: { axes: ['B', 'h', 'w', 2], range: [-4, 4] } },
    build: (ops, { x, coords }) => ops.warp(x, ops.clip(coords, -1, 1)),
  },
  {
    op: 'stackFrames',
    inputs: { x: { axes: ['BT', 'H', 'W', 1] } },
    build: (ops, { x }) => ops.stackFrames(x, 3),
  },
  {
    op: 'unstackFrames',
    inputs: { x: { axes: ['B', 'TH', 'W', 1] } },
    build: (ops, { x }) => ops.unstackFrames(x, 3),
  },
  {
    op: 'sliceFrames',
    variant: 'the first two of three',
    inputs: { x: { axes: ['BT', 'H', 'W', 4] } },
    build: (ops, { x }) => ops.sliceFrames(x, 3, 0, 2),
  },
  {
    op: 'sliceFrames',
    variant: 'the last of three',
    inputs: { x: { axes: ['BT', 'H', 'W', 1] } },
    build: (ops, { x }) => ops.sliceFrames(x, 3, 2, 1),
  },
  { op: 'perImage', inputs: { x: { axes: ['BT'] } }, build: (ops, { x }) => ops.perImage(x) },

  {
    op: 'dense',
    variant: 'vectors',
    inputs: { x: vector(5) },
    weights: { w: [5, 6], b: [6] },
    build: (ops, { x }, { w, b }) => ops.dense(x, w, b),
  },
  {
    op: 'dense',
    variant: 'sequences, no bias',
    inputs: { x: sequence(5) },
    weights: { w: [5, 2] },
    build: (ops, { x }, { w }) => ops.dense(x, w, null),
  },
  ...[1, 2, 8].map(
    (dilation): OpCase => ({
      op: 'causalConv1d',
      variant: `dilation ${dilation}`,
      inputs: { x: sequence(4) },
      weights: { w: [3, 4, 5], b: [5] },
      build: (ops, { x }, { w, b }) => ops.causalConv1d(x, w, b, dilation),
    }),
  ),
  { op: 'toSteps', inputs: { x: { axes: ['BT', 4] } }, build: (ops, { x }) => ops.toSteps(x, 3) },
  { op: 'meanSteps', inputs: { x: sequence(4) }, build: (ops, { x }) => ops.meanSteps(x) },
  {
    op: 'repeatSteps',
    inputs: { x: vector(4), like: sequence(2) },
    build: (ops, { x, like }) => ops.repeatSteps(x, like),
  },
  {
    op: 'concatLast',
    variant: 'vectors',
    inputs: { a: vector(3), b: vector(1) },
    build: (ops, { a, b }) => ops.concatLast([a, b]),
  },
  {
    op: 'concatLast',
    variant: 'sequences',
    inputs: { a: sequence(2), b: sequence(3), c: sequence(1) },
    build: (ops, { a, b, c }) => ops.concatLast([a, b, c]),
  },
  { op: 'sliceLast', variant: 'vectors', inputs: { x: vector(6) }, build: (ops, { x }) => ops.sliceLast(x, 2, 3) },
  { op: 'sliceLast', variant: 'sequences', inputs: { x: sequence(6) }, build: (ops, { x }) => ops.sliceLast(x, 0, 4) },
  { op: 'column', inputs: { x: { axes: ['BT', 5] } }, build: (ops, { x }) => ops.column(x, 3) },

  ...(['add', 'sub', 'mul', 'div', 'min', 'max'] as const).flatMap(binary),
  { op: 'affine', inputs: { x: image(3) }, build: (ops, { x }) => ops.affine(x, -2.5, 0.75) },
  { op: 'clip', inputs: { x: image(3) }, build: (ops, { x }) => ops.clip(x, -0.5, 1) },
  ...(['abs', 'exp', 'tanh', 'sigmoid', 'relu'] as const).flatMap((op) => unary(op)),
  ...unary('sqrt', [0.01, 4]),
  ...(['sin', 'cos'] as const).flatMap((op) => unary(op, [-20, 20])),
  { op: 'leakyRelu', inputs: { x: image(3) }, build: (ops, { x }) => ops.leakyRelu(x, 0.2) },
  { op: 'wrap', inputs: { x: { ...image(1), range: [-9, 9] } }, build: (ops, { x }) => ops.wrap(x) },
  { op: 'toBytes', variant: 'grey', inputs: { x: image(1) }, build: (ops, { x }) => ops.toBytes(x) },
  { op: 'toBytes', variant: 'RGB', inputs: { x: image(3) }, build: (ops, { x }) => ops.toBytes(x) },
];
