import type { ClipEntry } from '../../lib/gallery/clips.ts';
import type { Folder, Item, Job } from './types.ts';

export interface Answers {
  readonly folders: readonly { readonly folder: Folder; readonly jobs: readonly Job[] }[];
  readonly clips: readonly ClipEntry[];
}

/** Where addresses of jobs begin, and those of the gallery's own clips. */
export interface Addresses {
  readonly url: string;
  readonly site: string;
}

/** Jobs and clips in one list, newest first; a clip of a job adds its recipe to it. */
export function itemsOf({ folders, clips }: Answers, { url, site }: Addresses): Item[] {
  const byJob = new Map(clips.flatMap((clip) => (clip.job ? [[clip.job, clip] as const] : [])));
  const known = new Set<string>();
  const ofJobs = folders.flatMap(({ folder, jobs }) =>
    jobs.map((job): Item => {
      known.add(job.id);
      const [media] = job.media ?? [];
      const photo = job.photo ?? job.thumb;
      return {
        key: job.id,
        name: job.name,
        state: job.state,
        at: job.at,
        attempts: job.attempts ?? 0,
        milliseconds: job.milliseconds,
        bytes: job.size,
        reason: job.reason,
        thumb: job.thumb ? site + job.thumb : undefined,
        photo: photo ? site + photo : undefined,
        recipeUrl: job.recipe ? `${site}${job.recipe}?v=${job.at}` : undefined,
        still: byJob.get(job.id)?.still,
        // A clip drawn again has the same address: its time makes another of it.
        clip: media && { url: `${site}${media.url}?v=${job.at}`, type: media.type },
        recipe: byJob.get(job.id)?.recipe,
        folder: folder.node,
        job: job.id,
      };
    }),
  );
  const own = clips
    .filter((clip) => !clip.job || !known.has(clip.job))
    .map(
      (clip): Item => ({
        // The job may be listed only after its clip has arrived: it is the same picture then.
        key: clip.job ?? clip.id,
        name: clip.name,
        state: 'done',
        at: clip.at,
        attempts: 1,
        milliseconds: Object.values(clip.recipe.timings ?? {}).reduce((sum, each) => sum + each, 0) || undefined,
        clip: { url: `${url}/clips/${clip.id}`, type: clip.type },
        recipe: clip.recipe,
        still: clip.still,
      }),
    );
  return [...ofJobs, ...own].sort((a, b) => b.at - a.at);
}
