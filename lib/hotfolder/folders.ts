/** The folders of one hot folder: where they are, whether they may be there, and that they exist. */
import { constants } from 'node:fs';
import { access, lstat, mkdir, open, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';
import { errnoOf, ioError, show } from './io-error.ts';

export interface FolderPaths {
  readonly inbox: string;
  readonly done?: string;
  readonly failed?: string;
  readonly outDirs?: readonly string[];
}

/** Whether `path` is `folder` or lies in it. Both absolute, links resolved. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/** realpath, also of paths whose last parts do not exist yet or cannot be reached now. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    const parent = dirname(path);
    if (parent === path) throw error;
    return join(await realPath(parent), basename(path));
  }
}

async function makeUsable(purpose: string, folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw ioError(`use the ${purpose} folder`, folder, error);
  }
}

/** Tells a folder from another one made later at the same path. */
async function identityOf(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder);
  return `${dev}:${ino}`;
}

export class Folders {
  /** Absolute, links resolved. */
  readonly inbox: string;
  readonly done: string;
  readonly failed: string;
  /** Files under work. In the inbox, so that a claim is a rename on one disk. */
  readonly work: string;
  /** Ledger and thumbnails. */
  readonly hidden: string;
  readonly outDirs: string[] = [];
  /** Folders that could be written to, each as it was then: a new one at its path is tried again. */
  readonly #writable = new Map<string, string>();

  private constructor(inbox: string, done: string, failed: string) {
    this.inbox = inbox;
    this.done = done;
    this.failed = failed;
    this.work = join(inbox, '.work');
    this.hidden = join(inbox, '.motion-manga');
  }

  /** @throws MangaError BAD_SETTING if the folders cannot be used together, IO if they cannot be looked at */
  static async resolve(paths: FolderPaths): Promise<Folders> {
    const real = async (path: string) => {
      try {
        return await realPath(resolve(path));
      } catch (error) {
        throw ioError('look at', path, error);
      }
    };
    const inbox = await real(paths.inbox);
    const folders = new Folders(
      inbox,
      await real(paths.done || join(inbox, 'done')),
      await real(paths.failed || join(inbox, 'failed')),
    );
    const refuse = (what: string, hint: string) => {
      throw new MangaError('BAD_SETTING', `Wrong setting: ${what}.`, hint);
    };
    for (const [name, folder] of [
      ['done', folders.done],
      ['failed', folders.failed],
    ] as const) {
      if (isInside(inbox, folder))
        refuse(`the inbox ${show(inbox)} lies in the ${name} folder ${show(folder)}`, `Choose another ${name} folder.`);
      if (isInside(folder, folders.work) || isInside(folder, folders.hidden))
        refuse(`the ${name} folder lies in ${show(folders.work)} or ${show(folders.hidden)}`, 'Choose another one.');
    }
    for (const path of paths.outDirs ?? []) {
      const outDir = await real(path);
      folders.outDirs.push(outDir);
      if (isInside(outDir, inbox))
        refuse(
          `the output folder ${show(outDir)} lies in the inbox ${show(inbox)}`,
          'Its clips would be taken for pictures: choose a folder beside the inbox.',
        );
    }
    return folders;
  }

  /** Whether a path belongs to the hot folder itself and is never watched. */
  isOwn(path: string): boolean {
    return [this.work, this.hidden, this.done, this.failed].some((own) => isInside(path, own));
  }

  /**
   * Makes what is missing.
   * @returns what tells this inbox from another one made later at the same path
   * @throws MangaError IO naming the folder that cannot be made, read or written
   */
  async prepare(): Promise<string> {
    // Not written to here: polling would take that for a change, and look again without end.
    await makeUsable('inbox', this.inbox);
    await this.#makeWritable('work', this.work);
    await this.#makeWritable('done', this.done);
    await this.#makeWritable('failed', this.failed);
    const work = await lstat(this.work);
    if (!work.isDirectory())
      throw new MangaError('IO', `${show(this.work)} is a link.`, 'Remove it: it may lead anywhere.');
    return identityOf(this.inbox);
  }

  /**
   * access() does not know of shares mounted read-only by the server, nor of Windows' rights: writing tells. Once is
   * enough: tried with every scan it would keep those busy who watch the folder, such as programs that synchronise it.
   */
  async #makeWritable(purpose: string, folder: string): Promise<void> {
    await makeUsable(purpose, folder);
    const identity = await identityOf(folder);
    if (this.#writable.get(folder) === identity) return;
    // One name for ever: a crash leaves at most one behind.
    const path = join(folder, '.motion-manga-test.tmp');
    try {
      await rm(path, { force: true });
      await (await open(path, 'wx')).close();
      await rm(path, { force: true });
    } catch (error) {
      // Another hot folder that shares this one is trying the same now.
      if (errnoOf(error) !== 'EEXIST') throw ioError(`write to the ${purpose} folder`, folder, error);
    }
    this.#writable.set(folder, identity);
  }

  /**
   * Whether the folder that holds `path` is still in the inbox once links are resolved (a subfolder may have been
   * replaced by a link since the scan).
   */
  async isJailed(path: string): Promise<boolean> {
    return isInside(await realpath(dirname(path)), this.inbox);
  }
}
