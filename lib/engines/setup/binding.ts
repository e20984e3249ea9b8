/** tfjs-node's N-API binding: compiled against the cached library, kept beside it, copied into the package. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MangaError } from '../../errors/manga-error.ts';
import { BINDING_PATH, type TfjsNode } from './installed-package.ts';
import { withLock } from './lock.ts';
import { nodeHeaders } from './node-headers.ts';
import type { ProgressLine } from './progress.ts';
import { runTool } from './tool.ts';
import { hashFile } from './wheel-files.ts';

const FLAGS = ['-std=c++17', '-O2', '-fPIC', '-shared', '-DNAPI_VERSION=8'];

/**
 * Compiles the package's binding sources (about 10 s), or finds what an earlier set-up compiled from the same sources.
 * The library's folder is written into the binding (rpath), so it must stay where it is.
 * @returns the compiled file in the cache
 * @throws MangaError ENGINE_MISSING without g++; IO when the compiler fails
 */
export async function compileBinding(
  tfjs: TfjsNode,
  library: string,
  options: { cacheDirectory: string; force: boolean; onProgress: ProgressLine },
): Promise<string> {
  const sources = join(tfjs.directory, 'binding');
  const digest = await sourcesDigest(sources, library);
  const folder = join(library, 'bindings');
  const compiled = join(folder, `${digest}.node`);
  return withLock(
    compiled,
    () => options.onProgress('Another set-up is compiling; waiting for it.'),
    async () => {
      if (existsSync(compiled) && !options.force) return compiled;
      const headers = await nodeHeaders(options.cacheDirectory, options.onProgress);
      options.onProgress(`Compiling the binding of ${tfjs.name} (about 10 s).`);
      await mkdir(folder, { recursive: true });
      const unfinished = `${compiled}.unfinished`;
      const include = [`-I${headers}`, `-I${join(library, 'tensorflow', 'include')}`];
      const files = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(sources, name));
      const libraries = join(library, 'tensorflow');
      const link = [`-L${libraries}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'];
      const rpath = ['-Xlinker', '-rpath', '-Xlinker', libraries];
      await runTool('g++', [...FLAGS, ...include, ...files, ...link, ...rpath, '-o', unfinished]);
      await rename(unfinished, compiled);
      return compiled;
    },
  );
}

async function sourcesDigest(sources: string, library: string): Promise<string> {
  const hash = createHash('sha256').update(`${library}\n${FLAGS.join(' ')}\n`);
  for (const name of (await readdir(sources)).sort())
    hash.update(`${name}\n`).update(await readFile(join(sources, name)));
  return hash.digest('hex').slice(0, 16);
}

/**
 * Puts the binding where tfjs-node looks for it. A process that runs the old one keeps it: the file is replaced, not changed.
 * @returns false when it was there already
 * @throws MangaError IO when the package's folder cannot be written
 */
export async function installBinding(tfjs: TfjsNode, compiled: string): Promise<boolean> {
  const target = join(tfjs.directory, BINDING_PATH);
  if (existsSync(target) && (await hashFile(target)) === (await hashFile(compiled))) return false;
  const unfinished = `${target}.${process.pid}`;
  try {
    await mkdir(dirname(target), { recursive: true });
    await copyFile(compiled, unfinished);
    await chmod(unfinished, 0o755);
    await rename(unfinished, target);
    return true;
  } catch (cause) {
    await rm(unfinished, { force: true });
    const message = `Cannot write ${target}: ${(cause as Error).message}.`;
    throw new MangaError('IO', message, 'Run the set-up as the owner of that folder.', { cause });
  }
}
