/**
 * Makes this machine ready for the tests: programs that they use, and TensorFlow. As root on Debian or Ubuntu missing
 * programs are installed; elsewhere the error says which.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { probe } from '../lib/engines/probe.ts';
import { setupTensorflow } from '../lib/engines/setup/tensorflow.ts';

/** What the tests need, how to see that it is there, and its Debian package. */
const PROGRAMS = [
  { command: ['ffmpeg', '-version'], debian: 'ffmpeg' },
  { command: ['chromium', '--version'], debian: 'chromium' },
  { command: ['python3', '--version'], debian: 'python3' },
  { command: ['python3', '-m', 'pip', '--version'], debian: 'python3-pip' },
  { command: ['g++', '--version'], debian: 'g++' },
  { command: ['redis-server', '--version'], debian: 'redis-server' },
  { command: ['curl', '--version'], debian: 'curl' },
  { command: ['rsync', '--version'], debian: 'rsync' },
  { command: ['fc-list', '--version'], debian: 'fontconfig' },
  // The editor in Chinese and Japanese is measured and looked at: without a font all its letters are the same box.
  { command: ['fc-list', '-q', ':lang=ja'], debian: 'fonts-wqy-microhei' },
  { command: ['fc-list', '-q', ':lang=zh-cn'], debian: 'fonts-wqy-microhei' },
] as const;

/** @throws Error that says what to install; MangaError of the set-up */
export async function prepareTests(): Promise<void> {
  installPrograms();
  // Whatever works is kept: a developer may have set up the CUDA library.
  const { works } = await probe('tensorflow');
  if (!works) await setupTensorflow({ cuda: false, onProgress: (line) => console.log(line) });
}

function installPrograms(): void {
  const packages = missingPackages();
  if (packages.length === 0) return;
  if (process.getuid?.() === 0 && isDebian()) {
    console.log(`Installing ${packages.join(', ')}.`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    for (const args of [
      ['update', '-q'],
      ['install', '-q', '-y', '--no-install-recommends', ...packages],
    ]) {
      spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
    }
  }
  const still = missingPackages();
  if (still.length > 0) {
    const names = still.join(' ');
    throw new Error(`The tests need ${names}. Install them, on Debian and Ubuntu: sudo apt-get install ${names}`);
  }
}

function missingPackages(): string[] {
  const missing = PROGRAMS.filter(({ command: [program, ...args] }) => spawnSync(program, args).status !== 0);
  return [...new Set(missing.map(({ debian }) => debian))];
}

function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}
