/** What the hot folder's routes answer (docs/hot-folder.md), as far as the gallery uses it. */
import type { Recipe } from '../../lib/gallery/clips.ts';

export type JobState = 'waiting' | 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';

export interface FolderState {
  readonly watching: boolean;
  readonly paused: string | null;
  readonly settling: number;
  readonly queued: number;
  readonly inFlight: number;
  readonly retrying: number;
  readonly done: number;
  readonly failed: number;
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
  readonly thumb?: string | null;
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
  /** Address of the photo. */
  readonly photo?: string;
  readonly clip?: { readonly url: string; readonly type: string };
  readonly recipe?: Recipe;
  readonly folder?: string;
  readonly job?: string;
}
