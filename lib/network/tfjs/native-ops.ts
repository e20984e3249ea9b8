import type * as core from '@tensorflow/tfjs-core';
import type { Ops } from '../ops.ts';
import type { Tensorflow } from './tensorflow.ts';

type Tf = Omit<typeof core, 'default'>;
type T = core.Tensor;
type Inputs = Readonly<Record<string, T>>;
type Values = Readonly<Record<string, number>>;

/** One differentiable kernel: what TensorFlow.js keeps on its tape as one step. */
interface Kernel {
  forward(inputs: Inputs, values: Values): T;
  /** Which inputs, and whether the output, are needed backwards; they come in this order, the output last. */
  readonly saves: readonly string[];
  readonly savesOutput?: boolean;
  /** The gradient of each input, called only for those that need one. */
  backward(dy: T, saved: readonly T[], values: Values): Record<string, () => T>;
}

type NativeOps = Pick<
  Ops<T>,
  'conv2d' | 'dense' | 'leakyRelu' | 'relu' | 'scaleShift' | 'pixelShuffle2' | 'spaceToDepth2'
> &
  Partial<Pick<Ops<T>, 'warp'>>;

const PREFIX = 'MotionManga';
/** oneDNN's convolution that adds the bias while the result is in the cache. Not in every build, nor on other processors. */
const FUSED = '_MklNativeConv2DWithBias';
/** (x, y) in -1..1 to (y, x, y, x) around 0, and gradients of these back to those of x and y. */
const TO_BOX = [
  [0, 0.5, 0, 0.5],
  [0.5, 0, 0.5, 0],
];
const FROM_BOX = [
  [0, 1],
  [1, 0],
  [0, 0],
  [0, 0],
];
/**
 * On a pixel's centre the kernel takes that pixel for both neighbours, and finds no slope between them: slopes are taken
 * this much to the right and below, in shares of the side.
 */
const TO_THE_RIGHT = 2 ** -23;

/**
 * The ops that training spends its time in, each one kernel with a gradient of TensorFlow's native kernels: TensorFlow.js
 * composes bias, activations and their gradients of several whole-tensor operations. The same mathematics as in ops.ts.
 */
