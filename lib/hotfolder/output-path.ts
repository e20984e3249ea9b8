/** Where a clip goes: names that stay in their folder, never shared by two clips. */
import { access, mkdir, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join, relative, resolve, sep } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { ioError } from '../media/io-error.ts';
import type { OutputSettings } from '../settings/settings.ts';
import { realPath } from './folders.ts';
import { fitName } from './names.ts';
import { holdingSidecar, readSidecar, SIDECAR_ENDING, sidecarOf, writeSidecar } from './sidecar.ts';

export type Existing = 'number' | 'overwrite';

export interface OutputPath {
  readonly path: string;
  /** Gives the path free for others of this process; the file itself keeps them off from then on. */
  release(): void;
  /** Gives the held name up where no clip came of it. */
  discard(): Promise<void>;
}

/** Paths being written in this process, so that two clips of one name never share a file. */
const reserved = new Set<string>();

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function isFree(path: string, owner: string | undefined): Promise<boolean> {
  if (reserved.has(path)) return false;
  const taken = (await isThere(path)) || (await isThere(sidecarOf(path)));
  const own = taken && owner !== undefined && (await readSidecar(path))?.owner === owner;
  return (own || !taken) && !reserved.has(path);
}

function escapes(name: string): MangaError {
  const message = `The clip's name ${JSON.stringify(name)} does not stay in its folder.`;
  return new MangaError('BAD_SETTING', message, 'Use a plain name.');
}

/** Refuses a subfolder that is a link out of the folder. */
async function checkJail(folder: string, path: string, name: string): Promise<void> {
  const way = relative(await realPath(folder), await realPath(dirname(path)));
  if (way === '..' || way.startsWith(`..${sep}`) || resolve(way) === way) throw escapes(name);
}

/**
 * Path of the clip `name` (may contain folders) inside `folder`; a name that is taken gets -2, -3, …
 * The path stays reserved until `release` is called.
 * @param owner id of a hot folder's job: a name that is taken by a clip of this very job is its again, also after a crash.
 *   The name is then held by a sidecar, which is on the disk when this resolves
 * @throws MangaError BAD_SETTING when the name leads out of the folder; IO
 */
export async function outputPath(
  folder: string,
  name: string,
  format: OutputSettings['format'],
  existing: Existing,
  owner?: string,
): Promise<OutputPath> {
  try {
    return await choose(folder, name, format, existing, owner);
  } catch (error) {
    throw ioError('Cannot write to', folder, error);
  }
}

async function choose(
  folder: string,
  name: string,
  format: OutputSettings['format'],
  existing: Existing,
  owner: string | undefined,
): Promise<OutputPath> {
  const extension = format === 'png' ? '' : `.${format}`;
  const bare = extname(name).toLowerCase() === extension ? name.slice(0, name.length - extension.length) : name;
  const inside = relative(folder, resolve(folder, bare));
  const leaves = inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside;
  if (bare.includes('\0') || leaves) throw escapes(name);
  const numbered = (number: number): string => {
    const ending = (number > 1 ? `-${number}` : '') + extension;
    return join(folder, dirname(inside), fitName(basename(inside), ending, SIDECAR_ENDING.length));
  };
  let path = numbered(1);
  await checkJail(folder, path, name);
  for (let number = 2; existing === 'number' && !(await isFree(path, owner)); number++) path = numbered(number);
  reserved.add(path);
  const release = () => void reserved.delete(path);
  const discard = async () => {
    if (owner !== undefined && !(await isThere(path))) await unlink(sidecarOf(path)).catch(() => undefined);
  };
  try {
    if (owner !== undefined) {
      await mkdir(dirname(path), { recursive: true });
      await writeSidecar(path, holdingSidecar(owner));
    }
  } catch (error) {
    release();
    throw error;
  }
  return { path, release, discard };
}
