/** What the hot folder's routes answer (docs/hot-folder.md), as far as the gallery uses it. */
import type { Recipe } from '../../lib/gallery/clips.ts';
import type { StillView } from '../../lib/gallery/still.ts';

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';

export interface FolderState {
  readonly watching: boolean;
  readonly paused: string | null;
  readonly settling: number;
  readonly queued: number;
  readonly inFlight: number;
  readonly retrying: number;
  /** Since the node was started. */
  readonly done: number;
  readonly failed: number;
  /** Of all jobs that are remembered; absent in the first version of the main package. */
  readonly all?: { readonly done: number; readonly failed: number };
}

export interface Folder {
  readonly node: string;
  readonly name: string;
  readonly state: FolderState;
}

export interface Job {
  readonly id: string;
  readonly state: JobState;
  readonly name: string;
  readonly size?: number;
  readonly at: number;
  readonly attempts?: number;
  readonly milliseconds?: number;
  readonly reason?: { readonly code?: string; readonly cause?: string; readonly hint?: string };
  /** Addresses of the photo, small and large, and of the recipe. */
  readonly thumb?: string | null;
  readonly photo?: string | null;
  readonly recipe?: string | null;
  readonly media?: readonly { readonly url: string; readonly type: string }[];
}

/** One picture of the gallery: a job of a hot folder, or a clip that a flow sent. */
export interface Item {
  readonly key: string;
  readonly name: string;
  readonly state: JobState;
  readonly at: number;
  readonly attempts: number;
  readonly milliseconds?: number;
  readonly bytes?: number;
  readonly reason?: Job['reason'];
  /** Address of the photo, small. */
  readonly thumb?: string;
  /** The same, large enough for the dialog. */
  readonly photo?: string;
  /** Address of what the hot folder knows of how it was made. */
  readonly recipeUrl?: string;
  readonly still?: StillView;
  readonly clip?: { readonly url: string; readonly type: string };
  readonly recipe?: Recipe;
  readonly folder?: string;
  readonly job?: string;
}
