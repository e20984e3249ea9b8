import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

export interface TfjsNode {
  readonly name: '@tensorflow/tfjs-node-gpu' | '@tensorflow/tfjs-node';
  readonly version: string;
  readonly directory: string;
  /** Its compiled binding, null when there is none. */
  readonly binding: string | null;
}

/** Where Node-API versions 3..8 of the binding may lie, as tfjs-node's package.json says. */
export const BINDING_PATH = join('lib', 'napi-v8', 'tfjs_binding.node');

/**
 * The installed TensorFlow.js for Node: the first with a binding of tfjs-node-gpu and tfjs-node, else the first
 * installed, else null. Both take the same binding and both run on the CPU.
 * @param from file or folder URL whose node_modules are searched; default: this package's
 */
export function findTfjsNode(from: string = import.meta.url): TfjsNode | null {
  const installed = (['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node'] as const)
    .map((name) => inspect(name, from))
    .filter((found) => found !== null);
  return installed.find((found) => found.binding) ?? installed[0] ?? null;
}

function inspect(name: TfjsNode['name'], from: string): TfjsNode | null {
  let manifest: string;
  try {
    manifest = createRequire(from).resolve(`${name}/package.json`);
  } catch {
    return null;
  }
  const directory = dirname(manifest);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return { name, version, directory, binding: findBinding(directory) };
}

function findBinding(directory: string): string | null {
  const lib = join(directory, 'lib');
  if (!existsSync(lib)) return null;
  const files = readdirSync(lib).map((folder) => join(lib, folder, 'tfjs_binding.node'));
  return files.find((file) => existsSync(file)) ?? null;
}
