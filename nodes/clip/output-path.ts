import { access } from 'node:fs/promises';
import { extname, join, relative, resolve, sep } from 'node:path';
import { MangaError } from '../../lib/errors/manga-error.ts';
import type { OutputSettings } from '../../lib/settings/settings.ts';

export type Existing = 'number' | 'overwrite';

/** Paths being written in this process, so that two clips of one name never share a file. */
const reserved = new Set<string>();

async function isFree(path: string): Promise<boolean> {
  if (reserved.has(path)) return false;
  return access(path).then(
    () => false,
    () => !reserved.has(path),
  );
}

/**
 * Path of the clip `name` (may contain folders) inside `folder`; a name that is taken gets -2, -3, …
 * The path stays reserved until `release` is called.
 * @throws MangaError BAD_SETTING when the name leads out of the folder
 */
export async function outputPath(
  folder: string,
  name: string,
  format: OutputSettings['format'],
  existing: Existing,
): Promise<{ path: string; release(): void }> {
  const extension = format === 'png' ? '' : `.${format}`;
  const bare = extname(name).toLowerCase() === extension ? name.slice(0, name.length - extension.length) : name;
  const stem = resolve(folder, bare);
  const inside = relative(folder, stem);
  if (
    bare.includes('\0') ||
    inside === '' ||
    inside === '..' ||
    inside.startsWith(`..${sep}`) ||
    resolve(inside) === inside
  ) {
    throw new MangaError(
      'BAD_SETTING',
      `The clip's name ${JSON.stringify(name)} does not stay in its folder.`,
      'Use a plain name.',
    );
  }
  let path = join(folder, inside + extension);
  for (let number = 2; existing === 'number' && !(await isFree(path)); number++) {
    path = join(folder, `${inside}-${number}${extension}`);
  }
  reserved.add(path);
  return { path, release: () => void reserved.delete(path) };
}
