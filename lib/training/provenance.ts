import { execFileSync } from 'node:child_process';
import { readFileSync, realpathSync } from 'node:fs';
import { basename, isAbsolute, join } from 'node:path';
import { packageRoot } from '../checkpoint/shipped.ts';

/** What trained a checkpoint: the commit in a checkout of this repository, else the package's version. */
export function programVersion(): string {
  const root = packageRoot();
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // An installed package may lie in a checkout of something else.
    const [top, commit] = git('rev-parse', '--show-toplevel', 'HEAD').split('\n');
    if (realpathSync(top!) === realpathSync(root)) return commit!;
  } catch {
    // No git, or no checkout.
  }
  const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, string>;
  return `${name} ${version}`;
}

/** A path in the midst of a text, such as a list of what was skipped. */
const PATH_IN_TEXT = /(?:[A-Za-z]:)?(?:[\\/][^\s\\/:]+)+[\\/]([^\s\\/:]+)/g;

/** A recipe as JSON without the paths of the machine that trained by it: only their last names. */
export function withoutPaths<R>(recipe: R): R {
  return JSON.parse(
    JSON.stringify(recipe, (_key, value) => {
      if (typeof value !== 'string') return value;
      return isAbsolute(value) ? basename(value) : value.replaceAll(PATH_IN_TEXT, '$1');
    }),
  );
}
