import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { packageRoot } from './checkpoint/shipped.ts';
import { MangaError } from './errors/manga-error.ts';

const PREFIX = 'sample:';

/**
 * What comes with this package, to try it without pictures of one's own: `sample:photos/nagasaki.jpg`. samples/README.md lists them.
 * @returns absolute path of a sample; undefined for every other path
 * @throws MangaError BAD_INPUT when there is no such sample
 */
export function samplePath(path: string): string | undefined {
  if (!path.startsWith(PREFIX)) return undefined;
  const name = normalize(path.slice(PREFIX.length));
  const file = join(packageRoot(), 'samples', name);
  if (!name.startsWith('..') && existsSync(file)) return file;
  throw new MangaError(
    'BAD_INPUT',
    `No sample is called ${path}.`,
    'There are sample:photos, sample:pages, sample:videos.',
  );
}

/** Folder of the five photos that come with this package. */
export function samplePhotos(): string {
  return join(packageRoot(), 'samples', 'photos');
}
