/**
 * Claims: a file is taken by renaming it to `.work/<job>-<attempt>/<relative path>`. The rename is atomic, so two
 * takers never both win, and all that a restart must know to go on stands in the path.
 * A file `<job>-<attempt>.released` beside the claim says that it was given back in good order: the hand-out does not
 * count as an attempt that died.
 */
import { lstat, mkdir, readdir, rename, rmdir, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import type { Folders } from './folders.ts';
import { isGone } from './io-error.ts';
import { moveFile, moveInto } from './move.ts';
import type { Queued } from './queue.ts';
import { type FileStamp, sameStamp } from './settle.ts';
import { stampOf } from './stamp.ts';

/** A settled file in the inbox. */
export interface Candidate extends Queued {
  /** Id of the job that it becomes. */
  readonly id: string;
  readonly stamp: FileStamp;
}

/** A file in `.work`. */
export interface Claim extends Queued {
  /** Id of the job. */
  readonly id: string;
  /** Name of the claim's folder: `<job>-<attempt>`. */
  readonly folder: string;
  readonly sourcePath: string;
  readonly size: number;
  /** 1 for the first hand-out. Of a recovered claim: the number the next hand-out will have. */
  readonly attempt: number;
  /** Left by an earlier run: needs {@link ClaimStore.renew} before it is handed out. */
  readonly recovered: boolean;
}

const FOLDER = /^([0-9a-f-]{24,36})-(\d{1,9})$/;
const RELEASED = '.released';

export class ClaimStore {
  readonly #folders: Folders;

  constructor(folders: Folders) {
    this.#folders = folders;
  }

  #root(folder: string): string {
    return join(this.#folders.work, folder);
  }

  /**
   * Takes a candidate out of the inbox.
   * @returns 'gone' if it is not there any more, 'changed' if it is no longer the file that settled
   * @throws file system errors; the file is then still in the inbox
   */
  async take(candidate: Candidate): Promise<Claim | 'gone' | 'changed'> {
    const before = await stampOf(candidate.path);
    if (!before) return 'gone';
    if (!sameStamp(before, candidate.stamp)) return 'changed';
    const { id, relativePath, mtimeMs, enqueuedAt } = candidate;
    const folder = `${id}-1`;
    const path = join(this.#root(folder), relativePath);
    const claim = {
      id,
      folder,
      path,
      relativePath,
      mtimeMs,
      enqueuedAt,
      sourcePath: candidate.path,
      size: before.size,
      attempt: 1,
      recovered: false,
    };
    try {
      await mkdir(dirname(path), { recursive: true });
      await moveFile(candidate.path, path);
    } catch (error) {
      await this.drop(claim);
      if (isGone(error) && !(await stampOf(candidate.path))) return 'gone';
      throw error;
    }
    const after = await stampOf(path);
    // Written to between the stat and the rename. Times are compared loosely: a copy across devices rounds them.
    if (
      after &&
      (after.size !== before.size || after.isFile !== before.isFile || Math.abs(after.mtimeMs - before.mtimeMs) > 5)
    ) {
      await moveInto(path, this.#folders.inbox, relativePath);
      await this.drop(claim);
      return 'changed';
    }
    return claim;
  }

  /**
   * Claims that an earlier run left behind.
   * @param trouble told of a claim that cannot be read; the others are returned all the same
   */
  async recover(trouble: (path: string, error: unknown) => void): Promise<Claim[]> {
    const names = new Set(await readdir(this.#folders.work));
    const claims: Claim[] = [];
    for (const folder of names) {
      try {
        const claim = await this.#recover(folder, names);
        if (claim) claims.push(claim);
      } catch (error) {
        trouble(this.#root(folder), error);
      }
    }
    return claims;
  }

  async #recover(folder: string, names: ReadonlySet<string>): Promise<Claim | undefined> {
    if (folder.endsWith(RELEASED) && !names.has(folder.slice(0, -RELEASED.length))) await unlink(this.#root(folder));
    const [, id, number] = FOLDER.exec(folder) ?? [];
    const path = id ? await this.#firstFile(this.#root(folder)) : undefined;
    if (!id || !path) return undefined;
    const attempt = Number(number) + (names.has(folder + RELEASED) ? 0 : 1);
    return this.#existing(id, folder, path, attempt);
  }

  /** The claim of a file that is in `.work`, whoever put it there; not handed out before {@link renew}. */
  async #existing(id: string, folder: string, path: string, attempt: number): Promise<Claim> {
    const { size, mtimeMs } = await lstat(path);
    const relativePath = relative(this.#root(folder), path);
    const sourcePath = join(this.#folders.inbox, relativePath);
    const enqueuedAt = Date.now();
    return { id, folder, path, relativePath, mtimeMs, enqueuedAt, sourcePath, size, attempt, recovered: true };
  }

  /**
   * Takes a file that was filed away back to work.
   * @returns undefined if it is not there
   * @throws file system errors; the file is then where it was
   */
  async adopt(id: string, from: string, relativePath: string): Promise<Claim | undefined> {
    if (!(await stampOf(from))?.isFile) return undefined;
    const folder = `${id}-1`;
    const path = join(this.#root(folder), relativePath);
    await mkdir(dirname(path), { recursive: true });
    await moveFile(from, path);
    return this.#existing(id, folder, path, 1);
  }

  /** The file in a claim's folder; empty folders are removed on the way. */
  async #firstFile(folder: string): Promise<string | undefined> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (!entry.isDirectory()) return path;
      const file = await this.#firstFile(path);
      if (file) return file;
    }
    await rmdir(folder);
    return undefined;
  }

  /** Counts the attempt of a recovered claim before it is handed out again. */
  async renew(claim: Claim): Promise<Claim> {
    const folder = `${claim.id}-${claim.attempt}`;
    if (folder !== claim.folder) await rename(this.#root(claim.folder), this.#root(folder));
    await unlink(this.#root(claim.folder) + RELEASED).catch(() => undefined);
    return { ...claim, folder, path: join(this.#root(folder), claim.relativePath), recovered: false };
  }

  /** Says that the claim was given back in good order, for the next run to find. */
  async release(claim: Claim): Promise<void> {
    await writeFile(this.#root(claim.folder) + RELEASED, '');
  }

  /** Removes the claim's folder once the file has left it. A folder that still holds something stays. */
  async drop(claim: Claim): Promise<void> {
    const root = this.#root(claim.folder);
    try {
      for (let folder = dirname(claim.path); folder.startsWith(root); folder = dirname(folder)) await rmdir(folder);
      await unlink(root + RELEASED);
    } catch {
      // Not empty, or gone already: recover() looks at what is left at the next start.
    }
  }
}

export function nameOf(file: Queued): string {
  return basename(file.relativePath);
}
