/**
 * The sidecar of a clip: `<clip>.json` beside it, how it was made. Written before the clip (`state: "writing"`), it holds the
 * clip's name for its job, so that a job tried again after a crash replaces its own clip and no other; written again when
 * the job is done. From the done ones a lost ledger is rebuilt.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobKey, JobRecord, Recipe } from '../ledger/types.ts';
import type { StillView } from '../motion/still-view.ts';
import { exists, writeAtomically } from './move.ts';

export const SIDECAR_ENDING = '.json';

/** Plain JSON in `<clip>.json`. */
export interface Sidecar {
  readonly motionManga: 'clip';
  readonly state: 'writing' | 'done';
  /** Id of the job that owns the name. */
  readonly owner: string;
  /** Id of the job that made the clip; of a done one. */
  readonly job?: string;
  /** The photo: path below the inbox, bytes. */
  readonly source?: string;
  readonly sourceBytes?: number;
  readonly key?: JobKey;
  /** ISO 8601. */
  readonly time: string;
  readonly recipe?: Recipe;
  /** Which frame shows the photo as it stood, and how. */
  readonly still?: StillView;
}

export function sidecarOf(clip: string): string {
  return clip + SIDECAR_ENDING;
}

export function holdingSidecar(owner: string): Sidecar {
  return { motionManga: 'clip', state: 'writing', owner, time: new Date().toISOString() };
}

export function doneSidecar(record: JobRecord, recipe: Recipe | undefined, still?: StillView): Sidecar {
  return {
    motionManga: 'clip',
    state: 'done',
    owner: record.owner ?? record.id,
    job: record.id,
    source: record.name,
    sourceBytes: record.size,
    key: record.key,
    time: new Date(record.at).toISOString(),
    recipe,
    still,
  };
}

/** @throws file system errors */
export function writeSidecar(clip: string, sidecar: Sidecar): Promise<void> {
  return writeAtomically(sidecarOf(clip), `${JSON.stringify(sidecar, null, 2)}\n`);
}

/** @returns undefined where there is none, or one that is not ours */
export async function readSidecar(clip: string): Promise<Sidecar | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(sidecarOf(clip), 'utf8'));
    const { motionManga, owner } = Object(value) as Partial<Sidecar>;
    return motionManga === 'clip' && typeof owner === 'string' ? (value as Sidecar) : undefined;
  } catch {
    return undefined;
  }
}

/** Removes clips that a job owns, with their sidecars; others stay. Never rejects. */
export async function removeClips(clips: readonly string[], owner: string): Promise<void> {
  for (const clip of clips) {
    const sidecar = await readSidecar(clip);
    if (sidecar?.state !== 'writing' || sidecar.owner.split('/')[0] !== owner) continue;
    await rm(clip, { recursive: true, force: true }).catch(() => undefined);
    await rm(sidecarOf(clip), { force: true }).catch(() => undefined);
  }
}

/** What the done sidecars below a folder tell: for a ledger that was lost. Folders that cannot be read tell nothing. */
export async function recordsOf(folder: string): Promise<JobRecord[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const found = new Map<string, JobRecord>();
  for (const entry of entries) {
    if (!entry.isFile() || !entry.name.endsWith(SIDECAR_ENDING)) continue;
    const clip = join(entry.parentPath, entry.name.slice(0, -SIDECAR_ENDING.length));
    const sidecar = await readSidecar(clip);
    if (sidecar?.state !== 'done' || !sidecar.job || !(await exists(clip))) continue;
    const { job: id, source = '', sourceBytes: size = 0, key, owner } = sidecar;
    const outputs = [...(found.get(id)?.outputs ?? []), clip];
    const at = Date.parse(sidecar.time) || 0;
    found.set(id, { id, state: 'done', name: source, size, key, at, attempts: 1, outputs, filed: source, owner });
  }
  return [...found.values()];
}
