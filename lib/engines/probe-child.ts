/** Child of {@link probe}: tries the engine named in argv and writes the result to file descriptor 3. */
import { writeSync } from 'node:fs';
import { toWire } from '../errors/manga-error.ts';
import { type LoadedTfjs, loadTensorflow, loadWebgpu } from './load-tfjs.ts';
import type { ProbeResult } from './probe.ts';

/** An ONNX model of one node: y = Relu(x), x and y float[2]. */
const RELU_MODEL = 'CAg6MwoMCgF4EgF5IgRSZWx1EgFnWg8KAXgSCgoICAESBAoCCAJiDwoBeRIKCggIARIECgIIAkICEBE=';

async function tryOnnx(): Promise<ProbeResult> {
  const onnx = await import('onnxruntime-node');
  const session = await onnx.InferenceSession.create(Buffer.from(RELU_MODEL, 'base64'));
  const { y } = await session.run({ x: new onnx.Tensor('float32', Float32Array.of(-2, 3), [2]) });
  expectValues([...(y.data as Float32Array)], [0, 3]);
  return { works: true, version: `ONNX Runtime ${onnx.env.versions.node}`, device: 'CPU', missing: null };
}

/** A convolution: the operation that engines are here for. */
async function tryTfjs({ tf, version, device }: LoadedTfjs): Promise<ProbeResult> {
  const image = tf.ones<import('@tensorflow/tfjs-core').Rank.R4>([1, 3, 3, 1]);
  const filter = tf.ones<import('@tensorflow/tfjs-core').Rank.R4>([3, 3, 1, 1]);
  expectValues([...(await tf.conv2d(image, filter, 1, 'same').data())], [4, 6, 4, 6, 9, 6, 4, 6, 4]);
  return { works: true, version, device, missing: null };
}

function expectValues(found: readonly number[], expected: readonly number[]): void {
  const right = found.length === expected.length && found.every((value, i) => Math.abs(value - expected[i]) < 1e-3);
  if (!right) throw new Error(`It computes wrongly: ${found} instead of ${expected}.`);
}

const trials: Readonly<Record<string, () => Promise<ProbeResult>>> = {
  onnx: tryOnnx,
  tensorflow: async () => tryTfjs(await loadTensorflow()),
  webgpu: async () => tryTfjs(await loadWebgpu()),
};

/** The message alone: who shows it knows what to do about it. */
function reason(error: unknown): string {
  const { message, hint } = toWire(error);
  return hint && message.endsWith(hint) ? message.slice(0, -hint.length).trim() : message;
}

let result: ProbeResult;
try {
  result = await trials[process.argv[2]]();
} catch (error) {
  result = { works: false, version: null, device: null, missing: reason(error) };
}
writeSync(3, JSON.stringify(result));
// Dawn's threads may keep the process alive, and its teardown is not what is tried here.
process.exit(0);
