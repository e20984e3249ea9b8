import { Socket } from 'node:net';
import { MangaError } from '../errors/manga-error.ts';
import { SessionCore } from './core.ts';
import { isMethod, METHODS } from './methods.ts';
import type { SessionParts } from './parts.ts';
import { type RpcHandler, serveRpc } from './rpc.ts';
import { CHANNEL_FD, type WorkerArguments } from './worker-contract.ts';

/** Time for running work to end (kill its ffmpeg, remove its temporary files) after the parent has gone. */
const FAREWELL_MS = 2000;
/** The same for a training run, which saves. */
const SAVING_MS = 10_000;

/** Calls the methods of a core for a parent process. */
export function coreHandler(core: SessionCore): RpcHandler {
  return async (name, args, signal) => {
    if (name === 'ping') return true;
    if (!isMethod(name)) throw new MangaError('INTERNAL', `A session has no method '${name}'.`);
    // JSON knows no undefined: absent arguments come as null or not at all.
    const given = Array.from({ length: METHODS[name] }, (_, i) => args[i] ?? undefined);
    const method = core[name] as (...args: unknown[]) => Promise<unknown>;
    return method.call(core, ...given, signal);
  };
}

/** Runs a session in this process, a child started by SessionHost, until the parent ends the connection or is gone. */
export async function serveSession(parts: SessionParts): Promise<never> {
  // Ctrl+C and a closing terminal reach the whole process group; the parent decides when this process ends.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  const { options, generation } = JSON.parse(process.argv[2]!) as WorkerArguments;
  const core = new SessionCore(options, parts, generation);
  const socket = new Socket({ fd: CHANNEL_FD, readable: true, writable: true });
  let exitCode = 0;
  try {
    await serveRpc(socket, coreHandler(core));
  } catch (error) {
    process.stderr.write(`The connection broke: ${(error as Error).message}\n`);
    exitCode = 1;
  }
  const trains = (parts.training?.tensors() ?? 0) > 0;
  setTimeout(() => process.exit(exitCode), trains ? SAVING_MS : FAREWELL_MS);
  await core.close().catch(() => {});
  process.exit(exitCode);
}
