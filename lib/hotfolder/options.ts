import * as z from 'zod';
import { MangaError } from '../errors/manga-error.ts';
import { REPEATS, type Recipe, type Repeat } from '../ledger/types.ts';
import { parseSettings } from '../settings/settings.ts';
import type { Clock } from './clock.ts';
import { ORDERS, type Order } from './queue.ts';
import type { Probe } from './types.ts';

export const DONE_ACTIONS = ['move', 'copy', 'leave', 'delete'] as const;
export const POLLING = ['auto', 'yes', 'no'] as const;

/** What a user can set. Times in milliseconds; 2^31-1 ms (24.8 days) is the longest time a timer can wait. */
const longest = 2 ** 31 - 1;
export const hotFolderSchema = z.object({
  inbox: z.string().min(1, 'name the folder to watch'),
  done: z.string().optional(),
  failed: z.string().optional(),
  outDirs: z.array(z.string().min(1)).default([]),
  extensions: z
    .array(z.string().min(1))
    .min(1)
    .default(['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.heic', '.heif']),
  settleMs: z.coerce.number().int().min(20).max(600_000).optional(),
  emptyMs: z.coerce.number().int().min(20).max(longest).default(60_000),
  maxInFlight: z.coerce.number().int().min(1).max(1000).default(1),
  maxAttempts: z.coerce.number().int().min(1).max(1000).default(3),
  jobTimeoutMs: z.coerce.number().int().min(10).max(longest).default(600_000),
  rescanMs: z.coerce.number().int().min(50).max(longest).default(30_000),
  usePolling: z.enum(POLLING).default('auto'),
  doneAction: z.enum(DONE_ACTIONS).default('move'),
  recursive: z.boolean().default(false),
  repeat: z.enum(REPEATS).default('skip'),
  order: z.enum(ORDERS).default('oldest'),
  markers: z.boolean().default(false),
  maxQueue: z.coerce.number().int().min(1).max(1_000_000).default(50_000),
  retries: z.coerce.number().int().min(0).max(1000).default(5),
});

export interface HotFolderOptions {
  /** The folder to watch. Made if it is missing. Files under work wait in its subfolder `.work`. */
  inbox: string;
  /**
   * Where finished originals go. Default: `done` in the inbox, as one folder is one thing to share, lies on one disk (so
   * moves are atomic) and two hot folders never mix. Never watched, wherever it is.
   */
  done?: string;
  /** Where files that failed go, each with `<name>.error.json`. Default: `failed` in the inbox. */
  failed?: string;
  /** Where the flow writes its clips: refused inside the inbox; their sidecars rebuild a ledger that was lost. */
  outDirs?: string[];
  /** Endings of the files to take, case ignored, with or without the dot. Default: the picture formats. */
  extensions?: string[];
  /** Quiet time before a file is taken; grows up to tenfold for slow writers. Default 2000, when polling 10000. */
  settleMs?: number;
  /** A file that stays empty for this long fails. Default 60000. */
  emptyMs?: number;
  /** Jobs handed out at once. Default 1. */
  maxInFlight?: number;
  /** Hand-outs of a file during which the program died, before the file fails. Default 3. */
  maxAttempts?: number;
  /** A job not acknowledged in this time fails. Default 600000 (ten minutes). */
  jobTimeoutMs?: number;
  /** Time between full scans, the safety net for lost events; also when failed moves are tried again. Default 30000. */
  rescanMs?: number;
  /** 'auto' polls on network mounts and where events do not arrive. Default 'auto'. */
  usePolling?: (typeof POLLING)[number];
  /** What happens to the original of a finished job. 'copy' and 'leave' put it back into the inbox, and remember it. Default 'move'. */
  doneAction?: (typeof DONE_ACTIONS)[number];
  /** Watch subfolders too; done and failed keep the structure. Default false. */
  recursive?: boolean;
  /** A picture whose bytes and recipe are done already: 'skip' files it away, 'redo' replaces its clip, 'rename' makes another. Default 'skip'. */
  repeat?: Repeat;
  /** Which waiting file is next. Default 'oldest', by modification time. */
  order?: Order;
  /** A file is taken only when `<name>.done` lies beside it; the marker is removed. Default false. */
  markers?: boolean;
  /** Files kept in the queue; more wait in the folder, and are found when the queue is half empty. Default 50000. */
  maxQueue?: number;
  /** Tries of a job that fails by what may pass (memory, session crashed, file busy), before it fails for good. Default 5. A full disk counts no tries. */
  retries?: number;
  /** What the clips are made by, asked before each job; part of its key. Default: nothing, one recipe for ever. */
  recipe?: () => Recipe | Promise<Recipe>;
  /** Last gate before a file becomes a job; see `pictureProbe`. */
  probe: Probe;
  /** For tests. */
  clock?: Clock;
}

export type Settings = z.infer<typeof hotFolderSchema>;
export type ParsedOptions = Settings & { readonly extensionSet: ReadonlySet<string> };

/** @throws MangaError BAD_SETTING */
export function parseOptions(options: HotFolderOptions): ParsedOptions {
  const settings = parseSettings(hotFolderSchema, options);
  if (typeof options.probe !== 'function')
    throw new MangaError('BAD_SETTING', 'Wrong setting: probe: must be a function.');
  const extensions = settings.extensions.map((text) => text.trim().toLowerCase());
  return { ...settings, extensionSet: new Set(extensions.map((text) => (text.startsWith('.') ? text : `.${text}`))) };
}
