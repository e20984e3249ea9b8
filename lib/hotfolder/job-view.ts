/** A job as pages and messages see it: no paths of this machine but the name below the inbox. */
import { lstat, realpath } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { JobFault, JobRecord, JobState } from '../ledger/types.ts';
import { frameFileName } from '../media/encode-png.ts';
import { isInside } from './folders.ts';
import { readSidecar } from './sidecar.ts';

export interface JobView {
  readonly id: string;
  readonly state: JobState;
  readonly name: string;
  readonly size: number;
  readonly at: number;
  readonly attempts: number;
  readonly milliseconds?: number;
  readonly reason?: JobFault;
  readonly sameAs?: string;
  /** Relative to the root of the routes. */
  readonly thumb: string | null;
  /** The photo, larger, where it was filed away; else the small one. */
  readonly photo: string | null;
  /** How the clip was made. */
  readonly recipe: string | null;
  readonly media: readonly { readonly url: string; readonly type: string }[];
}

const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.webm': 'video/webm',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.png': 'image/png',
  '': 'image/png',
};

function typeOf(output: string): string | undefined {
  return TYPES[extname(output).toLowerCase()];
}

/** @param base of the job's folder's routes: 'motion-manga/hot-folders/<node>' */
export function viewOf(record: JobRecord, base: string, hasThumb: boolean): JobView {
  const { id, state, name, size, at, attempts, milliseconds, fault, sameAs, outputs = [] } = record;
  const url = `${base}/jobs/${id}`;
  const media = outputs.flatMap((output, i) => {
    const type = typeOf(output);
    return type ? [{ url: `${url}/media/${i}`, type }] : [];
  });
  const thumb = hasThumb ? `${url}/thumb` : null;
  const photo = hasThumb ? `${url}/photo` : null;
  const recipe = media.length > 0 ? `${url}/recipe` : null;
  return { id, state, name, size, at, attempts, milliseconds, reason: fault, sameAs, thumb, photo, recipe, media };
}

/**
 * The file of a job's n-th clip, if it may be shown: it is where it was written (no link leads elsewhere), in one of the
 * output folders where these are known, and the sidecar says that it is a clip. Of a folder of frames the first.
 * @returns undefined if it may not, or is not there
 */
export async function mediaFile(
  record: JobRecord,
  n: number,
  outDirs: readonly string[],
): Promise<{ readonly path: string; readonly type: string } | undefined> {
  const output = record.outputs?.[n];
  const type = output === undefined ? undefined : typeOf(output);
  if (output === undefined || type === undefined) return undefined;
  if (outDirs.length > 0 && !outDirs.some((folder) => isInside(output, folder))) return undefined;
  try {
    if ((await realpath(output)) !== output || !(await readSidecar(output))) return undefined;
    const path = (await lstat(output)).isDirectory() ? join(output, frameFileName(0)) : output;
    return (await lstat(path)).isFile() ? { path, type } : undefined;
  } catch {
    return undefined;
  }
}
