/** What SessionHost and the worker it starts agree on; free of imports, so that the host loads nothing of the engine. */
import type { SessionOptions } from './types.ts';

/** The file descriptor of the connection, in the worker. */
export const CHANNEL_FD = 3;

/** What the worker gets as its first argument, as JSON. */
export interface WorkerArguments {
  readonly options: SessionOptions;
  readonly generation: number;
}
