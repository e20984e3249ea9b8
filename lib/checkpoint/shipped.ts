import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const PACKAGE = '@motion-manga/node-red';
const DEFAULT_MODEL = 'ink';

/** Folder of this package, from sources as well as from dist. */
export function packageRoot(from: string = import.meta.dirname): string {
  const manifest = join(from, 'package.json');
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === PACKAGE) return from;
  const parent = dirname(from);
  if (parent === from)
    throw new Error(`${PACKAGE} is not installed as a package: no package.json above ${import.meta.dirname}.`);
  return packageRoot(parent);
}

let version: string | undefined;

/** Version of this package. */
export function packageVersion(): string {
  version ??= String(JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version);
  return version;
}

/** Folder of a checkpoint: '' is the shipped default, a plain name a shipped one, else a path. */
export function modelFolder(model: string): string {
  const name = model || DEFAULT_MODEL;
  const shipped = join(packageRoot(), 'models', name);
  return /^[\w.-]+$/.test(name) && existsSync(shipped) ? shipped : resolve(name);
}

/** What a user named: a folder that is there, absolute; else the name as it is, perhaps that of a shipped checkpoint. */
export function namedCheckpoint(name: string): string {
  const folder = resolve(name);
  return existsSync(folder) ? folder : name;
}
