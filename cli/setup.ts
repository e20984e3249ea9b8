import { parseArgs } from 'node:util';
import { setupTensorflow } from '../lib/engines/setup/tensorflow.ts';
import { MangaError } from '../lib/errors/manga-error.ts';

const help = `motion-manga setup tensorflow [--cuda] [--force]

Fetches the TensorFlow library from the Python package index (checked, cached) and links TensorFlow.js to it.
  --cuda    the one that computes on NVIDIA GPUs
  --force   fetch and compile anew
`;

/** `motion-manga setup tensorflow`. @returns exit code. @throws MangaError BAD_SETTING, ENGINE_MISSING, IO */
export async function setup(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { cuda: { type: 'boolean' }, force: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  if (positionals.length !== 1 || positionals[0] !== 'tensorflow') {
    throw new MangaError('BAD_SETTING', `Set up what? 'tensorflow' can be set up, not '${positionals.join(' ')}'.`);
  }
  await setupTensorflow({
    cuda: values.cuda === true,
    force: values.force === true,
    onProgress: (line) => void process.stderr.write(`${line}\n`),
  });
  return 0;
}
