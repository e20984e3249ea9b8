import type { NodeRecord } from '../lib/plan/config-reader.ts';
import type { TrainerSettings } from '../lib/plan/types.ts';
import { loadRun } from '../lib/training/gan/run-folder.ts';
import { recordOf } from '../lib/training/gan/run-record.ts';

/** Settings that have an option: of a run that goes on, those that are not given stay as they were. */
export const OPTIONAL = ['steps', 'seed', 'batch', 'microBatch', 'from', 'licence'] as const;

/** What a run was begun with, as far as options of the command line change it. */
export interface Begun {
  readonly settings: Pick<TrainerSettings, (typeof OPTIONAL)[number]>;
  readonly engine: 'tensorflow' | 'webgpu';
  /** Folders of the dataset; pages only of datasets of pages. */
  readonly photos?: readonly string[];
  readonly pages?: readonly string[];
}

/**
 * @param folder that a run wrote to
 * @returns undefined when an earlier version wrote its states: they do not tell
 * @throws MangaError MODEL_MISSING, BAD_INPUT
 */
export async function begunWith(folder: string): Promise<Begun | undefined> {
  const record = recordOf(await loadRun(folder));
  if (!record) return undefined;
  const { photos, pages, kind } = record.plan.steps.find(({ block }) => block === 'dataset')?.settings ?? {};
  const { steps, seed, batch, microBatch, from, licence } = record.settings;
  return {
    settings: { steps, seed, batch, microBatch, from, licence },
    engine: record.engine,
    photos: photos as string[] | undefined,
    pages: kind === 'pages' ? (pages as string[]) : undefined,
  };
}

/** Folders for a dataset node: those that are given, else those of the run, where the node could have had them. */
export function foldersFor(
  node: NodeRecord,
  given: Pick<Begun, 'photos' | 'pages'>,
  begun: Begun | undefined,
): Pick<Begun, 'photos' | 'pages'> {
  const takesPages = node.kind === 'photos' || node.kind === 'pages';
  return { photos: given.photos ?? begun?.photos, pages: given.pages ?? (takesPages ? begun?.pages : undefined) };
}
