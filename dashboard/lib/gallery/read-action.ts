/** Actions of manga-hot-folder that viewers have buttons for. */
export const ACTIONS = ['retry', 'redo', 'cancel', 'pause', 'resume'] as const;
export type Action = (typeof ACTIONS)[number];

export interface Press {
  readonly action: Action;
  /** Id of the hot folder's node. */
  readonly folder: string;
  /** Id of a job; without: all. */
  readonly job?: string;
}

/** What a browser sent, if it is an action. Nobody cancels all jobs by leaving one out. */
export function readAction(message: { readonly [property: string]: unknown } | undefined): Press | undefined {
  const { folder, job } = message ?? {};
  const action = ACTIONS.find((each) => each === message?.action);
  if (!action || typeof folder !== 'string' || !['string', 'undefined'].includes(typeof job)) return undefined;
  if (job === undefined && (action === 'cancel' || action === 'redo')) return undefined;
  return { action, folder, job: job as string | undefined };
}
