/** Tries an engine in a child process: native code that crashes, hangs or prints hurts nobody there. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { sibling } from '../sibling.ts';
import type { EngineName } from './engine.ts';

export interface ProbeResult {
  /** The engine computed a known result. */
  readonly works: boolean;
  /** Library and version. */
  readonly version: string | null;
  readonly device: string | null;
  /** Why it does not work; null when it works. */
  readonly missing: string | null;
}

const TIMEOUT_SECONDS = 60;
const RESULT_FD = 3;

/** Never rejects: a crash and a time-out are results too. @param environment added to this process's environment */
export function probe(engine: EngineName, environment: Readonly<Record<string, string>> = {}): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [fileURLToPath(sibling('./probe-child', import.meta.url)), engine], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_SECONDS * 1000,
      killSignal: 'SIGKILL',
    });
    let result = '';
    let errors = '';
    child.stdio[RESULT_FD]?.on('data', (chunk: Buffer) => {
      result += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-2000);
    });
    child.on('error', (error) => resolve(failed(`The trial does not start: ${error.message}.`)));
    child.on('close', (code, signal) => {
      if (result) return resolve(JSON.parse(result) as ProbeResult);
      const lastLine = errors.trim().split('\n').at(-1) ?? '';
      resolve(failed(`It crashed when tried (${signal ?? `code ${code}`}). ${lastLine}`.trim()));
    });
  });
}

function failed(missing: string): ProbeResult {
  return { works: false, version: null, device: null, missing };
}
