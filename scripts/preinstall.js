/**
 * Run by npm in a user's folder, where all packages are unpacked and before any other install script. On Linux x64
 * onnxruntime-node's own script downloads about 200 MB of CUDA libraries from nuget.org unless it finds files with their
 * names, and the whole installation fails where that host cannot be reached. They are never loaded by this package, which
 * draws on the CPU: short texts with their names stand in. `ONNXRUNTIME_NODE_INSTALL=cuda12 npm rebuild onnxruntime-node`
 * fetches the real ones for others who want them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const STAND_IN = 'Not a library: @motion-manga/node-red does without CUDA here. See its scripts/preinstall.js.\n';

/** @returns {string | undefined} folder of onnxruntime-node; undefined in a clone whose packages are not there yet */
function runtimeFolder() {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  } catch {
    return undefined;
  }
}

const folder = runtimeFolder();
if (folder && process.platform === 'linux' && process.arch === 'x64') {
  const libraries = join(folder, 'bin', 'napi-v6', 'linux', 'x64');
  mkdirSync(libraries, { recursive: true });
  for (const provider of ['cuda', 'shared', 'tensorrt']) {
    try {
      writeFileSync(join(libraries, `libonnxruntime_providers_${provider}.so`), STAND_IN, { flag: 'wx' });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}
