/**
 * A hot folder that dies between any two file operations: the functions of node:fs/promises are wrapped, and from the n-th
 * change on nothing is done and nothing answers, as for a process that was killed. What was done is on the real disk.
 */
import { createHash } from 'node:crypto';
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import { MangaError } from '../../lib/errors/manga-error.ts';
import { type Desk, openDesk } from '../../lib/hotfolder/desk.ts';
import { Folders } from '../../lib/hotfolder/folders.ts';
import { Listeners } from '../../lib/hotfolder/listeners.ts';
import { type HotFolderOptions, parseOptions } from '../../lib/hotfolder/options.ts';
import { stampOf } from '../../lib/hotfolder/stamp.ts';
import type { Job } from '../../lib/hotfolder/types.ts';
import { newJobId } from '../../lib/ledger/key.ts';

type Operation = (...args: never[]) => Promise<unknown>;

const never = new Promise<never>(() => {});
const real = { ...fs } as unknown as Record<string, Operation>;
const CHANGES = ['rename', 'unlink', 'mkdir', 'rmdir', 'rm', 'writeFile', 'copyFile', 'utimes', 'symlink'];
const HANDLE_CHANGES = ['appendFile', 'writeFile', 'write', 'truncate', 'sync', 'datasync'];

let runs = 0;

/** Whose operations count: everything a killed run still waits for stays unanswered for ever. */
let alive = {
  left: Infinity,
  dead: false,
  done: 0,
  died: () => {},
  pending: new Set<Promise<unknown>>(),
  handles: new Set<FileHandle>(),
};

async function step<R>(run: typeof alive, change: () => Promise<R>, half?: () => Promise<unknown>): Promise<R> {
  if (run.dead) return never;
  if (run.left-- <= 0) {
    run.dead = true;
    await half?.();
    run.died();
    return never;
  }
  run.done++;
  const changing = change();
  run.pending.add(changing);
  try {
    const result = await changing;
    return run.dead ? never : result;
  } finally {
    run.pending.delete(changing);
  }
}

function wrapHandle(run: typeof alive, handle: FileHandle): FileHandle {
  run.handles.add(handle);
  return new Proxy(handle, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      if (!HANDLE_CHANGES.includes(String(name))) return value.bind(target);
      return (...args: unknown[]) => {
        const [data] = args;
        // A write may be cut in two.
        const half = () =>
          typeof data === 'string' || data instanceof Uint8Array
            ? target.appendFile(data.slice(0, data.length >> 1) as string)
            : Promise.resolve();
        return step(run, () => Reflect.apply(value, target, args), half);
      };
    },
  });
}

/** Wraps the operations of this process until `restore` is called. */
export function wrap(): () => void {
  const patched = fs as unknown as Record<string, unknown>;
  for (const name of CHANGES) {
    patched[name] = (...args: never[]) => {
      const run = alive;
      return step(run, () => real[name]!(...args));
    };
  }
  patched.open = (...args: never[]) => {
    const run = alive;
    const open = async () => wrapHandle(run, (await real.open!(...args)) as FileHandle);
    // Opening to read changes nothing.
    return String(args[1] ?? 'r') === 'r' ? (run.dead ? never : open()) : step(run, open);
  };
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, real);
    syncBuiltinESMExports();
  };
}

export interface Outcome {
  readonly died: boolean;
  /** File operations that changed something. */
  readonly operations: number;
}

/**
 * Runs a hot folder on what lies in `base/inbox`, with a flow that writes clips and fails what is named bad, until nothing
 * is left to do or `operations` changes were made.
 */
export async function run(
  base: string,
  options: Partial<HotFolderOptions>,
  operations = Infinity,
  wish?: (desk: Desk) => Promise<unknown>,
): Promise<Outcome> {
  const self = {
    left: operations,
    dead: false,
    done: 0,
    died: () => {},
    pending: new Set<Promise<unknown>>(),
    handles: new Set<FileHandle>(),
  };
  alive = self;
  const died = new Promise<void>((resolve) => {
    self.died = resolve;
  });
  await Promise.race([work(base, options, wish), died]);
  // What the kernel was told before the kill, it does.
  await Promise.allSettled(self.pending);
  await Promise.allSettled([...self.handles].map((handle) => handle.close()));
  return { died: self.dead, operations: self.done };
}

async function work(base: string, options: Partial<HotFolderOptions>, wish?: (desk: Desk) => Promise<unknown>) {
  const inbox = join(base, 'inbox');
  const out = join(base, 'out');
  const settings = parseOptions({ inbox, outDirs: [out], maxInFlight: 2, ...options, probe: async () => undefined });
  const folders = await Folders.resolve(settings);
  await folders.prepare();
  // A module of its own each time: a new process remembers no names that the killed one was writing to.
  const fresh = `../../lib/hotfolder/output-path.ts?${++runs}`;
  const { outputPath } = (await import(fresh)) as typeof import('../../lib/hotfolder/output-path.ts');
  let rest = () => {};
  const idle = new Promise<void>((resolve) => {
    rest = resolve;
  });
  const busy = new Set<Promise<unknown>>();
  const draw = async (job: Job) => {
    const { filing, flights } = desk.rooms;
    if (job.name.startsWith('bad')) {
      const { claim } = flights.land(job.id, 'been failed');
      await filing.failed(claim, new MangaError('BAD_INPUT', 'It is bad.', 'Make it good.'));
      return desk.dispatcher.landed(claim);
    }
    const { path, release } = await outputPath(out, job.name, 'mp4', 'number', job.owner);
    const temporary = `${path}.part`;
    await fs.writeFile(
      temporary,
      createHash('sha256')
        .update(await fs.readFile(job.claimedPath))
        .digest(),
    );
    await fs.rename(temporary, path);
    release();
    const { claim } = flights.land(job.id, 'been completed');
    await filing.done(claim, { outputs: [path] });
    desk.dispatcher.landed(claim);
  };
  const track = <R>(promise: Promise<R>): Promise<R> => {
    busy.add(promise);
    const forget = () => {
      busy.delete(promise);
      if (busy.size === 0) setImmediate(() => busy.size === 0 && rest());
    };
    promise.then(forget, forget);
    return promise;
  };
  const listeners = new Listeners({
    job: (job) => void track(draw(job)),
    state() {},
    problem: (error) => {
      throw error;
    },
  });
  const recipe = async () => ({ version: '1', model: '', settings: null });
  // Nothing here waits for time: a killed run must not wake up again.
  const clock = { now: () => performance.now(), after: () => () => {} };
  const desk = await openDesk({
    folders,
    settings,
    listeners,
    clock,
    recipe,
    track,
    changed() {},
    probe: async () => undefined,
  });
  const candidates = [];
  for (const entry of await fs.readdir(inbox, { withFileTypes: true })) {
    const path = join(inbox, entry.name);
    const stamp = await stampOf(path);
    if (!entry.isFile() || entry.name.startsWith('.') || !stamp) continue;
    const left = desk.rooms.ledger.findLeft(entry.name)?.left;
    if (left?.[1] === stamp.size && left[2] === stamp.mtimeMs && left[3] === stamp.ino) continue;
    const id = newJobId();
    candidates.push({ id, path, relativePath: relative(inbox, path), stamp, mtimeMs: stamp.mtimeMs, enqueuedAt: 1 });
  }
  await track(Promise.resolve(wish?.(desk)));
  desk.dispatcher.enqueue(candidates);
  desk.dispatcher.begin();
  await idle;
  await desk.rooms.ledger.close();
}
