/** A hot folder on real folders in a temporary place, and what it has said so far. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { TestContext } from 'node:test';
import sharp from 'sharp';
import type { MangaError } from '../../lib/errors/manga-error.ts';
import { HotFolder } from '../../lib/hotfolder/hot-folder.ts';
import type { HotFolderOptions } from '../../lib/hotfolder/options.ts';
import type { FailureReport, Job } from '../../lib/hotfolder/types.ts';

/** A real JPEG; different for each seed. */
export function picture(seed = 1): Promise<Buffer> {
  return sharp({ create: { width: 16, height: 12, channels: 3, background: { r: seed % 256, g: seed >> 8, b: 90 } } })
    .jpeg()
    .toBuffer();
}

const open = new Set<HotFolder>();

/** A folder that is removed when the test ends, once all hot folders are closed: they would make it again. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hot-folder-'));
  t.after(async () => {
    await Promise.all([...open].map((hotFolder) => hotFolder.close()));
    open.clear();
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Relative paths of all files below `folder`, sorted; not the ledger's. */
export async function listing(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    // A folder that is tidied away while it is being listed: look again.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(folder)) return null;
    throw error;
  });
  if (entries === null) return listing(folder);
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.parentPath.includes('.motion-manga'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

export class Rig {
  readonly folder: HotFolder;
  readonly jobs: Job[] = [];
  readonly problems: MangaError[] = [];
  readonly reports: FailureReport[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(options: Partial<HotFolderOptions> & { inbox: string }, onJob?: (job: Job, rig: Rig) => void) {
    const heard = () => {
      for (const look of this.#waiting) look();
    };
    this.folder = new HotFolder(
      { settleMs: 80, rescanMs: 60_000, repeat: 'rename', probe: async () => undefined, ...options },
      {
        job: (job) => {
          this.jobs.push(job);
          onJob?.(job, this);
          heard();
        },
        state: heard,
        problem: (error) => {
          this.problems.push(error);
          heard();
        },
        failed: (report) => {
          this.reports.push(report);
          heard();
        },
      },
    );
  }

  /** Resolves at the event after which `condition` holds. */
  until(condition: (rig: Rig) => boolean, milliseconds = 10_000): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const look = () => {
        if (!condition(this)) return;
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        stop();
        const said = { counts: this.folder.counts(), problems: this.problems.map(String), jobs: this.jobs.length };
        reject(new Error(`Waited in vain for ${condition}: ${JSON.stringify(said)}`));
      }, milliseconds);
      this.#waiting.add(look);
      look();
    });
  }
}

/** Starts a hot folder that is closed when the test ends (see {@link temporaryFolder}). */
export async function startRig(
  options: Partial<HotFolderOptions> & { inbox: string },
  onJob?: (job: Job, rig: Rig) => void,
): Promise<Rig> {
  const rig = new Rig(options, onJob);
  open.add(rig.folder);
  await rig.folder.start();
  return rig;
}

/** For flows that succeed at once. */
export function completeAtOnce(job: Job, rig: Rig): void {
  void rig.folder.complete(job.id, []);
}

/** The report beside a file in the failed folder. */
export async function readReport(
  folder: string,
  name: string,
): Promise<{ code: string; cause: string; hint: string; attempts: number }> {
  return JSON.parse(await readFile(join(folder, 'failed', `${name}.error.json`), 'utf8'));
}
