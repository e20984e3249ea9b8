/**
 * The five photos of the protocol SK5-cam, out of the wheel of scikit-image 0.16.2 (29 MB, by the pip of this machine):
 * astronaut, chelsea, coffee, rocket (CC0 or public domain) and motorcycle_left (Middlebury 2014).
 *
 *     node scripts/fetch-sk5.ts FOLDER
 */
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runTool } from '../lib/engines/setup/tool.ts';
import { hashFile, unpackWheel } from '../lib/engines/setup/wheel-files.ts';
import type { Wheel } from '../lib/engines/setup/wheels.ts';

const PHOTOS = ['astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg', 'motorcycle_left.png'];

/** Later wheels leave some of them to be downloaded from elsewhere. */
const WHEEL: Wheel = {
  requirement: 'scikit-image==0.16.2',
  platforms: ['manylinux1_x86_64'],
  sha256: '41e28db0136f29ecd305bef0408fdfc64be9d415e54f5099a95555c65f5c1865',
  bytes: 0,
  members: PHOTOS.map((name) => `skimage/data/${name}`),
};

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('Usage: node scripts/fetch-sk5.ts FOLDER');
  process.exit(2);
}
const temporary = await mkdtemp(join(tmpdir(), 'sk5-'));
try {
  const tags = [
    '--python-version',
    '3.8',
    '--implementation',
    'cp',
    '--abi',
    'cp38',
    '--platform',
    WHEEL.platforms[0]!,
  ];
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-input', '--no-deps', '--only-binary=:all:', ...tags];
  await runTool('python3', [...pip, '--dest', temporary, WHEEL.requirement]);
  const wheel = join(temporary, (await readdir(temporary))[0]!);
  const sha256 = await hashFile(wheel);
  if (sha256 !== WHEEL.sha256)
    throw new Error(`${WHEEL.requirement} has the checksum ${sha256} instead of ${WHEEL.sha256}.`);
  await mkdir(folder, { recursive: true });
  for (const { path } of await unpackWheel(WHEEL, wheel, temporary, () => undefined)) {
    await copyFile(join(temporary, path), join(folder, basename(path)));
    console.log(join(folder, basename(path)));
  }
} finally {
  await rm(temporary, { recursive: true });
}