export function nativeOps(tf: Tf, tensorflow: Tensorflow): NativeOps {
  const { attributes, run } = tensorflow;
  const { float32 } = attributes;
  const layout = attributes.text('data_format', 'NHWC');
  const convolution = [1, 2].map((stride) => [
    float32,
    attributes.integer('strides', [1, stride, stride, 1]),
    attributes.text('padding', 'SAME'),
    layout,
    attributes.integer('dilations', [1, 1, 1, 1]),
    attributes.boolean('use_cudnn_on_gpu', true),
  ]);
  const blocks = [float32, attributes.integer('block_size', 2), layout];
  const alpha = (values: Values) => [float32, attributes.float('alpha', values.slope!)];
  const matMul = (a: T, b: T, transposeA = false, transposeB = false) =>
    run(
      'MatMul',
      [float32, attributes.boolean('transpose_a', transposeA), attributes.boolean('transpose_b', transposeB)],
      [a, b],
    );
  const biasGradient = (dy: T) => run('BiasAddGrad', [float32, layout], [dy]);
  const replacing = (made: T, next: (x: T) => T) => {
    const result = next(made);
    made.dispose();
    return result;
  };
  const withBias = (made: T, bias: T | undefined) =>
    bias ? replacing(made, (x) => run('BiasAdd', [float32, layout], [x, bias])) : made;
  const fusedLabel = attributes.text('_kernel', 'MklNameChangeOp');
  const fusesBias = tf.tidy(() => {
    const [image, filter, bias] = [[1, 1, 1, 1], [1, 1, 1, 1], [1]].map((shape) => tf.ones(shape));
    try {
      run(FUSED, [...convolution[0]!, fusedLabel], [image!, filter!, bias!]);
      return true;
    } catch {
      return false;
    }
  });
  // A point is a crop of one pixel: its box begins and ends there. The kernels know bilinear sampling in both directions.
  const cropGradients = [float32, attributes.text('method', 'bilinear')];
  const crops = [...cropGradients, attributes.float('extrapolation_value', 0)];
  /** @param coords [B,h,w,2] @param offset on places of 0..1 @returns boxes (y, x, y, x) in 0..1, [B*h*w,4] */
  const points = (coords: T, offset: number) => {
    // The kernels refuse what is no number; what made it one shows in the losses all the same.
    const finite = run('SelectV2', [float32], [run('IsFinite', [float32], [coords]), coords, tf.scalar(0)]);
    const boxes = matMul(tf.reshape(finite, [-1, 2]), tf.tensor2d(TO_BOX));
    const half = tf.fill([4], 0.5 + offset);
    return tf.clipByValue(run('BiasAdd', [float32, layout], [boxes, half]), offset, 1 - offset);
  };
  /** Which image each point lies in, [B*h*w]. */
  const owners = (coords: T) => {
    const each = coords.size / 2 / coords.shape[0]!;
    const indices = Int32Array.from({ length: coords.size / 2 }, (_, i) => Math.floor(i / each));
    return tf.tensor1d(indices, 'int32');
  };
  const perImage = (x: T) => tf.reshape(x, [x.shape[0]!, 1, 1, x.shape[1]!]);
  const total = (x: T) => tf.sum(x, [1, 2]);

  const kernels = {
    Conv2D: {
      forward({ x, filter, bias }, { stride }) {
        const given = convolution[stride! - 1]!;
        if (bias && fusesBias) return run(FUSED, [...given, fusedLabel], [x!, filter!, bias]);
        return withBias(run('Conv2D', given, [x!, filter!]), bias);
      },
      saves: ['x', 'filter'],
      backward: (dy, [x, filter], { stride }) => {
        const sized = (shape: readonly number[], op: (sizes: T) => T) =>
          replacing(tf.tensor1d([...shape], 'int32'), (sizes) => op(sizes));
        const given = convolution[stride! - 1]!;
        return {
          x: () => sized(x!.shape, (sizes) => run('Conv2DBackpropInput', given, [sizes, filter!, dy])),
          filter: () => sized(filter!.shape, (sizes) => run('Conv2DBackpropFilter', given, [x!, sizes, dy])),
          bias: () => biasGradient(dy),
        };
      },
    },
    Dense: {
      forward: ({ x, w, b }) => withBias(matMul(x!, w!), b),
      saves: ['x', 'w'],
      backward: (dy, [x, w]) => ({
        x: () => matMul(dy, w!, false, true),
        w: () => matMul(x!, dy, true, false),
        b: () => biasGradient(dy),
      }),
    },
    LeakyRelu: {
      forward: ({ x }, values) => run('LeakyRelu', alpha(values), [x!]),
      saves: [],
      // The output has the input's sign, and is at hand anyway.
      savesOutput: true,
      backward: (dy, [y], values) => ({ x: () => run('LeakyReluGrad', alpha(values), [dy, y!]) }),
    },
    Relu: {
      forward: ({ x }) => run('Relu', [float32], [x!]),
      saves: [],
      savesOutput: true,
      backward: (dy, [y]) => ({ x: () => run('ReluGrad', [float32], [dy, y!]) }),
    },
    ScaleShift: {
      forward: ({ x, scale, shift }) => tf.tidy(() => tf.add(tf.mul(x!, perImage(scale!)), perImage(shift!))),
      saves: ['x', 'scale'],
      backward: (dy, [x, scale]) => ({
        x: () => tf.mul(dy, perImage(scale!)),
        scale: () => total(tf.mul(dy, x!)),
        shift: () => total(dy),
      }),
    },
    DepthToSpace: {
      forward: ({ x }) => run('DepthToSpace', blocks, [x!]),
      saves: [],
      backward: (dy) => ({ x: () => run('SpaceToDepth', blocks, [dy]) }),
    },
    SpaceToDepth: {
      forward: ({ x }) => run('SpaceToDepth', blocks, [x!]),
      saves: [],
      backward: (dy) => ({ x: () => run('DepthToSpace', blocks, [dy]) }),
    },
    Warp: {
      forward: ({ image, coords }) => {
        const [, height, width] = coords!.shape as [number, number, number, number];
        const [batch, , , channels] = image!.shape as [number, number, number, number];
        return tf.tidy(() => {
          const size = tf.tensor1d([1, 1], 'int32');
          const made = run('CropAndResize', crops, [image!, points(coords!, 0), owners(coords!), size]);
          return tf.reshape(made, [batch, height, width, channels]);
        });
      },
      saves: ['image', 'coords'],
      backward: (dy, [image, coords]) => {
        const crop = () => tf.reshape(dy, [-1, 1, 1, dy.shape[3]!]);
        return {
          image: () =>
            tf.tidy(() => {
              const size = tf.tensor1d(image!.shape, 'int32');
              return run('CropAndResizeGradImage', cropGradients, [crop(), points(coords!, 0), owners(coords!), size]);
            }),
          coords: () =>
            tf.tidy(() => {
              const boxes = points(coords!, TO_THE_RIGHT);
              const gradient = run('CropAndResizeGradBoxes', cropGradients, [crop(), image!, boxes, owners(coords!)]);
              const both = tf.reshape(matMul(gradient, tf.tensor2d(FROM_BOX)), coords!.shape);
              // Nothing moves where a coordinate was clamped.
              return tf.mul(both, tf.cast(tf.lessEqual(tf.abs(coords!), 1), 'float32'));
            }),
        };
      },
    },
  } satisfies Readonly<Record<string, Kernel>>;
  for (const [name, kernel] of Object.entries(kernels)) register(tf, PREFIX + name, kernel);

  const call = (name: keyof typeof kernels, inputs: Inputs, values: Values = {}) =>
    tf.engine().runKernel(PREFIX + name, inputs as core.NamedTensorMap, { ...values }) as T;
  const optional = (name: string, x: T | null) => (x ? { [name]: x } : {});

  return {
    conv2d: (x, filter, bias, stride) => call('Conv2D', { x, filter, ...optional('bias', bias) }, { stride }),
    dense(x, w, b) {
      const flat = x.rank === 2 ? x : tf.reshape(x, [-1, w.shape[0]!]);
      const y = call('Dense', { x: flat, w, ...optional('b', b) });
      return x.rank === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), w.shape[1]!]);
    },
    leakyRelu: (x, slope) => call('LeakyRelu', { x }, { slope }),
    relu: (x) => call('Relu', { x }),
    scaleShift: (x, scale, shift) => call('ScaleShift', { x, scale, shift }),
    pixelShuffle2: (x) => call('DepthToSpace', { x }),
    spaceToDepth2: (x) => call('SpaceToDepth', { x }),
    ...(tensorflow.onProcessor ? { warp: (image: T, coords: T) => call('Warp', { image, coords }) } : {}),
  };
}

/** Once a process, as kernels are. */
function register(tf: Tf, kernelName: string, { forward, saves, savesOutput, backward }: Kernel): void {
  if (tf.getKernel(kernelName, 'tensorflow')) return;
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) => forward(inputs as Inputs, attrs as unknown as Values),
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: [...saves],
    outputsToSave: [savesOutput ?? false],
    gradFunc: (dy, saved, attrs) => backward(dy as T, saved, attrs as unknown as Values),
  });
}
