#!/usr/bin/env node
/** The command line `motion-manga`: finds the command, tells errors, sets the exit code. */
import { existsSync, readFileSync } from 'node:fs';
import { MangaError } from '../lib/errors/manga-error.ts';

const help = `motion-manga <command> [options]        (motion-manga <command> --help tells more)

  stylize   turn photos into moving manga clips
  video     draw a video, frame by frame, without boiling lines and dots
  scene     several photos to one clip: panels, pages, transitions
  train     train the network on your own photos
  evaluate  measure style, content and stillness of what a checkpoint draws
  worker    draw what hot folders on other machines put into a queue
  doctor    tell which engines work here, and how to mend those that do not
  setup     set up TensorFlow: motion-manga setup tensorflow [--cuda]

  --version, --help
`;

/** Each command takes its arguments and returns the exit code. */
const commands: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>> = {
  stylize: async () => (await import('./stylize.ts')).stylize,
  video: async () => (await import('./video.ts')).video,
  scene: async () => (await import('./scene.ts')).scene,
  train: async () => (await import('./train.ts')).train,
  evaluate: async () => (await import('./evaluate.ts')).evaluate,
  worker: async () => (await import('./worker.ts')).worker,
  doctor: async () => (await import('./doctor.ts')).doctor,
  setup: async () => (await import('./setup.ts')).setup,
};

/** From sources this file is one level below package.json, from dist two. */
function version(): string {
  const file = ['../package.json', '../../package.json']
    .map((name) => new URL(name, import.meta.url))
    .find((url) => existsSync(url));
  return file ? (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version : 'unknown';
}

/** True of mistakes in what was typed, as opposed to things that went wrong. */
function isUsageError(error: unknown): error is Error {
  if (error instanceof MangaError) return error.code === 'BAD_SETTING';
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

async function main([name = '--help', ...args]: readonly string[]): Promise<number> {
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(help);
    return 0;
  }
  if (name === '--version' || name === '-v') {
    process.stdout.write(`${version()}\n`);
    return 0;
  }
  const load = commands[name];
  if (!load) {
    process.stderr.write(`There is no command '${name}'. Commands: ${Object.keys(commands).join(', ')}.\n`);
    return 2;
  }
  try {
    const command = await load();
    return await command(args);
  } catch (error) {
    if (isUsageError(error)) {
      process.stderr.write(`${error.message}\nSee motion-manga ${name} --help.\n`);
      return 2;
    }
    process.stderr.write(`${error instanceof MangaError ? error.message : (error as Error).stack}\n`);
    return 1;
  }
}

// Whoever reads our output may stop early (| head): then there is nobody left to tell.
process.stdout.on('error', () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));
