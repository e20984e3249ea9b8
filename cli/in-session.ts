import { SessionHost } from '../lib/session/host.ts';
import { sessionSchema } from '../lib/session/options.ts';
import type { Session, SessionOptions } from '../lib/session/types.ts';

const EXIT_CODES: Readonly<Record<string, number>> = { SIGINT: 130, SIGTERM: 143 };

/** One line for people. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * Runs a command's work in a session of its own. Ctrl+C cancels its calls, and what they began is cleaned up.
 * @returns exit code. @throws what the work throws, unless it was cancelled
 */
export async function inSession(
  options: Pick<SessionOptions, 'engine' | 'model'>,
  work: (session: Session) => Promise<void>,
): Promise<number> {
  // An arena left alone is closed: the first must outlast the work on the others.
  const host = new SessionHost(sessionSchema.parse({ id: 'cli', ...options, idleSeconds: 86_400 }));
  const cancel = new AbortController();
  let code: number | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    // Asked twice: end at once. The session's process sees that and cleans up by itself.
    if (code !== undefined) process.exit(code);
    code = EXIT_CODES[name];
    tell('Cancelling...');
    cancel.abort();
  };
  for (const name of Object.keys(EXIT_CODES)) process.on(name, onSignal);
  try {
    await work(host.with({ signal: cancel.signal }));
    return code ?? 0;
  } catch (error) {
    if (code !== undefined) return code;
    throw error;
  } finally {
    await host.close();
    for (const name of Object.keys(EXIT_CODES)) process.off(name, onSignal);
  }
}
