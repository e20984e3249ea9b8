import { availableParallelism } from 'node:os';
import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { MangaError } from '../errors/manga-error.ts';
import { writeOnnx } from '../network/onnx/write-onnx.ts';
import { checkInputs } from './check-inputs.ts';
import type { DType, Engine, EngineTensor, Program, TensorData, Weights } from './engine.ts';
import { toChannelsFirst, toChannelsLast } from './onnx-layout.ts';

/**
 * How long idle threads look for work before they sleep. Without any spinning our many short ops run no faster on two
 * threads than on one; with ONNX Runtime's default (1 ms) they burn the cores that the video encoder needs.
 */
const SPIN_MICROSECONDS = 50;
/** Compiled graphs that stay loaded; the one not used for longest goes first. */
const MAX_SESSIONS = 32;
/** More threads than this only wait for each other on planes of our size. */
const MAX_THREADS = 8;

/** Rank-4 tensors lie channels first in `tensor`; `shape` is [batch, height, width, channels]. */
class OnnxTensor implements EngineTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly byteLength: number;
  readonly tensor: Tensor;

  constructor(tensor: Tensor) {
    const [batch, channels, height, width] = tensor.dims;
    this.shape = tensor.dims.length === 4 ? [batch, height, width, channels] : [...tensor.dims];
    this.dtype = tensor.type as DType;
    this.byteLength = (tensor.data as Float32Array | Uint8Array).byteLength;
    this.tensor = tensor;
  }
}

/**
 * An engine on ONNX Runtime's CPU provider. Runs programs, does not train.
 * @param options.threads threads for one program; default: all cores, at most 8
 * @throws MangaError ENGINE_MISSING when the native library does not load
 */
export async function createOnnxEngine(options: { threads?: number } = {}): Promise<Engine> {
  const ort = await loadRuntime();
  const threads = options.threads ?? Math.min(availableParallelism(), MAX_THREADS);
  const sessions = new Map<string, InferenceSession>();
  const live = new Set<OnnxTensor>();
  let closed = false;
  /**
   * Compilations and runs, one after the other, so that no session is released while it runs. Nothing is lost by it:
   * onnxruntime-node runs on the thread that calls it, which waits; only the threads of one session work side by side.
   */
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<R>(action: () => Promise<R>): Promise<R> {
    const result = last.then(action);
    last = result.catch(() => undefined);
    return result;
  }

  async function sessionFor(program: Program, weights: Weights): Promise<InferenceSession> {
    const key = JSON.stringify([program.name, weights.id]);
    let session = sessions.get(key);
    if (session) {
      sessions.delete(key); // and set again below: a Map keeps the order of insertion
    } else {
      session = await ort.InferenceSession.create(writeOnnx(program, weights), sessionOptions(threads));
    }
    sessions.set(key, session);
    for (const [oldest, unused] of sessions) {
      if (sessions.size <= MAX_SESSIONS) break;
      sessions.delete(oldest);
      await unused.release();
    }
    return session;
  }

  function keep(tensor: Tensor): OnnxTensor {
    const kept = new OnnxTensor(tensor);
    live.add(kept);
    return kept;
  }

  function own(tensor: EngineTensor): OnnxTensor {
    if (tensor instanceof OnnxTensor && live.has(tensor)) return tensor;
    throw new MangaError(
      'INTERNAL',
      'A tensor was used after it was disposed, or with an engine that does not own it.',
    );
  }

  function ensureOpen(): void {
    if (closed) throw new MangaError('SESSION_CLOSED', 'The ONNX engine is closed.');
  }

  return {
    name: 'onnx',
    description: `ONNX Runtime ${ort.env.versions.node ?? ''} on CPU, ${threads} threads`,
    canTrain: false,

    upload({ shape, data }: TensorData): EngineTensor {
      ensureOpen();
      const size = shape.reduce((a, b) => a * b, 1);
      if (size !== data.length) {
        throw new MangaError(
          'BAD_INPUT',
          `A tensor of shape [${shape}] has ${size} elements, but ${data.length} came.`,
        );
      }
      const [batch, height, width, channels] = shape;
      const values =
        shape.length === 4
          ? toChannelsFirst(data, new Float32Array(size), batch, height * width, channels)
          : Float32Array.from(data);
      const dims = shape.length === 4 ? [batch, channels, height, width] : [...shape];
      return keep(new ort.Tensor('float32', values, dims));
    },

    async read(tensor: EngineTensor): Promise<TensorData> {
      const { shape, dtype, tensor: stored } = own(tensor);
      const data = stored.data as Float32Array | Uint8Array;
      if (shape.length !== 4) return { shape: [...shape], dtype, data: data.slice() };
      const [batch, height, width, channels] = shape;
      return { shape: [...shape], dtype, data: toChannelsLast(data, batch, height * width, channels) };
    },

    dispose(tensor: EngineTensor): void {
      if (tensor instanceof OnnxTensor && live.delete(tensor)) tensor.tensor.dispose();
    },

    run(program, weights, inputs) {
      return inTurn(async () => {
        ensureOpen();
        checkInputs(program, inputs);
        const feeds: Record<string, Tensor> = {};
        for (const name of Object.keys(program.inputs)) feeds[name] = own(inputs[name]).tensor;
        const session = await sessionFor(program, weights);
        const results = await session.run(feeds).catch((error) => Promise.reject(explain(error, program)));
        return Object.fromEntries(program.outputs.map((name) => [name, keep(results[name])]));
      });
    },

    memory() {
      let bytes = 0;
      for (const tensor of live) bytes += tensor.byteLength;
      return { tensors: live.size, bytes };
    },

    close() {
      return inTurn(async () => {
        closed = true;
        for (const tensor of live) tensor.tensor.dispose();
        live.clear();
        for (const session of sessions.values()) await session.release();
        sessions.clear();
      });
    },
  };
}

async function loadRuntime() {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new MangaError(
      'ENGINE_MISSING',
      `ONNX Runtime does not load on this machine (${process.platform} ${process.arch}).`,
      'Run: npm install onnxruntime-node; it has builds for Linux, macOS and Windows on x64 and arm64.',
      { cause },
    );
  }
}

function sessionOptions(threads: number): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    // Its plans are kept for every size of input ever seen.
    enableMemPattern: false,
    // Errors reach the caller as exceptions.
    logSeverityLevel: 4,
    extra: { session: { intra_op: { spin_duration_us: String(SPIN_MICROSECONDS) } } },
  };
}

function explain(cause: unknown, program: Program): MangaError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/bad[_ ]alloc|allocate|out of memory/i.test(message)) {
    return new MangaError('OUT_OF_MEMORY', `Not enough memory to run ${program.name}.`, 'Use a smaller size.', {
      cause,
    });
  }
  return new MangaError('INTERNAL', `ONNX Runtime could not run ${program.name}: ${message}`, undefined, { cause });
}
