import type { Program, Weights } from '../../engines/engine.ts';
import { MangaError } from '../../errors/manga-error.ts';
import { GraphRecorder } from './graph-recorder.ts';
import { encodeModel, type OnnxPort } from './model.ts';
import { OnnxOps } from './ops.ts';
import { channelsFirst, type OnnxValue } from './value.ts';

/**
 * Records a program as an ONNX model (operator set 17). Rank-4 inputs and outputs are channels first,
 * [batch, channels, height, width]; weights that the program does not use are left out.
 * @param metadata key-value pairs of the model file, for people and other tools
 * @returns the bytes of a .onnx file
 * @throws MangaError MODEL_MISSING when the checkpoint lacks a weight
 */
export function writeOnnx(
  program: Program,
  weights: Weights,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const recorder = new GraphRecorder();
  const inputs: Record<string, OnnxValue> = {};
  const ports: OnnxPort[] = [];
  for (const [name, shape] of Object.entries(program.inputs)) {
    inputs[name] = { name, shape: shape.map((axis) => (typeof axis === 'number' ? axis : null)) };
    ports.push({ name, dtype: 'float32', shape: channelsFirst(shape) });
  }
  const weight = (name: string): OnnxValue => {
    const data = weights.tensors.get(name);
    if (!data) {
      throw new MangaError(
        'MODEL_MISSING',
        `The model has no weight "${name}", which "${program.name}" needs.`,
        'It was made by another version: use the model that came with this package, or train again.',
      );
    }
    return { name, shape: data.shape, weight: { name, data } };
  };
  const ops = new OnnxOps(recorder);
  const results = program.build(ops, weight, inputs);
  const outputs = program.outputs.map((name) => {
    const result = results[name];
    if (!result) throw new MangaError('INTERNAL', `Program "${program.name}" did not build its output "${name}".`);
    return {
      port: { name, dtype: result.dtype ?? 'float32', shape: channelsFirst(result.shape) },
      value: ops.use(result),
    };
  });
  return encodeModel(recorder.finish(program.name, ports, outputs), metadata);
}
