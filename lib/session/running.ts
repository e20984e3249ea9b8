import type { EngineProcess } from './engine-process.ts';
import type { RpcClient } from './rpc.ts';

/** One start of a session's process, as its host sees it. */
export interface Running {
  readonly generation: number;
  readonly process: EngineProcess;
  readonly client: RpcClient;
  /** Date.now() */
  readonly startedAt: number;
  /** The connection has ended; the process is about to. */
  disconnected: boolean;
  closing: boolean;
  engineFailed: boolean;
  /** It has a run to save before it ends. */
  trains: boolean;
  /** What the host knows about why the process ends. */
  cause: string;
}
