/**
 * Loads TensorFlow.js with one of its two native backends. Both share the one global engine of tfjs-core, and two
 * copies of libtensorflow abort the process: so one backend a process, for good.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { MangaError } from '../errors/manga-error.ts';
import { mendingCommand } from './mending.ts';
import { findTfjsNode } from './setup/installed-package.ts';

export type Tfjs = typeof import('@tensorflow/tfjs-core');

export interface LoadedTfjs {
  readonly tf: Tfjs;
  /** For people: library, version, device. */
  readonly description: string;
  /** Library and version, a part of the description. */
  readonly version: string;
  /** What computes, a part of the description. */
  readonly device: string;
}

const require = createRequire(import.meta.url);
const loading = new Map<Backend, Promise<LoadedTfjs>>();
type Backend = 'tensorflow' | 'webgpu';

/**
 * TensorFlow (CPU or CUDA) behind tfjs-node-gpu or tfjs-node, backend set and ready. Later calls give the same.
 * @throws MangaError ENGINE_MISSING with the command that mends it; BAD_SETTING when this process runs WebGPU already
 */
export function loadTensorflow(): Promise<LoadedTfjs> {
  return loadOnce('tensorflow', startTensorflow);
}

/**
 * WebGPU by Dawn (npm package `webgpu`) behind tfjs-backend-webgpu, backend set and ready. Later calls give the same.
 * Which GPU driver serves is up to the Vulkan loader; see {@link swiftShaderEnvironment} for machines without one.
 * @throws MangaError ENGINE_MISSING with the command that mends it; BAD_SETTING when this process runs TensorFlow already
 */
export function loadWebgpu(): Promise<LoadedTfjs> {
  return loadOnce('webgpu', startWebgpu);
}

/**
 * Environment for a child process that runs WebGPU on the CPU, by the SwiftShader driver of an installed Chromium:
 * right but slow, for tests. Null when there is none. The variables are read when the process starts.
 */
export function swiftShaderEnvironment(): Record<string, string> | null {
  const driver = [
    '/usr/lib/chromium/vk_swiftshader_icd.json',
    '/usr/lib/chromium-browser/vk_swiftshader_icd.json',
    '/usr/lib64/chromium-browser/vk_swiftshader_icd.json',
    '/opt/google/chrome/vk_swiftshader_icd.json',
  ].find((path) => existsSync(path));
  if (process.platform !== 'linux' || !driver) return null;
  return { VK_DRIVER_FILES: driver, XDG_RUNTIME_DIR: process.env.XDG_RUNTIME_DIR ?? tmpdir() };
}

function loadOnce(backend: Backend, start: () => Promise<LoadedTfjs>): Promise<LoadedTfjs> {
  const known = loading.get(backend);
  if (known) return known;
  const other = [...loading.keys()][0];
  if (other) {
    const message = `This process runs TensorFlow.js on '${other}' already, so it cannot run '${backend}'.`;
    return Promise.reject(new MangaError('BAD_SETTING', message, 'Use a second session: each has its own process.'));
  }
  const attempt = start();
  loading.set(backend, attempt);
  // A failed start may be mended (by the set-up) and tried again.
  attempt.catch(() => loading.delete(backend));
  return attempt;
}

async function startTensorflow(): Promise<LoadedTfjs> {
  const found = findTfjsNode();
  if (!found) {
    throw new MangaError(
      'ENGINE_MISSING',
      'TensorFlow.js for Node is not installed.',
      mendingCommand('tensorflow-package'),
    );
  }
  if (!found.binding) {
    throw new MangaError(
      'ENGINE_MISSING',
      `${found.name} has no TensorFlow library yet.`,
      mendingCommand('tensorflow'),
    );
  }
  restoreOldUtil();
  // Read by libtensorflow when it is loaded: 2 leaves errors only.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  // The warp's gradient (CropAndResizeGradImage) adds up on many threads without locks otherwise: sums would be lost, and a
  // run that is taken up again would not go on with the same numbers.
  process.env.TF_DETERMINISTIC_OPS ??= '1';
  let tf: Tfjs & { version: Record<string, string> };
  try {
    tf = require(found.directory);
    await tf.setBackend('tensorflow');
    await tf.ready();
  } catch (error) {
    const message = `${found.name} does not load: ${firstLine(error)}.`;
    throw new MangaError('ENGINE_MISSING', message, mendingCommand('tensorflow-again'), { cause: error });
  }
  const native = tf.backend() as unknown as { isUsingGpuDevice: boolean; binding: { TF_Version: string } };
  const device = native.isUsingGpuDevice ? 'CUDA' : 'CPU';
  const version = `TensorFlow ${native.binding.TF_Version}`;
  return { tf, version, device, description: `${version} on ${device} (${found.name} ${found.version})` };
}

/** tfjs-node 4.22 calls two functions of node:util that newer Nodes warn of (DEP0044) or have removed. */
function restoreOldUtil(): void {
  const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  Object.assign(util, { isNullOrUndefined, isArray: Array.isArray });
}

interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
}

interface Gpu {
  requestAdapter(options?: object): Promise<{ readonly info: AdapterInfo } | null>;
}

// Dawn crashes when its instance is collected while devices live: keep it as long as the process.
let gpu: Gpu | undefined;

async function startWebgpu(): Promise<LoadedTfjs> {
  let dawn: { create(options: string[]): Gpu; globals: object };
  let backendPath: string;
  try {
    backendPath = require.resolve('@tensorflow/tfjs-backend-webgpu');
    dawn = await import('webgpu');
  } catch (error) {
    const message = `The WebGPU packages do not load: ${firstLine(error)}.`;
    throw new MangaError('ENGINE_MISSING', message, mendingCommand('webgpu-package'), { cause: error });
  }
  try {
    gpu ??= dawn.create([]);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (!adapter) throw new MangaError('ENGINE_MISSING', 'No GPU adapter found.', mendingCommand('webgpu-driver'));
    Object.assign(globalThis, dawn.globals);
    Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
    // tfjs-core as the backend sees it: two copies would not know each other's backends.
    const requireBeside = createRequire(join(dirname(backendPath), 'package.json'));
    const tf: Tfjs = requireBeside('@tensorflow/tfjs-core');
    requireBeside(backendPath);
    await tf.setBackend('webgpu');
    await tf.ready();
    const device = adapterName(adapter.info);
    const version = `TensorFlow.js ${tf.version_core}`;
    return { tf, version, device, description: `WebGPU on ${device} (Dawn, ${version})` };
  } catch (error) {
    if (error instanceof MangaError) throw error;
    const message = `WebGPU does not start: ${firstLine(error)}.`;
    throw new MangaError('ENGINE_MISSING', message, mendingCommand('webgpu-driver'), { cause: error });
  }
}

function adapterName(info: AdapterInfo): string {
  const parts = [info.device || info.architecture || info.vendor, info.description].filter((part) => part);
  return parts.join(', ') || 'an unnamed adapter';
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0].trim().replace(/\.$/, '');
}
