import type { Ops } from '../network/ops.ts';

/** What a tensor's elements are. Pixels are 'uint8' 0..255, everything else 'float32'. */
export type DType = 'float32' | 'uint8' | 'int32';

/** A tensor in host memory, row-major, images always [batch, height, width, channels]. */
export interface TensorData {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: Float32Array | Uint8Array | Int32Array;
}

/** A tensor owned by an engine; opaque outside it. Free it with {@link Engine.dispose}. */
export interface EngineTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly byteLength: number;
}

/** Named weights of a checkpoint. Engines cache their uploaded form by `id`. */
export interface Weights {
  /** Content hash of the checkpoint (or any unique string for random weights). */
  readonly id: string;
  readonly tensors: ReadonlyMap<string, TensorData>;
}

/** One axis of an input: a fixed size, or a name for a size that varies from run to run. */
export type Axis = number | string;

/**
 * A piece of the network, written once against {@link Ops}. Engines interpret it: TensorFlow.js runs `build` eagerly,
 * the ONNX writer records it as a graph.
 */
export interface Program {
  /** Unique per distinct graph (include every build-time option): engines cache compiled forms by it. */
  readonly name: string;
  /** Input shapes; rank 4 means an image [batch, height, width, channels]. All float32. */
  readonly inputs: Readonly<Record<string, readonly Axis[]>>;
  /** Names of the outputs `build` returns, in order. */
  readonly outputs: readonly string[];
  build<T extends object>(
    ops: Ops<T>,
    weight: (name: string) => T,
    inputs: Readonly<Record<string, T>>,
  ): Record<string, T>;
}

export type EngineName = 'onnx' | 'tensorflow' | 'webgpu';

export interface EngineMemory {
  readonly tensors: number;
  readonly bytes: number;
}

/** Runs programs and owns tensors. Not safe for use after {@link close}. */
export interface Engine {
  readonly name: EngineName;
  /** For people: library, version, device. */
  readonly description: string;
  readonly canTrain: boolean;
  /** Copies host data into the engine. uint8 input is converted to float32 unchanged in value (0..255). */
  upload(data: TensorData): EngineTensor;
  /** Copies a tensor out, NHWC. */
  read(tensor: EngineTensor): Promise<TensorData>;
  dispose(tensor: EngineTensor): void;
  /** Runs a program. The caller owns and disposes the outputs. @throws MangaError BAD_INPUT naming the input whose shape is wrong. */
  run(
    program: Program,
    weights: Weights,
    inputs: Readonly<Record<string, EngineTensor>>,
  ): Promise<Record<string, EngineTensor>>;
  memory(): EngineMemory;
  close(): Promise<void>;
}
