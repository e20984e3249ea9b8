import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MangaError } from '../../errors/manga-error.ts';

export interface ToolOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Called for each line of the standard output. */
  readonly onLine?: (line: string) => void;
}

/** What to install for a program of the set-up that is missing. */
const PACKAGES: Readonly<Record<string, string>> = { python3: 'python3 python3-pip', 'g++': 'g++' };

/**
 * Runs a program without a shell.
 * @throws MangaError IO with the end of its error output; ENGINE_MISSING with the package to install where it is missing
 */
export function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let errors = '';
    createInterface({ input: child.stdout }).on('line', (line) => options.onLine?.(line));
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-4000);
    });
    child.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return reject(missingTool(program));
      reject(new MangaError('IO', `${program} does not start: ${cause.message}.`, undefined, { cause }));
    });
    child.on('close', (code, signal) => {
      if (code === 0) return resolve();
      const reason = signal ? `was ended by ${signal}` : `failed with code ${code}`;
      reject(new MangaError('IO', `${program} ${args.slice(0, 3).join(' ')} … ${reason}:\n${errors.trim()}\n`));
    });
  });
}

/** The error for a missing program: how to install it. */
export function missingTool(program: string): MangaError {
  const install = `Install it, on Debian and Ubuntu with \`sudo apt-get install ${PACKAGES[program] ?? program}\`, and try again.`;
  return new MangaError(
    'ENGINE_MISSING',
    `The set-up of TensorFlow needs ${program}, which is not on the PATH.`,
    install,
  );
}
