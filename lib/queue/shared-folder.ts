/** Paths in the folder that several machines share, each under a path of its own. */
import { realpath } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { isInside, realPath } from '../hotfolder/folders.ts';
import { printable } from '../media/printable.ts';

export class SharedFolder {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** @throws MangaError IO if it is not there */
  static async open(path: string): Promise<SharedFolder> {
    try {
      return new SharedFolder(await realpath(resolve(path)));
    } catch (cause) {
      const message = `The shared folder ${printable(path)} cannot be opened (${(cause as Error).message}).`;
      throw new MangaError('IO', message, 'Mount it, or mend its path.', { cause });
    }
  }

  /** @returns the path below the shared folder, with forward slashes; undefined: it lies elsewhere */
  async toRelative(path: string): Promise<string | undefined> {
    const real = await realPath(resolve(path));
    return isInside(real, this.#root) ? relative(this.#root, real).split(sep).join('/') : undefined;
  }

  /** @throws MangaError BAD_INPUT if the path leads out of the folder, by its parts or by a link */
  async toAbsolute(path: string): Promise<string> {
    const full = join(this.#root, ...path.split('/'));
    if (path.includes('\0') || !isInside(full, this.#root) || !isInside(await realPath(full), this.#root))
      throw new MangaError(
        'BAD_INPUT',
        `The path ${printable(path)} leads out of the shared folder.`,
        'Use a path in it.',
      );
    return full;
  }
}
