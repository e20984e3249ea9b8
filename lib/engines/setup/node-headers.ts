import { existsSync, realpathSync } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProgressLine } from './progress.ts';
import { runTool } from './tool.ts';

/**
 * Folder with node_api.h. Node-API is stable, so the headers of any Node will do (the binding asks for version 8):
 * those of the running Node, of the npm package `node`, of the system, of node-gyp; else the npm package
 * node-api-headers (17 kB, four files) is fetched into the cache by the npm client, which checks its integrity.
 */
export async function nodeHeaders(cacheDirectory: string, onProgress: ProgressLine): Promise<string> {
  for (const folder of await installedHeaders()) if (existsSync(join(folder, 'node_api.h'))) return folder;
  const packages = join(cacheDirectory, 'node-api-headers-1.9.0');
  const folder = join(packages, 'node_modules', 'node-api-headers', 'include');
  if (!existsSync(join(folder, 'node_api.h'))) {
    onProgress('Fetching the headers of Node-API.');
    await rm(packages, { recursive: true, force: true });
    await mkdir(packages, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save'];
    await runTool('npm', ['install', '--prefix', packages, ...quiet, 'node-api-headers@1.9.0'], { cwd: packages });
  }
  return folder;
}

async function installedHeaders(): Promise<string[]> {
  const folders: string[] = [];
  for (const executable of new Set([process.execPath, realpathSync(process.execPath)])) {
    const root = dirname(dirname(executable));
    folders.push(join(root, 'include', 'node'));
    // The npm package `node` runs a copy of the binary of its dependency node-<platform>-<arch>.
    const platformPackage = join(`node-${process.platform}-${process.arch}`, 'include', 'node');
    folders.push(join(root, 'node_modules', platformPackage), join(dirname(root), platformPackage));
  }
  folders.push('/usr/include/node', '/usr/local/include/node');
  const gyp = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'node-gyp');
  if (existsSync(gyp)) {
    for (const version of await readdir(gyp)) folders.push(join(gyp, version, 'include', 'node'));
  }
  return folders;
}
